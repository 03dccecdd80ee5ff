import { DatabaseError } from '../errors.ts'
import type { Host } from './host.ts'

/** The libp2p node of a tab: WebSockets and WebRTC-direct to relays, WebRTC to other nodes. */
export function createBrowserHost(): Promise<Host> {
  return Promise.reject(new DatabaseError('UNSUPPORTED', 'the network is not built yet', { feature: 'p2p' }))
}

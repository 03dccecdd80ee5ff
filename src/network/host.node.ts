import { DatabaseError } from '../errors.ts'
import type { Host } from './host.ts'

/** The libp2p node of a Node process: TCP and WebSockets, and WebRTC to tabs. */
export function createNodeHost(): Promise<Host> {
  return Promise.reject(new DatabaseError('UNSUPPORTED', 'the network is not built yet', { feature: 'p2p' }))
}

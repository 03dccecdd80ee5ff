import type { AttachNetwork } from '../database/replica.ts'
import { createBrowserHost } from './host.browser.ts'
import { attachNetwork } from './network.ts'
import type { P2POptions } from './options.ts'

/** The network of a tab. A module of its own, so that libp2p is loaded only where it is wanted. @throws INVALID_ADDRESS */
export function attachBrowserNetwork(options: P2POptions): AttachNetwork {
  return attachNetwork(options, createBrowserHost)
}

import type { AttachNetwork } from '../database/replica.ts'
import { createNodeHost } from './host.node.ts'
import { attachNetwork } from './network.ts'
import type { P2POptions } from './options.ts'

/** The network of a Node process. A module of its own, so that libp2p is loaded only where it is wanted. @throws INVALID_ADDRESS */
export function attachNodeNetwork(options: P2POptions): AttachNetwork {
  return attachNetwork(options, createNodeHost)
}

import type { AttachNetwork } from '../database/replica.ts'
import { DatabaseError } from '../errors.ts'
import type { HostFactory } from './host.ts'
import type { P2POptions } from './options.ts'

/**
 * The network of a database: `host` makes the libp2p node of the platform (`host.browser.ts`, `host.node.ts`). The addresses in `options` are checked
 * here, before anything is started; the returned function starts the node and returns without waiting for relays or peers.
 * @throws INVALID_ADDRESS
 */
export function attachNetwork(options: P2POptions, host: HostFactory): AttachNetwork {
  return () =>
    Promise.reject(
      new DatabaseError('UNSUPPORTED', `the network is not built yet (${String(host)}, ${String(options)})`, { feature: 'p2p' }),
    )
}

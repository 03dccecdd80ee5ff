import type { ConnectionGater, Libp2p, MultiaddrConnection } from '@libp2p/interface'

import type { Clock } from '../src/util/clock.ts'
import { createAllowances } from './allowance.ts'
import { MAX_REMEMBERED_PEERS, PENDING_TIMEOUT, type RelayLimits } from './options.ts'
import { shortPeer } from './short-peer.ts'
import type { Reason, Tally } from './tally.ts'

/** Who may connect. The library has limits of the same kind, and refuses without a word; so these stand before them. */
export interface Gate {
  readonly gater: Pick<ConnectionGater, 'denyInboundConnection' | 'denyInboundEncryptedConnection'>
  /** Connections that are being made. */
  pending(): number
  /** Lets the gate see the connections there are. */
  watch(node: Pick<Libp2p, 'getConnections'>): void
}

export interface GateParts {
  readonly limits: RelayLimits
  readonly isAllowed: (peer: string) => boolean
  readonly tally: Tally
  readonly clock: Pick<Clock, 'now'>
}

export function createGate({ limits, isAllowed, tally, clock }: GateParts): Gate {
  const perSecond = limits.connectionsPerSecond
  const byAddress = createAllowances({ burst: Math.max(1, perSecond), perSecond }, MAX_REMEMBERED_PEERS, clock)
  /** Since when. */
  const pending = new Map<MultiaddrConnection, number>()
  // Nobody is connected before there is a node, though somebody may connect while it starts.
  let connections: Pick<Libp2p, 'getConnections'>['getConnections'] = () => []

  function countPending(): number {
    const old = clock.now() - PENDING_TIMEOUT
    for (const [connection, since] of pending) if (since < old || connection.timeline.close !== undefined) pending.delete(connection)
    return pending.size
  }

  function whyNotAtAll(address: string): Reason | undefined {
    if (!byAddress.of(address).take()) return 'connections-of-address'
    if (countPending() >= limits.pendingConnections) return 'connections-pending'
    if (connections().length + pending.size >= limits.connections) return 'connections-in-all'
    return undefined
  }

  return {
    pending: countPending,
    watch: (node) => {
      connections = (peer) => node.getConnections(peer)
    },
    gater: {
      denyInboundConnection: (connection) => {
        const address = hostOf(connection)
        const reason = whyNotAtAll(address)
        if (reason === undefined) pending.set(connection, clock.now())
        else tally.note(reason, address)
        return reason !== undefined
      },
      denyInboundEncryptedConnection: (peerId, connection) => {
        pending.delete(connection)
        const peer = peerId.toString()
        const isFull = connections(peerId).length >= limits.connectionsPerPeer
        const reason: Reason | undefined = !isAllowed(peer) ? 'not-allowed' : isFull ? 'connections-of-peer' : undefined
        // Who is refused may be somebody to let in: his whole ID is what goes into the list.
        if (reason !== undefined) tally.note(reason, reason === 'not-allowed' ? peer : shortPeer(peer))
        return reason !== undefined
      },
    },
  }
}

/** The IP address of the other side. */
function hostOf(connection: MultiaddrConnection): string {
  return connection.remoteAddr.getComponents()[0]?.value ?? 'unknown'
}

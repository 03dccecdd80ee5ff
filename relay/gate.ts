import type { ConnectionGater, Libp2p, MultiaddrConnection } from '@libp2p/interface'

import type { Clock } from '../src/util/clock.ts'
import { byAge } from '../src/network/connections.ts'
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
        if (!isAllowed(peer)) {
          // Who is refused may be somebody to let in: his whole ID is what goes into the list.
          tally.note('not-allowed', peer)
          return true
        }
        // Of a peer that changes its network again and again the old connections are dead, and look alive for a while: the newest is the true one.
        const own = connections(peerId).toSorted(byAge)
        for (const oldest of own.slice(0, Math.max(0, own.length - limits.connectionsPerPeer + 1))) {
          tally.note('connections-of-peer', shortPeer(peer))
          oldest.abort(new Error('this peer has opened newer connections'))
        }
        return false
      },
    },
  }
}

/** The IP address of the other side. */
function hostOf(connection: MultiaddrConnection): string {
  return connection.remoteAddr.getComponents()[0]?.value ?? 'unknown'
}

import process from 'node:process'

import type { Libp2p } from '@libp2p/interface'

import { linkOf } from '../src/network/addresses.ts'
import { systemClock } from '../src/util/clock.ts'
import { versionOfPackage } from '../src/util/version-of-package.node.ts'
import type { Circuits, CircuitStats } from './circuits.ts'
import type { Gate } from './gate.ts'
import type { Invitation } from './invitation.ts'
import type { RelayLimits } from './options.ts'
import type { StunService } from './stun.ts'
import type { Reason, Tally } from './tally.ts'
import type { WhoServer } from './who.ts'

/** A peer that is connected to the relay. */
export interface ConnectedPeer {
  readonly peer: string
  /** How it is connected: `websocket`, `webrtc-direct`. */
  readonly link: string
  readonly seconds: number
  /** Topics it is in; `undefined` when it has not joined. */
  readonly topics: number | undefined
  readonly circuits: number
}

/** The state of a relay at one moment. */
export interface RelayReport extends CircuitStats {
  readonly version: string
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly invitation: Invitation
  readonly uptimeSeconds: number
  readonly connections: number
  readonly pendingConnections: number
  readonly topics: number
  readonly members: number
  readonly stunPort: number | undefined
  readonly stunAnswered: number
  /** What was refused, cut and dropped since the start. */
  readonly refused: Readonly<Record<Reason, number>>
  readonly limits: RelayLimits
  /** How far the limits are used for which that can be said at one moment, from 0 to 1; those of a peer, by the one that uses most. */
  readonly used: Partial<Readonly<Record<keyof RelayLimits, number>>>
  readonly peers: readonly ConnectedPeer[]
  readonly memoryBytes: number
  readonly heapBytes: number
}

export interface ReporterParts {
  readonly node: Pick<Libp2p, 'getConnections' | 'peerId'>
  readonly gate: Pick<Gate, 'pending'>
  readonly circuits: Pick<Circuits, 'stats' | 'circuitsOf' | 'bytesUsed'>
  readonly who: Pick<WhoServer, 'stats' | 'topicsOf'>
  readonly stun: Pick<StunService, 'port' | 'answered'> | undefined
  readonly tally: Pick<Tally, 'counts'>
  readonly limits: RelayLimits
  readonly addresses: () => readonly string[]
  readonly invitation: () => Invitation
}

/** The uptime counts from this call. */
export function createReporter(parts: ReporterParts): () => Promise<RelayReport> {
  const { node, gate, circuits, who, stun, tally, limits, addresses, invitation } = parts
  const started = systemClock.now()
  let version: string | undefined

  function peers(): readonly ConnectedPeer[] {
    const now = Date.now()
    return node.getConnections().map(({ remotePeer, remoteAddr, timeline }) => {
      const peer = remotePeer.toString()
      const seconds = Math.round((now - timeline.open) / 1000)
      return { peer, link: linkOf(remoteAddr), seconds, topics: who.topicsOf(peer), circuits: circuits.circuitsOf(peer) }
    })
  }

  return async () => {
    version ??= await versionOfPackage()
    const { topics, members } = who.stats()
    const carried = circuits.stats()
    const connected = peers()
    const connections = connected.length
    const { rss, heapUsed } = process.memoryUsage()
    return {
      version,
      peerId: node.peerId.toString(),
      addresses: addresses(),
      invitation: invitation(),
      uptimeSeconds: Math.round((systemClock.now() - started) / 1000),
      connections,
      pendingConnections: gate.pending(),
      ...carried,
      topics,
      members,
      stunPort: stun?.port,
      stunAnswered: stun?.answered() ?? 0,
      refused: tally.counts(),
      limits,
      used: {
        connections: connections / limits.connections,
        connectionsPerPeer:
          most([...Map.groupBy(connected, ({ peer }) => peer).values()].map(({ length }) => length)) / limits.connectionsPerPeer,
        pendingConnections: gate.pending() / limits.pendingConnections,
        reservations: carried.reservations / limits.reservations,
        circuits: carried.circuits / limits.circuits,
        circuitsPerPeer: most(connected.map((peer) => peer.circuits)) / limits.circuitsPerPeer,
        bytesPerSecond: circuits.bytesUsed(),
      },
      peers: connected,
      memoryBytes: rss,
      heapBytes: heapUsed,
    }
  }
}

function most(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0)
}

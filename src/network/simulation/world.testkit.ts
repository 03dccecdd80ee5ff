import type { PeerId } from '@libp2p/interface'

import type { Chance } from './chance.testkit.ts'
import type { Internet } from './internet.testkit.ts'
import type { Life, Machine } from './machine.testkit.ts'
import type { SimulatedConnection } from './simulated-connection.testkit.ts'
import type { SimulatedStream } from './simulated-stream.testkit.ts'
import type { Trace } from './trace.testkit.ts'
import type { Traffic } from './traffic.testkit.ts'
import type { VirtualTime } from './virtual-time.testkit.ts'

/** What all nodes of a simulation share. */
export interface World {
  readonly time: VirtualTime
  readonly internet: Internet
  readonly machines: readonly Machine[]
  /** Turns of the transports. */
  readonly chance: Chance
  readonly trace: Trace
  readonly traffic: Traffic
  readonly habits: TransportHabits
  /** Who listens on which machine, by its index. */
  readonly endpoints: Map<number, Endpoint>
  /** A number that nobody has had. */
  nextId(): number
}

/** How the transports of a simulation behave. */
export interface TransportHabits {
  /** Bytes a stream has under way before it asks its user to wait. */
  readonly window: number
  /** Share of new streams that get stuck for good. */
  readonly stuckStreams: number
  /** Milliseconds for which a node that starts is reachable, before its protocols are there. */
  readonly startup: number
}

export type StreamHandler = (stream: SimulatedStream, connection: SimulatedConnection) => void

/** The libp2p node of one process, as others on the net meet it. */
export interface Endpoint {
  readonly index: number
  readonly peerId: PeerId
  readonly life: Life
  readonly connections: Set<SimulatedConnection>
  readonly handlers: Map<string, { readonly handler: StreamHandler; readonly mostInbound: number }>
  /** Told of a connection that opens or closes. */
  onConnection(connection: SimulatedConnection, event: 'open' | 'close'): void
  /** Something has come on a gossip stream of a connection. */
  onGossip(connection: SimulatedConnection, message: GossipPacket): void
  isRefused(peer: PeerId): boolean
}

/** What goes over gossip streams: which topics somebody follows from now on, or a message. */
export type GossipPacket =
  | { readonly kind: 'topics'; readonly topics: readonly string[] }
  | { readonly kind: 'message'; readonly topic: string; readonly data: Uint8Array }

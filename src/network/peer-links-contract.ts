import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

import type { Clock } from '../util/clock.ts'
import type { Randomness } from '../util/randomness.ts'
import type { PeerAddress } from './addresses.ts'
import type { Attempt } from './attempt-log.ts'
import type { Host } from './host.ts'
import type { Whereabouts } from './relay-links.ts'
import type { Bye, SyncSession } from './sync-session.ts'

/*
 * One connection and one session for each peer.
 *
 * Of two nodes the one with the smaller peer ID leads: it dials, it opens the sync stream, and where there are several connections it keeps the best and
 * closes the rest. The other follows; only when nothing has come for a while, it dials too. So two dials seldom race, and when they do, one side alone
 * decides. A connection through a relay carries the session when a direct one takes long, until one is there.
 */
export interface PeerLinks {
  /** Takes over the connections that came in while the host was starting. */
  start(): void
  sessions(): readonly SyncSession[]
  /** A relay says that a peer is there, as a new run perhaps. */
  onPresent(peer: string): void
  /** A relay says that a peer has left. */
  onGone(peer: string): void
  /** Keeps a peer dialled at this address. Resolves to its session; rejects with what libp2p says when it cannot be reached. */
  connect(address: PeerAddress, signal: AbortSignal): Promise<SyncSession>
  /** Dials a peer at this address, once; what becomes of the connection later is not its business. */
  connectOnce(address: PeerAddress, signal: AbortSignal): Promise<SyncSession>
  /** Resolves to the session of a peer once there is one, however it comes about. */
  expect(peer: string, signal: AbortSignal): Promise<SyncSession>
  /** As `connect`, without a wait. */
  keepDialling(address: PeerAddress): void
  /** What is known of the way to a peer. */
  wayTo(peer: string): WayToPeer
  /** Parts from a peer; false when it is not connected. There is no session with it any more until `connect`. */
  disconnect(peer: string): Promise<boolean>
  /** Gives up all connections of a peer at once. */
  drop(peer: string, reason: string): void
  /** A peer is not refused any more: it is dialled where it is known to be. */
  reconsider(peer: string): void
  /** The page is back: what waits is tried at once. */
  wake(): void
  /** The page goes. */
  leave(): void
  close(): Promise<void>
}

export interface WayToPeer {
  /** This side dials. */
  readonly dials: boolean
  readonly isParted: boolean
  readonly addresses: readonly Multiaddr[]
  readonly attempt: Attempt | undefined
}

export interface PeerLinksOptions {
  readonly localCandidates?: Host['localCandidates']
  readonly node: Libp2p
  readonly isRelay: (peer: string) => boolean
  readonly relayedData: boolean
  readonly whereIs: (peer: string) => readonly Whereabouts[]
  readonly isRefused: (peer: string) => boolean
  readonly openSession: (stream: Stream, connection: Connection) => SyncSession
  /** The peer is connected; `before` is its session until now, when it had one. */
  readonly onSession: (session: SyncSession, before: SyncSession | undefined) => void
  /** A reason is given when one of both has enough other peers. */
  readonly onGone: (peer: string, reason: string | undefined) => void
  /** Whether anything is replicated to a peer, so that it always has a place. */
  readonly isReplicatedTo: (peer: string) => boolean
  /** How many peers there may be, and from how many on none is dialled. */
  readonly places: { readonly most: number; readonly dialled: number }
  readonly clock: Clock
  readonly randomness: Randomness
}

export interface PeerLinksWithEvents extends PeerLinks {
  /** To be called by the sessions' owner. */
  onReady(session: SyncSession): void
  onBye(session: SyncSession, reason: Bye): void
  onClosed(session: SyncSession): void
}

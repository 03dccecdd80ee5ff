import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

import { isDirect } from './connections.ts'
import type { IdleConnections } from './idle-connections.ts'
import type { PeerDialer } from './peer-dialer.ts'
import type { PlaceHolder } from './places.ts'
import type { SyncSession } from './sync-session.ts'

/** What `peer-links.ts` keeps of one peer. */
export interface LinkedPeer {
  readonly peer: string
  readonly peerId: PeerId
  /** This node decides for both. */
  readonly isLed: boolean
  readonly dialer: PeerDialer
  readonly addresses: Map<string, Multiaddr>
  session: SyncSession | undefined
  /** Sessions on which no hello has come yet, or that are being replaced. */
  readonly opened: Set<SyncSession>
  /** The connection on which a stream is being opened. */
  opening: Connection | undefined
  /** How often the peer did not speak the sync protocol on a connection. Once can be too early: it may just be starting. */
  readonly refusals: WeakMap<Connection, number>
  readonly idle: IdleConnections
  relayedSince: number | undefined
  /** A run of the peer that has said bye: it is not dialled. */
  departed: Uint8Array | undefined
  /** Why it goes, when it has lost its place or has none for this node. */
  parting: string | undefined
  /** The user parted from it. */
  isParted: boolean
  readonly waiting: Set<(session: SyncSession) => void>
}

/** A connection on which the peer has refused to speak the sync protocol so often is of no use. */
const MOST_REFUSALS = 2

/** Whether a connection carries no session, not even one that begins. */
export function isIdle(peer: LinkedPeer, connection: Connection): boolean {
  const isBusy = [peer.session, ...peer.opened].some((session) => session?.connection === connection)
  return connection.status === 'open' && !isBusy && !isUseless(peer, connection)
}

export function isUseless({ refusals }: LinkedPeer, connection: Connection): boolean {
  return (refusals.get(connection) ?? 0) >= MOST_REFUSALS
}

/** A connected peer, as far as its place is concerned. */
export function placeHolderOf({ peer, session }: LinkedPeer, isKept: boolean): readonly PlaceHolder[] {
  if (session === undefined) return []
  const { since, neighbourCount, connection } = session
  return [{ peer, isKept, shared: session.shared().length, isDirect: isDirect(connection), neighbours: neighbourCount, since }]
}

import type { Connection, Libp2p, Stream } from '@libp2p/interface'

import type { Replica } from '../database/replica.ts'
import type { Clock } from '../util/clock.ts'
import { createListeners } from '../util/listeners.ts'
import { createClaims } from './claims.ts'
import { syncDocuments, type DocumentSyncOptions } from './document-sync.ts'
import { createFrameBudget } from './frames.ts'
import { createGossip } from './gossip.ts'
import type { HostServices } from './host.ts'
import type { Interests, SharedCollection } from './interests.ts'
import { CROWD, LARGE_FRAMES_BUDGET, MAX_NEIGHBOURS } from './limits.ts'
import { startLive } from './live.ts'
import type { Offence } from './offences.ts'
import { createRoots, type Roots } from './roots.ts'
import type { Subscriptions } from './subscriptions.ts'
import { openSyncSession, type Bye, type SyncParts, type SyncSession } from './sync-session.ts'
import { createTreeExchange } from './tree-exchange.ts'

/** Keeps this node and its peers the same: sessions with each, live commits to all, comparisons now and then. */
export interface Sync {
  /** Starts a session on a fresh stream; it counts once the peer's hello is here. */
  open(stream: Stream, connection: Connection): SyncSession
  /** The collections, subscriptions or replicators of this node have changed. */
  refresh(): void
  /** Those that count. */
  sessions(): readonly SyncSession[]
  readonly roots: Roots
  /**
   * Fetches what connected peers have of some documents, and those that connect meanwhile. Resolves once each was found and all who were asked have answered, or when the
   * signal fires; to those that nobody had.
   */
  syncDocuments(collection: SharedCollection, docIds: readonly string[], options: DocumentSyncOptions): Promise<readonly string[]>
  close(): void
}

export interface SyncOptions {
  readonly node: Libp2p<HostServices>
  readonly replica: Replica
  readonly interests: Interests
  readonly subscriptions: Subscriptions
  /** Whether a collection is replicated to a peer. */
  readonly pushes: (peer: string, collectionId: string) => boolean
  /** Whether a collection is replicated to anybody. */
  readonly isReplicated: (collectionId: string) => boolean
  /** Whether nothing of a peer is to be taken any more. */
  readonly isRefused: (peer: string) => boolean
  readonly run: Uint8Array
  readonly clock: Clock
  readonly onReady: (session: SyncSession) => void
  readonly onChange: (session: SyncSession) => void
  readonly onStanding: (session: SyncSession) => void
  /** A collection has changed, or rests and its fingerprint is known. */
  readonly onRest: (collectionId: string) => void
  readonly onBye: (session: SyncSession, reason: Bye) => void
  readonly onClose: (session: SyncSession) => void
  readonly onOffence: (peer: string, offence: Offence, reason: string) => void
  /** See `CROWD`. */
  readonly crowd?: number | undefined
}

export function createSync(options: SyncOptions): Sync {
  const { node, replica, interests, subscriptions, clock, onOffence } = options
  const ready = new Map<string, SyncSession>()
  const open = new Set<SyncSession>()
  /** Tells of peers that have said which collections they have. */
  const arrivals = createListeners<SyncSession>()
  const reconciler = createTreeExchange(replica)
  const roots = createRoots({
    reconciler,
    clock,
    isNeeded: (collectionId) => {
      const collection = interests.byId(collectionId)
      if (collection === undefined) return false
      return (
        collection.isWanted || options.isReplicated(collectionId) || [...ready.values()].some((session) => session.takesAll(collection))
      )
    },
    onSettled: (collectionId, root) => {
      const collection = interests.byId(collectionId)
      if (collection === undefined) return
      for (const session of ready.values()) session.tellRoot(collection, root)
      options.onRest(collectionId)
    },
  })
  const parts: SyncParts = {
    replica,
    reconciler,
    interests,
    subscriptions,
    pushes: options.pushes,
    isRefused: options.isRefused,
    roots,
    claims: createClaims(),
    budget: createFrameBudget(LARGE_FRAMES_BUDGET),
    clock,
    run: options.run,
  }
  const gossip = createGossip({ node, gossipsub: node.services.gossip, replica, sessionOf: (peer) => ready.get(peer), onOffence })
  const stopLive = startLive({ replica, interests, sessions: () => [...ready.values()], gossip, crowd: options.crowd ?? CROWD })
  const stopTouching = replica.onCommits(({ collectionId }) => {
    roots.touch(collectionId)
    options.onRest(collectionId)
  })

  function tellNeighbours(): void {
    for (const session of ready.values()) {
      const others = [...ready.values()].filter((other) => other !== session)
      session.tellNeighbours(others.slice(0, MAX_NEIGHBOURS).map(({ name }) => name))
    }
  }

  function refresh(): void {
    const collections = interests.all()
    gossip.follow(collections.filter(({ isWanted }) => isWanted))
    // So that the first hello can tell them.
    for (const { collectionId } of collections) if (roots.last(collectionId) === undefined) roots.touch(collectionId)
    // Also those on which no hello has come yet: ours has left with what was known then.
    for (const session of open) session.tellInterests()
  }

  refresh()
  return {
    open: (stream, connection) => {
      const opened = openSyncSession(stream, connection, parts, {
        onReady: (session) => {
          ready.set(session.peer, session)
          tellNeighbours()
          options.onReady(session)
        },
        onChange: options.onChange,
        onStanding: (session) => {
          options.onStanding(session)
          arrivals.tell(session)
        },
        onBye: options.onBye,
        onSilent: (session) => session.connection.abort(new Error('the peer does not answer')),
        onClose: (session) => {
          open.delete(session)
          if (ready.get(session.peer) === session) {
            ready.delete(session.peer)
            tellNeighbours()
          }
          options.onClose(session)
        },
        onOffence: (offence, reason) => onOffence(connection.remotePeer.toString(), offence, reason),
      })
      open.add(opened)
      return opened
    },
    refresh,
    sessions: () => [...ready.values()],
    roots,
    syncDocuments: (...asked) => syncDocuments({ sessions: () => [...ready.values()], onArrival: arrivals.add }, ...asked),
    close: () => {
      stopLive()
      stopTouching()
      roots.close()
    },
  }
}

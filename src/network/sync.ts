import type { Connection, Libp2p, Stream } from '@libp2p/interface'

import type { Replica } from '../database/replica.ts'
import type { Clock } from '../util/clock.ts'
import { createClaims } from './claims.ts'
import { createFrameBudget } from './frames.ts'
import { createGossip } from './gossip.ts'
import { createHeadsExchange } from './heads-exchange.ts'
import type { HostServices } from './host.ts'
import type { Interests } from './interests.ts'
import { CROWD, LARGE_FRAMES_BUDGET, MAX_NEIGHBOURS } from './limits.ts'
import { startLive } from './live.ts'
import type { Offence } from './offences.ts'
import { createRoots } from './roots.ts'
import { openSyncSession, type Bye, type SyncParts, type SyncSession } from './sync-session.ts'

/** Keeps this node and its peers the same: sessions with each, live commits to all, comparisons now and then. */
export interface Sync {
  /** Starts a session on a fresh stream; it counts once the peer's hello is here. */
  open(stream: Stream, connection: Connection): SyncSession
  /** The collections of this node have changed. */
  refresh(): void
  close(): void
}

export interface SyncOptions {
  readonly node: Libp2p<HostServices>
  readonly replica: Replica
  readonly interests: Interests
  readonly run: Uint8Array
  readonly clock: Clock
  readonly onReady: (session: SyncSession) => void
  readonly onChange: (session: SyncSession) => void
  readonly onBye: (session: SyncSession, reason: Bye) => void
  readonly onClose: (session: SyncSession) => void
  readonly onOffence: (peer: string, offence: Offence, reason: string) => void
  /** See `CROWD`. */
  readonly crowd?: number | undefined
}

export function createSync(options: SyncOptions): Sync {
  const { node, replica, interests, clock, onOffence } = options
  const ready = new Map<string, SyncSession>()
  const reconciler = createHeadsExchange(replica)
  const roots = createRoots(reconciler, clock, (collectionId, root) => {
    const collection = interests.byId(collectionId)
    if (collection === undefined) return
    for (const session of ready.values()) session.tellRoot(collection, root)
  })
  const parts: SyncParts = {
    replica,
    reconciler,
    interests,
    roots,
    claims: createClaims(),
    budget: createFrameBudget(LARGE_FRAMES_BUDGET),
    clock,
    run: options.run,
  }
  const gossip = createGossip({ node, gossipsub: node.services.gossip, replica, sessionOf: (peer) => ready.get(peer), onOffence })
  const stopLive = startLive({ replica, interests, sessions: () => [...ready.values()], gossip, crowd: options.crowd ?? CROWD })
  const stopTouching = replica.onCommits(({ collectionId }) => roots.touch(collectionId))

  function tellNeighbours(): void {
    for (const session of ready.values()) {
      const others = [...ready.values()].filter((other) => other !== session)
      session.tellNeighbours(others.slice(0, MAX_NEIGHBOURS).map(({ name }) => name))
    }
  }

  function refresh(): void {
    const collections = interests.all()
    gossip.follow(collections)
    // So that the first hello can tell them.
    for (const { collectionId } of collections) if (roots.last(collectionId) === undefined) roots.touch(collectionId)
    for (const session of ready.values()) session.tellInterests()
  }

  refresh()
  return {
    open: (stream, connection) =>
      openSyncSession(stream, connection, parts, {
        onReady: (session) => {
          ready.set(session.peer, session)
          tellNeighbours()
          options.onReady(session)
        },
        onChange: options.onChange,
        onBye: options.onBye,
        onSilent: (session) => session.connection.abort(new Error('the peer does not answer')),
        onClose: (session) => {
          if (ready.get(session.peer) === session) {
            ready.delete(session.peer)
            tellNeighbours()
          }
          options.onClose(session)
        },
        onOffence: (offence, reason) => onOffence(connection.remotePeer.toString(), offence, reason),
      }),
    refresh,
    close: () => {
      stopLive()
      stopTouching()
      roots.close()
      reconciler.close()
    },
  }
}

import { cidKey } from '../block/cid.ts'
import { documentOf, packReplicated, type ReplicatedCommit } from '../block/replicated-commit.ts'
import type { CommitBatch, Replica } from '../database/replica.ts'
import type { Arrival } from './commit-receiver.ts'
import type { Gossip } from './gossip.ts'
import type { Interests, SharedCollection } from './interests.ts'
import { DOCUMENTS_PER_PAGE } from './limits.ts'
import type { SyncSession } from './sync-session.ts'

export interface LiveOptions {
  readonly replica: Pick<Replica, 'onCommits'>
  readonly interests: Interests
  /** Sessions that are ready. */
  readonly sessions: () => readonly SyncSession[]
  readonly gossip: Gossip
  /** Up to this many peers are sent to directly. */
  readonly crowd: number
}

/** Commits that are to go the same way. */
interface Bundle {
  readonly collectionId: string
  readonly source: string | undefined
  readonly arrival: Arrival
  readonly commits: ReplicatedCommit[]
}

/**
 * Passes commits on as they are stored, to those who take them: subscribers to the collection, targets of replicators, and followers of the document.
 *
 * - In a small group each peer is sent every commit over its sync stream, and nobody twice: a commit of A that reaches B goes on to C only when A does not
 *   send to C itself, which A tells its neighbours. Measured between two nodes: 0.3 ms for a commit, against 0.4 with unsigned and 0.8 with signed gossip,
 *   at half the work; and gossip in a small mesh sends everything several times.
 * - In a crowd that would be a copy to everyone from each writer: there gossip carries it, and the sync streams serve those that gossip does not reach.
 * - What came as an answer to a comparison is not passed on to those who compare too: roots tell once it rests. Followers of a document compare nothing.
 *
 * Returns the function that ends it.
 */
export function startLive({ replica, interests, sessions, gossip, crowd }: LiveOptions): () => void {
  let bundles = new Map<string, Bundle>()

  function onBatch({ collectionId, commits, peer: source }: CommitBatch): void {
    const session = source === undefined ? undefined : sessions().find(({ peer }) => peer === source)
    for (const commit of commits) {
      const arrival = session?.arrivalOf(cidKey(commit.composite.cid)) ?? 'live'
      if (bundles.size === 0) queueMicrotask(flush)
      const key = `${collectionId} ${source ?? ''} ${arrival}`
      const bundle = bundles.get(key)
      if (bundle === undefined) bundles.set(key, { collectionId, source, arrival, commits: [commit] })
      else bundle.commits.push(commit)
    }
  }

  /** Everything of this tick goes out together. */
  function flush(): void {
    const ready = bundles
    bundles = new Map()
    for (const { collectionId, source, arrival, commits } of ready.values()) {
      const collection = interests.byId(collectionId)
      if (collection === undefined) continue
      // A write of many documents at once, in the pieces that messages can hold.
      for (let from = 0; from < commits.length; from += DOCUMENTS_PER_PAGE) {
        distribute(collection, source, arrival, commits.slice(from, from + DOCUMENTS_PER_PAGE))
      }
    }
  }

  function distribute(
    collection: SharedCollection,
    source: string | undefined,
    arrival: Arrival,
    commits: readonly ReplicatedCommit[],
  ): void {
    const all = sessions()
    const from = all.find(({ peer }) => peer === source)
    // A replicator's target is served by nobody else, as far as one can know.
    const isServed = (session: SyncSession): boolean =>
      session.peer === source || (from?.serves(session) === true && (session.isWantedBy(collection) || !session.takesAll(collection)))
    const others = all.filter((session) => session.shares(collection) && !isServed(session))
    const takers = arrival === 'asked' ? [] : others.filter((session) => session.takesAll(collection))
    const followers = others.filter((session) => !session.takesAll(collection) && !session.followed.isEmpty())
    if (takers.length + followers.length === 0) return
    const packed = commits.map(packReplicated)
    const usesGossip = arrival === 'gossip' || takers.length > crowd
    // What came by gossip, gossip has passed on already.
    if (usesGossip && arrival !== 'gossip') gossip.publish(collection, commits, packed)
    for (const session of takers) {
      if (!usesGossip || !gossip.reaches(session.peer, collection)) session.sendLive(collection, packed)
    }
    for (const session of followers) {
      const followed = packed.filter((_, index) => isFollowed(session, commits[index]))
      if (followed.length > 0) session.sendLive(collection, followed)
    }
  }

  return replica.onCommits(onBatch)
}

function isFollowed({ followed }: SyncSession, commit: ReplicatedCommit | undefined): boolean {
  return commit !== undefined && followed.has(documentOf(commit))
}

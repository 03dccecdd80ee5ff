import { cidKey, type Cid } from '../block/cid.ts'
import type { ReplicatedCommit } from '../block/replicated-commit.ts'
import type { DocumentHeads, Replica } from '../database/replica.ts'
import { isFailure } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import type { Claim, Claims } from './claims.ts'
import type { CommitReceiver } from './commit-receiver.ts'
import type { SharedCollection } from './interests.ts'
import { COMPARE_AGAIN, FETCHES_AT_A_TIME, MAX_GIVEN_UP, MAX_KNOWN_PER_DOCUMENT } from './limits.ts'
import type { NamedCommits } from './messages.ts'
import type { Offence } from './offences.ts'
import type { Reconciler } from './reconcile.ts'
import { createRequests } from './requests.ts'
import type { SyncChannel } from './sync-channel.ts'

/** Fetches from one peer what it has and this node lacks. */
export interface Puller {
  /** Compares a collection and fetches what is lacking; once more when it is compared already. */
  pull(collection: SharedCollection): void
  /** The same after a pause: something was lost on the way into the storage. */
  pullLater(collection: SharedCollection): void
  /** Fetches what the peer has of some documents, without a comparison: it sent something of theirs that cannot stand alone. */
  fetch(collection: SharedCollection, docIds: readonly string[]): void
  isPulling(collection: SharedCollection): boolean
  /** Messages of the peer that belong to a question. */
  onDiffer(request: number, answer: Uint8Array): void
  onCommits(request: number): void
  onServed(request: number, parted: readonly string[]): void
  end(): void
}

export interface PullerOptions {
  readonly channel: SyncChannel
  readonly replica: Pick<Replica, 'headsOf' | 'lacking' | 'commitsSince'>
  readonly reconciler: Reconciler
  readonly receiver: CommitReceiver
  readonly claims: Claims
  readonly clock: Clock
  readonly onProgress: (collection: SharedCollection, done: number, total: number) => void
  /** A collection was compared, and what the peer has is here now. */
  readonly onPulled: (collection: SharedCollection) => void
  readonly onOffence: (offence: Offence, reason: string) => void
}

export function createPuller(options: PullerOptions): Puller {
  const { channel, replica, reconciler, receiver, claims, clock } = options
  const comparisons = createRequests<Uint8Array>('comparison', clock)
  const wants = createRequests<readonly string[]>('request for commits', clock)
  const pulling = new Map<string, { again: boolean }>()
  /** What calls off the pull that is to come, by collection. */
  const later = new Map<string, () => void>()
  let isEnded = false
  /** Commits that the peer names but does not give, or that are refused here: not asked for again in this session. */
  const givenUp = new Set<string>()

  async function run(collection: SharedCollection, state: { again: boolean }): Promise<void> {
    do {
      state.again = false
      if (await compare(collection)) state.again = true
    } while (state.again)
  }

  /** True when another peer has fetched part of it, so that it is to be looked at again. */
  async function compare(collection: SharedCollection): Promise<boolean> {
    const fetches = new Set<Promise<void>>()
    const others: Promise<void>[] = []
    let total = 0
    let done = 0
    const ask = (question: Uint8Array): Promise<Uint8Array> =>
      comparisons.ask((request) => channel.send({ type: 'compare', request, topic: collection.topic, question }))
    const fetchClaimed = async (claim: Claim, documents: readonly DocumentHeads[]): Promise<void> => {
      try {
        await fetchDocuments(collection, documents)
      } finally {
        claim.release()
      }
      done += documents.length
      if (documents.length > 0) options.onProgress(collection, done, total)
    }
    try {
      for await (const page of reconciler.lacking(collection.collectionId, ask)) {
        const documents = page.filter(({ docId, heads }) => heads.some((cid) => !givenUp.has(docId + cidKey(cid))))
        const claim = claims.take(
          collection.collectionId,
          documents.map(({ docId }) => docId),
        )
        if (claim.others !== undefined) others.push(claim.others)
        const claimed = documents.filter(({ docId }) => claim.docIds.has(docId))
        total += claimed.length
        const fetching = fetchClaimed(claim, claimed)
        fetches.add(fetching)
        if (fetches.size === FETCHES_AT_A_TIME) {
          const [oldest] = fetches
          await oldest
          if (oldest !== undefined) fetches.delete(oldest)
        }
      }
      await Promise.all(fetches)
    } finally {
      // One has failed: the others end too, and nobody is to miss how.
      await Promise.allSettled(fetches)
    }
    await Promise.all(others)
    return others.length > 0
  }

  async function fetchDocuments(collection: SharedCollection, documents: readonly DocumentHeads[]): Promise<void> {
    if (documents.length === 0) return
    const { collectionId } = collection
    const held = await replica.headsOf(
      collectionId,
      documents.map(({ docId }) => docId),
    )
    let parted = await want(
      collection,
      held.map(({ docId, heads }) => ({ docId, cids: heads.slice(0, MAX_KNOWN_PER_DOCUMENT) })),
    )
    // Both sides have changed these documents: look for where their histories part.
    if (parted.length > 0) parted = await want(collection, await samples(collectionId, parted))
    // They share nothing, such as two first commits of the same content: then all of it.
    if (parted.length > 0)
      await want(
        collection,
        parted.map((docId) => ({ docId, cids: [] })),
      )
    for (const { docId, heads } of await replica.lacking(collectionId, documents)) giveUp(docId, heads)
  }

  /** Asks for commits and resolves when they are merged. Resolves to the documents of which the peer knows none of the named commits. */
  async function want(collection: SharedCollection, documents: readonly NamedCommits[]): Promise<readonly string[]> {
    const parted = new Set(await wants.ask((request) => channel.send({ type: 'want', request, topic: collection.topic, documents })))
    await receiver.settled()
    return documents.flatMap(({ docId }) => (parted.has(docId) ? [docId] : []))
  }

  async function samples(collectionId: string, docIds: readonly string[]): Promise<readonly NamedCommits[]> {
    const documents: NamedCommits[] = []
    for (const docId of docIds) documents.push({ docId, cids: sample(await replica.commitsSince(collectionId, docId, [])) })
    return documents
  }

  function giveUp(docId: string, heads: readonly Cid[]): void {
    if (givenUp.size + heads.length > MAX_GIVEN_UP) {
      options.onOffence('flood', `the peer names more than ${MAX_GIVEN_UP} commits that it does not give`)
      givenUp.clear()
    }
    for (const cid of heads) givenUp.add(docId + cidKey(cid))
  }

  function onFailed(collection: SharedCollection, error: unknown): void {
    if (isFailure(error, 'INVALID_MESSAGE')) options.onOffence('garbage', error.message)
    // Whatever it was (a slow peer, a storage that is full), the difference is still there.
    pullLater(collection)
  }

  function pullLater(collection: SharedCollection): void {
    if (isEnded) return
    const { key } = collection
    later.get(key)?.()
    later.set(
      key,
      clock.after(COMPARE_AGAIN, () => pull(collection)),
    )
  }

  function pull(collection: SharedCollection): void {
    if (!channel.isOpen) return
    const running = pulling.get(collection.key)
    if (running !== undefined) {
      running.again = true
      return
    }
    void pullNow(collection)
  }

  async function pullNow(collection: SharedCollection): Promise<void> {
    const state = { again: false }
    pulling.set(collection.key, state)
    try {
      await run(collection, state)
      options.onPulled(collection)
    } catch (error) {
      onFailed(collection, error)
    } finally {
      pulling.delete(collection.key)
    }
    // Asked for in the very moment when it ended.
    if (state.again) pull(collection)
  }

  async function fetchNamed(collection: SharedCollection, docIds: readonly string[]): Promise<void> {
    const claim = claims.take(collection.collectionId, docIds)
    try {
      await fetchDocuments(
        collection,
        [...claim.docIds].map((docId) => ({ docId, heads: [] })),
      )
    } finally {
      claim.release()
    }
    if (claim.others === undefined) return
    // Somebody else was asked for the same documents, perhaps before this news: compare when that is through.
    await claim.others
    pull(collection)
  }

  return {
    pull,
    pullLater,
    fetch: (collection, docIds) => {
      fetchNamed(collection, docIds).catch((error: unknown) => onFailed(collection, error))
    },
    isPulling: ({ key }) => pulling.has(key),
    onDiffer: (request, answer) => {
      if (!comparisons.settle(request, answer)) options.onOffence('garbage', 'an answer to no question')
    },
    onCommits: wants.progress,
    onServed: (request, parted) => {
      if (!wants.settle(request, parted)) options.onOffence('garbage', 'an answer to no question')
    },
    end: () => {
      isEnded = true
      for (const callOff of later.values()) callOff()
      comparisons.end()
      wants.end()
    },
  }
}

/** So many of the latest commits are named one by one: most histories part there. */
const LATEST_SAMPLES = 16

/** Commits of a history, ancestors first, that show where another one parts: the latest, and earlier ones in doubling steps. */
function sample(history: readonly ReplicatedCommit[]): Cid[] {
  const cids: Cid[] = []
  for (let back = 1, step = 1; back <= history.length && cids.length < MAX_KNOWN_PER_DOCUMENT; back += step) {
    const commit = history[history.length - back]
    if (commit !== undefined) cids.push(commit.composite.cid)
    if (back >= LATEST_SAMPLES) step *= 2
  }
  return cids
}

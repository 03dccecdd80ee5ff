import { cidKey, type Cid } from '../block/cid.ts'
import type { ReplicatedCommit } from '../block/replicated-commit.ts'
import type { DocumentHeads, DocumentLack, Replica } from '../database/replica.ts'
import { DatabaseError, isFailure } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import type { Claim, Claims } from './claims.ts'
import type { CommitReceiver } from './commit-receiver.ts'
import type { SharedCollection } from './interests.ts'
import { COMPARE_AGAIN, DOCUMENTS_PER_PAGE, FETCHES_AT_A_TIME, MAX_GIVEN_UP, MAX_KNOWN_PER_DOCUMENT, MAX_NEWS_FETCHES } from './limits.ts'
import type { NamedCommits } from './messages.ts'
import type { Offence } from './offences.ts'
import type { Ask, Reconciler, Seen } from './reconcile.ts'
import { createRequests } from './requests.ts'
import type { SyncChannel } from './sync-channel.ts'

/** Fetches from one peer what it has and this node lacks. */
export interface Puller {
  /**
   * Compares a collection and fetches what is lacking, passing over what `seen` knows. `onStart` is called as a comparison begins. Resolves to true when what the peer had
   * then is here; to false when it failed, or is being compared already: then it is compared once more, and the first caller hears of it.
   */
  pull(collection: SharedCollection, seen: Seen, onStart: () => void): Promise<boolean>
  /** Fetches what the peer has of some documents, and tells of them as they are here. Resolves to those it has. @throws TIMEOUT, CLOSED, INVALID_MESSAGE */
  pullNamed(
    collection: SharedCollection,
    docIds: readonly string[],
    onHere?: (docIds: readonly string[]) => void,
  ): Promise<readonly string[]>
  /** Fetches what the peer has of some documents, without a comparison: it sent something of theirs that cannot stand alone. */
  fetch(collection: SharedCollection, docIds: readonly string[]): void
  /** Does something about a collection after a pause, once, whoever asked. */
  later(collection: SharedCollection, task: () => void): void
  isPulling(collection: SharedCollection): boolean
  /** Whether the peer named commits that it did not give, or that were refused here. */
  isIncomplete(collection: SharedCollection): boolean
  /** The documents that were asked for by this number; `undefined` when that is answered already, or was never asked. */
  asked(request: number): ReadonlySet<string> | undefined
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
  /** Something that was to be fetched may still be lacking: a slow peer, a storage that is full. */
  readonly onFailed: (collection: SharedCollection) => void
  readonly onOffence: (offence: Offence, reason: string) => void
}

export function createPuller(options: PullerOptions): Puller {
  const { channel, replica, reconciler, receiver, claims, clock } = options
  const comparisons = createRequests<Uint8Array>('comparison', clock)
  const wants = createRequests<readonly string[]>('request for commits', clock)
  const asked = new Map<number, ReadonlySet<string>>()
  const pulling = new Map<string, { again: boolean }>()
  /** What calls off the pull that is to come, by collection. */
  const later = new Map<string, () => void>()
  let isEnded = false
  /** Calls of `fetch` that have not ended. */
  let fetching = 0
  /** Commits that the peer names but does not give, or that are refused here: not asked for again in this session. */
  const givenUp = new Set<string>()
  /** Collections that these are of. */
  const incomplete = new Set<string>()

  /** True when another peer has fetched part of it, so that it is to be looked at again. */
  async function compare(collection: SharedCollection, seen: Seen): Promise<boolean> {
    const fetches = new Set<Promise<void>>()
    const others: Promise<void>[] = []
    let total = 0
    let done = 0
    const fetchClaimed = async (claim: Claim, documents: readonly DocumentLack[]): Promise<void> => {
      try {
        await fetchDocuments(collection, documents)
      } finally {
        claim.release()
      }
      done += documents.length
      if (documents.length > 0) options.onProgress(collection, done, total)
    }
    try {
      for await (const page of reconciler.lacking(collection.collectionId, askOf(collection), seen)) {
        const documents = page.filter(({ docId, heads }) => heads.some((cid) => !givenUp.has(docId + cidKey(cid))))
        const claim = claims.take(
          collection.collectionId,
          documents.map(({ docId }) => docId),
        )
        if (claim.others !== undefined) others.push(claim.others)
        const claimed = documents.filter(({ docId }) => claim.docIds.has(docId))
        total += claimed.length
        const fetching = fetchClaimed(claim, claimed)
        // One that fails while the next page is asked for is heard of in the end.
        fetching.catch(() => {})
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

  async function fetchDocuments(collection: SharedCollection, documents: readonly (DocumentHeads | DocumentLack)[]): Promise<void> {
    if (documents.length === 0) return
    const { collectionId } = collection
    const failures = receiver.failures
    const landed = receiver.track()
    try {
      let parted = await want(collection, await knownOf(collectionId, documents))
      // Both sides have changed these documents: look for where their histories part.
      if (parted.length > 0) parted = await want(collection, await samples(collectionId, parted))
      // They share nothing, such as two first commits of the same content: then all of it.
      if (parted.length > 0)
        await want(
          collection,
          parted.map((docId) => ({ docId, cids: [] })),
        )
      const open = documents.filter(({ heads }) => !heads.every((cid) => landed.has(cidKey(cid))))
      const lacking = open.length === 0 ? [] : await replica.lacking(collectionId, open)
      if (receiver.failures > failures && lacking.length > 0) {
        throw new DatabaseError('STORAGE_FAILED', 'what a peer gave could not be stored', { operation: 'merge' })
      }
      if (lacking.length > 0) incomplete.add(collection.key)
      for (const { docId, heads } of lacking) giveUp(docId, heads)
    } finally {
      landed.end()
    }
  }

  /** What is here of documents, as a request names it. */
  async function knownOf(collectionId: string, documents: readonly (DocumentHeads | DocumentLack)[]): Promise<readonly NamedCommits[]> {
    const unread = documents.filter((document) => !('held' in document)).map(({ docId }) => docId)
    const read = new Map((unread.length === 0 ? [] : await replica.headsOf(collectionId, unread)).map(({ docId, heads }) => [docId, heads]))
    return documents.map((document) => {
      const held = 'held' in document ? document.held : (read.get(document.docId) ?? [])
      return { docId: document.docId, cids: held.slice(0, MAX_KNOWN_PER_DOCUMENT) }
    })
  }

  /** Asks for commits and resolves when they are merged. Resolves to the documents of which the peer knows none of the named commits. */
  async function want(collection: SharedCollection, documents: readonly NamedCommits[]): Promise<readonly string[]> {
    const parted = new Set(await ask(collection, documents))
    await receiver.settled()
    return documents.flatMap(({ docId }) => (parted.has(docId) ? [docId] : []))
  }

  async function ask({ topic }: SharedCollection, documents: readonly NamedCommits[]): Promise<readonly string[]> {
    let number = 0
    try {
      return await wants.ask((request) => {
        number = request
        asked.set(request, new Set(documents.map(({ docId }) => docId)))
        channel.send({ type: 'want', request, topic, documents })
      })
    } finally {
      asked.delete(number)
    }
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
    options.onFailed(collection)
  }

  function askOf({ topic }: SharedCollection): Ask {
    return (question) => comparisons.ask((request) => channel.send({ type: 'compare', request, topic, question }))
  }

  async function pull(collection: SharedCollection, seen: Seen, onStart: () => void): Promise<boolean> {
    const running = pulling.get(collection.key)
    if (running !== undefined || !channel.isOpen) {
      if (running !== undefined) running.again = true
      return false
    }
    const state = { again: false }
    pulling.set(collection.key, state)
    try {
      do {
        state.again = false
        onStart()
        if (await compare(collection, seen)) state.again = true
      } while (state.again)
      seen.settle()
      return true
    } catch (error) {
      seen.dismiss()
      onFailed(collection, error)
      return false
    } finally {
      pulling.delete(collection.key)
    }
  }

  async function pullNamed(
    collection: SharedCollection,
    docIds: readonly string[],
    onHere: (docIds: readonly string[]) => void = () => {},
  ): Promise<readonly string[]> {
    const { collectionId } = collection
    const theirs = await reconciler.named(askOf(collection), docIds)
    let open = new Set(theirs.map(({ docId }) => docId))
    const tellBut = (lacking: readonly DocumentLack[]): void => {
      const before = open
      open = new Set(lacking.map(({ docId }) => docId))
      const here = before.difference(open)
      if (here.size > 0) onHere([...here])
    }
    for (let lacking = await replica.lacking(collectionId, theirs); ;) {
      tellBut(lacking)
      if (lacking.length === 0) break
      const wanted = lacking
        .filter(({ docId, heads }) => heads.some((cid) => !givenUp.has(docId + cidKey(cid))))
        .slice(0, DOCUMENTS_PER_PAGE)
      if (wanted.length === 0) break
      const claim = claims.take(
        collectionId,
        wanted.map(({ docId }) => docId),
      )
      try {
        await fetchDocuments(
          collection,
          wanted.filter(({ docId }) => claim.docIds.has(docId)),
        )
      } finally {
        claim.release()
      }
      // Somebody else was fetching these: perhaps all that is wanted here.
      await claim.others
      lacking = await replica.lacking(collectionId, lacking)
    }
    return theirs.map(({ docId }) => docId)
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
    // Somebody else was asked for the same documents, perhaps before this news: look again when that is through.
    await claim.others
    options.onFailed(collection)
  }

  return {
    pull,
    pullNamed,
    fetch: (collection, docIds) => {
      // A comparison finds all of it later, however much it is.
      if (fetching >= MAX_NEWS_FETCHES || docIds.length > DOCUMENTS_PER_PAGE) return options.onFailed(collection)
      fetching += 1
      fetchNamed(collection, docIds)
        .catch((error: unknown) => onFailed(collection, error))
        .finally(() => {
          fetching -= 1
        })
    },
    later: (collection, task) => {
      if (isEnded) return
      later.get(collection.key)?.()
      later.set(collection.key, clock.after(COMPARE_AGAIN, task))
    },
    isPulling: ({ key }) => pulling.has(key),
    isIncomplete: ({ key }) => incomplete.has(key),
    asked: (request) => asked.get(request),
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

import { cidFromBytes } from '../block/cid.ts'
import type { DocumentHeads, Replica } from '../database/replica.ts'
import { isDocId } from '../document/document-id.ts'
import { DatabaseError, isFailure, messageOf } from '../errors.ts'
import type { CommitSender } from './commit-sender.ts'
import type { Interests, SharedCollection } from './interests.ts'
import { COMMITS_FRAME_BYTES, MAX_OPEN_REQUESTS, READS_AT_A_TIME } from './limits.ts'
import type { NamedCommits } from './messages.ts'
import type { Offence } from './offences.ts'
import type { Reconciler } from './reconcile.ts'
import type { SyncChannel } from './sync-channel.ts'

/** Answers one peer's questions, one after the other. */
export interface Answerer {
  onCompare(request: number, topic: Uint8Array, question: Uint8Array): void
  onWant(request: number, topic: Uint8Array, documents: readonly NamedCommits[]): void
}

export interface AnswererOptions {
  readonly channel: SyncChannel
  readonly sender: CommitSender
  readonly replica: Pick<Replica, 'lacking' | 'packedSince'>
  readonly reconciler: Reconciler
  readonly interests: Interests
  readonly onOffence: (offence: Offence, reason: string) => void
}

export function createAnswerer({ channel, sender, replica, reconciler, interests, onOffence }: AnswererOptions): Answerer {
  const line = { compare: createLine(), want: createLine() }

  function enqueue(kind: keyof typeof line, topic: Uint8Array, answer: (collection: SharedCollection) => Promise<void>): void {
    const collection = interests.byTopic(topic)
    // Not known here (any more): as silent as to any other topic. The asker's question runs out.
    if (collection === undefined) return
    if (line[kind].length >= MAX_OPEN_REQUESTS) return onOffence('flood', `more than ${MAX_OPEN_REQUESTS} questions at a time`)
    line[kind].add(async () => {
      if (!channel.isOpen) return
      try {
        await answer(collection)
      } catch (error) {
        // Anything else is a trouble of this node's storage, of which the peer learns by getting no answer.
        if (isFailure(error, 'INVALID_MESSAGE')) onOffence('garbage', error.message)
      }
    })
  }

  async function serve(request: number, { collectionId, topic }: SharedCollection, asked: readonly DocumentHeads[]): Promise<void> {
    const unknown = new Map((await replica.lacking(collectionId, asked)).map(({ docId, heads }) => [docId, heads.length]))
    const hasParted = ({ docId, heads }: DocumentHeads): boolean => heads.length > 0 && unknown.get(docId) === heads.length
    const parted = asked.filter(hasParted).map(({ docId }) => docId)
    const documents = asked.filter((document) => !hasParted(document))
    let packed: Uint8Array[] = []
    let size = 0
    for (let from = 0; from < documents.length && channel.isOpen; from += READS_AT_A_TIME) {
      for (const bytes of await replica.packedSince(collectionId, documents.slice(from, from + READS_AT_A_TIME))) {
        packed.push(bytes)
        size += bytes.length
      }
      if (size < COMMITS_FRAME_BYTES) continue
      await sender.sendAnswer(request, topic, packed)
      packed = []
      size = 0
    }
    if (packed.length > 0) await sender.sendAnswer(request, topic, packed)
    await sender.endAnswer(request, parted)
  }

  return {
    onCompare: (request, topic, question) => {
      enqueue('compare', topic, async ({ collectionId }) => {
        const answer = await reconciler.answer(collectionId, question)
        channel.send({ type: 'differ', request, answer })
        // A question of some bytes has an answer of a hundred thousand: the next one is for who has read this one.
        await channel.drained()
      })
    },
    onWant: (request, topic, documents) => {
      enqueue('want', topic, (collection) => serve(request, collection, parseWanted(documents)))
    },
  }
}

/** Runs tasks one after the other; they must not fail. */
function createLine(): { readonly length: number; add(task: () => Promise<void>): void } {
  let length = 0
  let last = Promise.resolve()
  return {
    get length() {
      return length
    },
    add: (task) => {
      length += 1
      last = last.then(task).finally(() => {
        length -= 1
      })
    },
  }
}

/** Each document once: the commits of a hundred are read at a time, and so many copies of a large one would fill the memory. */
function parseWanted(documents: readonly NamedCommits[]): readonly DocumentHeads[] {
  if (new Set(documents.map(({ docId }) => docId)).size < documents.length) {
    throw new DatabaseError('INVALID_MESSAGE', 'a request for commits names a document twice', { what: 'want' })
  }
  return documents.map(parseNamed)
}

function parseNamed({ docId, cids }: NamedCommits): DocumentHeads {
  try {
    if (!isDocId(docId)) throw new Error(`"${docId}" is no document ID`)
    return { docId, heads: cids.map(cidFromBytes) }
  } catch (error) {
    throw new DatabaseError('INVALID_MESSAGE', `a request for commits is wrong: ${messageOf(error)}`, { what: 'want' }, { cause: error })
  }
}

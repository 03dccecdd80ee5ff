/*
 * Comparison by buckets: documents fall into 256 buckets by the first byte of their ID. A bucket's fingerprint is the hash of the IDs and heads in it, the
 * root is the hash of all buckets. The asker sends its bucket fingerprints; the answer has the documents, with their heads, of the buckets that differ, in
 * pages. So two nodes that agree exchange nothing, and some differences in a large collection cost some 256ths of its heads.
 */
import { cidFromBytes } from '../block/cid.ts'
import { sha256 } from '../block/sha256.ts'
import { documentOf } from '../block/replicated-commit.ts'
import type { DocumentHeads, Replica } from '../database/replica.ts'
import { docIdFromBytes, isDocId } from '../document/document-id.ts'
import { DatabaseError } from '../errors.ts'
import { compareBytes, concatBytes, encodeText, equalBytes } from '../util/bytes.ts'
import { HEADS_PAGE_BYTES, DOCUMENTS_PER_PAGE, MAX_HEADS_PER_DOCUMENT } from './limits.ts'
import { HEADS_ANSWER, HEADS_QUESTION, type HeadsQuestion, type NamedCommits } from './messages.ts'
import type { Reconciler } from './reconcile.ts'
import { decodeWith, encodeWith } from './wire.ts'

const BUCKETS = 256
/** Half a SHA2-256: nobody finds two contents with one fingerprint. */
const FINGERPRINT_BYTES = 16
const EMPTY = new Uint8Array(FINGERPRINT_BYTES)
/** Documents read from the storage in one go. */
const READ_AT_A_TIME = 1000

/** Fingerprints of one collection, kept while nothing changes. */
interface Buckets {
  readonly fingerprints: Uint8Array[]
  /** Buckets whose content has changed since. */
  readonly dirty: Set<number>
}

/** Compares by buckets of heads. */
export function createHeadsExchange(replica: Pick<Replica, 'documentHeads' | 'lacking' | 'onCommits'>): Reconciler {
  const bucketsByCollection = new Map<string, Buckets>()
  const pending = new Map<string, Promise<Uint8Array>>()

  const stopListening = replica.onCommits(({ collectionId, commits }) => {
    const buckets = bucketsByCollection.get(collectionId)
    for (const commit of commits) buckets?.dirty.add(bucketOf(documentOf(commit)))
  })

  /** All fingerprints, joined. Concurrent calls share one run. */
  async function fingerprints(collectionId: string): Promise<Uint8Array> {
    const running = pending.get(collectionId)
    if (running !== undefined) return running
    const run = refresh(collectionId)
    pending.set(collectionId, run)
    try {
      return await run
    } finally {
      pending.delete(collectionId)
    }
  }

  async function refresh(collectionId: string): Promise<Uint8Array> {
    let buckets = bucketsByCollection.get(collectionId)
    if (buckets === undefined) {
      buckets = {
        fingerprints: Array.from({ length: BUCKETS }, () => EMPTY),
        dirty: new Set(Array.from({ length: BUCKETS }, (_, index) => index)),
      }
      bucketsByCollection.set(collectionId, buckets)
    }
    const stale = new Set(buckets.dirty)
    // Marked clean before it is read: what changes while it is read makes it dirty again.
    for (const bucket of stale) buckets.dirty.delete(bucket)
    const parts = new Map<number, Uint8Array[]>()
    try {
      for await (const document of documentsIn(collectionId, (bucket) => stale.has(bucket), '')) {
        const bucket = bucketOf(document.docId)
        const part = parts.get(bucket)
        if (part === undefined) parts.set(bucket, entryBytes(document))
        else part.push(...entryBytes(document))
      }
    } catch (error) {
      for (const bucket of stale) buckets.dirty.add(bucket)
      throw error
    }
    for (const bucket of stale) {
      const part = parts.get(bucket)
      buckets.fingerprints[bucket] = part === undefined ? EMPTY : sha256(concatBytes(...part)).subarray(0, FINGERPRINT_BYTES)
    }
    return concatBytes(...buckets.fingerprints)
  }

  /** The documents of some buckets behind `after`, in the order of their IDs. */
  async function* documentsIn(collectionId: string, isWanted: (bucket: number) => boolean, after: string): AsyncGenerator<DocumentHeads> {
    let cursor = after
    let bucket = after === '' ? 0 : bucketOf(after)
    for (;;) {
      const start = bucket
      while (bucket < BUCKETS && !isWanted(bucket)) bucket++
      if (bucket === BUCKETS) return
      // Over the buckets in between, unless the cursor is inside this one already.
      if (bucket > start) cursor = lastIdBefore(bucket)
      const documents = await replica.documentHeads(collectionId, { ...(cursor === '' ? {} : { after: cursor }), limit: READ_AT_A_TIME })
      for (const document of documents) {
        if (isWanted(bucketOf(document.docId))) yield document
      }
      const last = documents.at(-1)
      if (last === undefined || documents.length < READ_AT_A_TIME) return
      cursor = last.docId
      bucket = bucketOf(cursor)
    }
  }

  return {
    root: async (collectionId) => sha256(await fingerprints(collectionId)),

    lacking: async function* (collectionId, ask) {
      const buckets = await fingerprints(collectionId)
      let after = ''
      do {
        const { documents, next } = decodeWith(HEADS_ANSWER, await ask(encodeWith(HEADS_QUESTION, { buckets, after })))
        checkPage(documents, after, next)
        yield await replica.lacking(collectionId, documents.map(toDocumentHeads))
        after = next
      } while (after !== '')
    },

    answer: async (collectionId, question) => {
      const { buckets, after } = parseQuestion(question)
      const own = await fingerprints(collectionId)
      const documents: NamedCommits[] = []
      let size = 0
      let next = ''
      for await (const { docId, heads } of documentsIn(
        collectionId,
        (bucket) => !equalBytes(at(own, bucket), at(buckets, bucket)),
        after,
      )) {
        if (documents.length === DOCUMENTS_PER_PAGE || size > HEADS_PAGE_BYTES) {
          next = documents.at(-1)?.docId ?? ''
          break
        }
        // More heads than that are told once these are merged there.
        const cids = heads.slice(0, MAX_HEADS_PER_DOCUMENT)
        documents.push({ docId, cids })
        size += docId.length + cids.length * 36
      }
      return encodeWith(HEADS_ANSWER, { documents, next })
    },

    close: stopListening,
  }
}

function bucketOf(docId: string): number {
  return Number.parseInt(docId.slice(4, 6), 16)
}

/** The largest document ID of the buckets before this one; empty before the first. */
function lastIdBefore(bucket: number): string {
  return bucket === 0 ? '' : docIdFromBytes(Uint8Array.of(bucket - 1, ...new Uint8Array(15).fill(0xff)))
}

function at(fingerprints: Uint8Array, bucket: number): Uint8Array {
  return fingerprints.subarray(bucket * FINGERPRINT_BYTES, (bucket + 1) * FINGERPRINT_BYTES)
}

/** What of a document goes into the fingerprint; document IDs have one length, so no two lists of entries give the same bytes. */
function entryBytes({ docId, heads }: DocumentHeads): Uint8Array[] {
  return [encodeText(docId), Uint8Array.of(heads.length >>> 8, heads.length & 0xff), ...heads.toSorted(compareBytes)]
}

function parseQuestion(question: Uint8Array): HeadsQuestion {
  const parsed = decodeWith(HEADS_QUESTION, question)
  if (parsed.buckets.length !== BUCKETS * FINGERPRINT_BYTES) throw invalid(`${parsed.buckets.length} bytes are no ${BUCKETS} fingerprints`)
  if (parsed.after !== '' && !isDocId(parsed.after)) throw invalid('it goes on after something that is no document ID')
  return parsed
}

/** A page goes forward: document IDs rise, from behind `after` up to `next`. */
function checkPage(documents: readonly NamedCommits[], after: string, next: string): void {
  let last = after
  for (const { docId } of documents) {
    if (!isDocId(docId)) throw invalid('it names something that is no document ID')
    if (docId <= last) throw invalid('its document IDs do not rise')
    last = docId
  }
  if (next !== '' && next !== documents.at(-1)?.docId) throw invalid('it goes on elsewhere than after its last document')
}

function toDocumentHeads({ docId, cids }: NamedCommits): DocumentHeads {
  try {
    return { docId, heads: cids.map(cidFromBytes) }
  } catch (error) {
    throw invalid('it names something that is no CID', error)
  }
}

function invalid(reason: string, cause?: unknown): DatabaseError {
  return new DatabaseError(
    'INVALID_MESSAGE',
    `a comparison of heads is wrong: ${reason}`,
    { what: 'compare' },
    cause === undefined ? {} : { cause },
  )
}

import { COLLECTION_DAG } from '../block/replicated-commit.ts'
import { headCids } from '../dag/heads.ts'
import { keys } from '../document/keys.ts'
import { decodeHeads, decodeRecord } from '../document/record-codec.ts'
import { DatabaseError } from '../errors.ts'
import type { Change } from '../storage/store.ts'
import { bytesToMapKey } from '../util/bytes.ts'
import { createPacer, mapPaced, type Pacing } from '../util/pacer.ts'
import {
  BUCKET_DIGITS,
  BUCKETS,
  childrenOf,
  FAN_OUT,
  fingerprintsOf,
  isEmptyPrint,
  PRINT_BYTES,
  printAt,
  type Fingerprints,
} from './fingerprints.ts'
import type { DocumentHeads } from './replica.ts'
import type { View, WriteView } from './view.ts'
import type { Writer } from './writer.ts'

/**
 * The fingerprints of collections, kept in the store so that nothing is scanned to know them. A write or merge marks the buckets whose documents it changes, in the
 * same atomic write; whoever asks for fingerprints first makes those of the marked buckets anew, each from its 256th of the documents, and stores them. So a
 * write costs at most one small record for each bucket it changes, nothing while the bucket is marked already, and nothing at all before somebody asks for the first time.
 * A crash leaves marks, never a wrong fingerprint.
 */
export interface KeptFingerprints {
  /** What must be stored together with these changes. */
  marksFor(changes: readonly Change[]): readonly Change[]
  /** Takes note of changes that are stored now. */
  note(changes: readonly Change[]): void
  /** The fingerprints of a collection as it is now, or was at some moment since the call. */
  of(collectionId: string): Promise<Fingerprints>
}

/** Documents that one write makes fingerprints of, about; other writers get their turn in between. */
const DOCUMENTS_IN_WRITE = 2_000

const BUCKET_BYTES = FAN_OUT * PRINT_BYTES

/** `run` is the writer's. */
export async function loadKeptFingerprints(store: View, run: Writer['run'], pacing?: Pacing): Promise<KeptFingerprints> {
  /** The buckets that are marked since the database was opened, by key of the collections that are fingerprinted. */
  const markedByCollection = new Map<string, Set<string>>()
  for (const { key } of await store.scan(keys.allFingerprinted())) markedByCollection.set(bytesToMapKey(key), new Set())
  const current = new Map<string, Fingerprints>()
  const running = new Map<string, Refresh>()
  /** Collections of which every mark is known here, earlier ones too. */
  const refreshed = new Set<string>()

  /** Makes the fingerprints of marked buckets anew, as many as one write should. */
  async function refreshSome(collectionId: string, view: WriteView): Promise<Made> {
    const before = current.get(collectionId) ?? (await readFingerprints(view, collectionId))
    const isFirst = (await view.get(keys.fingerprinted(collectionId))) === undefined
    if (isFirst) view.put(keys.fingerprinted(collectionId), NOTHING)
    const stale = isFirst ? Array.from({ length: BUCKETS }, (_, bucket) => bucket) : await staleBuckets(view, collectionId)
    const parts = before.parts.slice()
    const changed: number[] = []
    let documents = 0
    for (const bucket of stale) {
      if (documents >= DOCUMENTS_IN_WRITE) {
        // For the next turn. Without a mark it would be lost to a crash in between.
        if (isFirst) view.put(keys.staleBucket(collectionId, bucket), NOTHING)
        continue
      }
      const own = await documentsInBucket(view, collectionId, bucket, pacing)
      documents += own.length
      const prints = childrenOf(own, BUCKET_DIGITS)
      parts.set(prints, bucket * BUCKET_BYTES)
      changed.push(bucket)
      if (own.length > 0) view.put(keys.fingerprints(collectionId, bucket), prints)
      else if (!isEmptyPrint(printAt(before.buckets, bucket))) view.delete(keys.fingerprints(collectionId, bucket))
      if (!isFirst) view.delete(keys.staleBucket(collectionId, bucket))
    }
    const fingerprints = changed.length === 0 ? before : fingerprintsOf(parts, { buckets: before.buckets, changed })
    return { fingerprints, isWhole: changed.length === stale.length }
  }

  async function refresh(collectionId: string): Promise<Fingerprints> {
    for (;;) {
      const { fingerprints, isWhole } = await run({
        name: 'making fingerprints',
        // A write that is stored together with this one could change what was just read.
        isAlone: true,
        body: (view) => refreshSome(collectionId, view),
        stored: (made: Made) => {
          current.set(collectionId, made.fingerprints)
        },
      })
      if (!isWhole) continue
      refreshed.add(collectionId)
      return fingerprints
    }
  }

  async function start(collectionId: string): Promise<Fingerprints> {
    const state: Refresh = {}
    running.set(collectionId, state)
    try {
      return await refresh(collectionId)
    } finally {
      running.delete(collectionId)
      if (state.next !== undefined) start(collectionId).then(state.next.resolve, state.next.reject)
    }
  }

  return {
    marksFor: (changes) => {
      if (markedByCollection.size === 0) return []
      const marks = new Map<string, Change>()
      for (const { key } of changes) {
        const mark = keys.staleBucketOf(key)
        if (mark === undefined) continue
        const name = bytesToMapKey(mark)
        const isNew = !marks.has(name) && markedByCollection.get(bytesToMapKey(keys.fingerprintedOf(mark)))?.has(name) === false
        if (isNew) marks.set(name, { key: mark, value: NOTHING })
      }
      return [...marks.values()]
    },
    note: (changes) => {
      for (const { key, value } of changes) {
        if (keys.isFingerprinted(key)) markedByCollection.set(bytesToMapKey(key), markedByCollection.get(bytesToMapKey(key)) ?? new Set())
        else if (keys.isStaleBucket(key)) {
          const marked = markedByCollection.get(bytesToMapKey(keys.fingerprintedOf(key)))
          if (value === undefined) marked?.delete(bytesToMapKey(key))
          else marked?.add(bytesToMapKey(key))
        }
      }
    },
    of: (collectionId) => {
      const busy = running.get(collectionId)
      if (busy !== undefined) {
        // What runs may have read a bucket before the caller's change: he gets the next run, with all others who wait.
        busy.next ??= Promise.withResolvers<Fingerprints>()
        return busy.next.promise
      }
      const known = current.get(collectionId)
      const isClean = refreshed.has(collectionId) && markedByCollection.get(bytesToMapKey(keys.fingerprinted(collectionId)))?.size === 0
      return known !== undefined && isClean ? Promise.resolve(known) : start(collectionId)
    },
  }
}

interface Made {
  readonly fingerprints: Fingerprints
  /** No bucket is left for another turn. */
  readonly isWhole: boolean
}

interface Refresh {
  next?: PromiseWithResolvers<Fingerprints>
}

const NOTHING = new Uint8Array(0)

async function readFingerprints(view: View, collectionId: string): Promise<Fingerprints> {
  const parts = new Uint8Array(BUCKETS * BUCKET_BYTES)
  for (const { key, value } of await view.scan(keys.fingerprintsOf(collectionId))) {
    if (value.length !== BUCKET_BYTES)
      throw new DatabaseError('CORRUPT_DATA', 'the fingerprints of a bucket cannot be read', { what: 'fingerprints' })
    parts.set(value, keys.bucketOf(key) * BUCKET_BYTES)
  }
  return fingerprintsOf(parts)
}

async function staleBuckets(view: View, collectionId: string): Promise<readonly number[]> {
  return (await view.scan(keys.staleBucketsOf(collectionId))).map(({ key }) => keys.bucketOf(key))
}

async function documentsInBucket(
  view: View,
  collectionId: string,
  bucket: number,
  pacing: Pacing | undefined,
): Promise<readonly DocumentHeads[]> {
  const entries = await view.scan(keys.documentsInBucket(collectionId, bucket))
  const documents = await mapPaced(entries, createPacer(undefined, pacing), ({ key, value }) => ({
    docId: keys.docIdOf(key),
    heads: headCids(decodeRecord(value).heads),
  }))
  const own = bucket === 0 ? await view.get(keys.collectionHeads(collectionId)) : undefined
  return own === undefined ? documents : [{ docId: COLLECTION_DAG, heads: headCids(decodeHeads(own)) }, ...documents]
}

import { STATUS_DELETED, type CollectionDelta, type Commit, type SealedBlock } from '../block/block.ts'
import { equalCids } from '../block/cid.ts'
import { collectionCommit } from '../block/replicated-commit.ts'
import { buildCollectionBlock, buildCommit } from '../dag/append.ts'
import { mergeCommit } from '../dag/merge.ts'
import { documentId } from '../document/document-id.ts'
import { parseDocument, withDefaults } from '../document/document-input.ts'
import { entriesOfDocument, indexEntries } from '../document/index-entries.ts'
import { indexLayout } from '../document/index-layout.ts'
import type { DocumentRecord } from '../document/record.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { parseSdl } from '../schema/sdl.ts'
import { compareBytes } from '../util/bytes.ts'
import { createQueryEngine, type EngineSettings, type QueryEngine } from './engine.ts'
import type { RequestOptions, RequestResult } from './result.ts'
import type { QuerySource, SourceDocument } from './source.ts'

/** A query source over maps in memory, which counts what is read of it. */
export interface MemorySource extends QuerySource {
  /** Documents handed out so far. */
  documentsRead: number
  /** Index entries handed out so far. */
  entriesRead: number
  /** Calls of `documents` so far. */
  scans: number
  /** Calls of `commits` so far. */
  commitReads: number
  /** Puts a record in place of a document's own, such as one that cannot be read. */
  replace(collection: CollectionVersion, docId: string, change: (record: DocumentRecord) => DocumentRecord): void
}

interface StoredDocument {
  readonly record: DocumentRecord
  readonly commits: readonly Commit[]
}

/** Documents a batch holds, small so that tests see several. */
const BATCH = 3

function memorySource(): MemorySource {
  const byCollection = new Map<string, Map<string, StoredDocument>>()
  const collectionBlocks = new Map<string, readonly SealedBlock<CollectionDelta>[]>()
  const documentsOf = (collection: CollectionVersion): Map<string, StoredDocument> => {
    const known = byCollection.get(collection.collectionId) ?? new Map<string, StoredDocument>()
    byCollection.set(collection.collectionId, known)
    return known
  }
  const write = (collection: CollectionVersion, docId: string, change: Parameters<typeof buildCommit>[3]): void => {
    const before = documentsOf(collection).get(docId)
    const commit = buildCommit(collection, docId, before?.record, change, () => 1n)
    const record = mergeCommit(collection, before?.record, commit)
    documentsOf(collection).set(docId, { record, commits: [...(before?.commits ?? []), commit] })
    if (!collection.isBranchable) return
    const blocks = collectionBlocks.get(collection.collectionId) ?? []
    const heads = blocks.slice(-1).map(({ cid, block }) => ({ cid, height: block.delta.priority }))
    collectionBlocks.set(collection.collectionId, [...blocks, buildCollectionBlock(collection, heads, commit.composite)])
  }
  const source: MemorySource = {
    documentsRead: 0,
    entriesRead: 0,
    scans: 0,
    commitReads: 0,
    documents: async function* (collection, { docIds, showDeleted, signal }) {
      source.scans++
      const all = documentsOf(collection)
      const ids = [...new Set(docIds ?? all.keys())].toSorted()
      const found = ids.flatMap((docId): SourceDocument[] => {
        const stored = all.get(docId)
        return stored === undefined || (stored.record.status === STATUS_DELETED && !showDeleted) ? [] : [{ docId, record: stored.record }]
      })
      for (let start = 0; start < found.length; start += BATCH) {
        signal?.throwIfAborted()
        const batch = found.slice(start, start + BATCH)
        source.documentsRead += batch.length
        yield batch
      }
    },
    indexEntries: async function* (collection, index, { ranges, reverse = false, signal }) {
      const layout = indexLayout(collection, index)
      if (layout === undefined) throw new Error(`"${index.name}" is no index over fields of ${collection.name}`)
      const keys = [...documentsOf(collection)].flatMap(([docId, { record }]) => indexEntries(layout, docId, record))
      const sorted = keys.toSorted((a, b) => (reverse ? compareBytes(b, a) : compareBytes(a, b)))
      for (const { from, to } of reverse ? ranges.toReversed() : ranges) {
        const inside = sorted.filter(
          (key) => (from === undefined || compareBytes(from, key) <= 0) && (to === undefined || compareBytes(key, to) < 0),
        )
        for (let start = 0; start < inside.length; start += BATCH) {
          signal?.throwIfAborted()
          const batch = inside.slice(start, start + BATCH)
          source.entriesRead += batch.length
          yield batch
        }
      }
    },
    isComplete: (collection, index) => {
      const layout = indexLayout(collection, index)
      if (layout === undefined) return false
      return [...documentsOf(collection)].every(([docId, { record }]) => entriesOfDocument(layout, docId, record).kind === 'whole')
    },
    commits: async (docId, cids) => {
      source.commitReads++
      const commits = [...byCollection.values()].flatMap((documents) => documents.get(docId)?.commits ?? [])
      return commits.filter(({ composite }) => cids.some((cid) => equalCids(cid, composite.cid)))
    },
    history: async (docId) => [...byCollection.values()].flatMap((documents) => documents.get(docId)?.commits ?? []),
    collectionHistory: async (collection) => {
      const blocks = collectionBlocks.get(collection.collectionId) ?? []
      return { heads: blocks.slice(-1).map(({ cid }) => cid), commits: blocks.map(collectionCommit) }
    },
    create: async (collection, documents) => {
      const ids = documents.map((given) => {
        const values = withDefaults(collection, given)
        const docId = documentId(collection, values)
        if (documentsOf(collection).has(docId))
          throw new DatabaseError('ALREADY_EXISTS', `the document ${docId} is there`, { what: 'document', id: docId })
        write(collection, docId, { kind: 'write', values })
        return docId
      })
      return ids.toSorted()
    },
    update: async (collection, docIds, patch) => {
      for (const docId of docIds) write(collection, docId, { kind: 'write', values: patch })
    },
    delete: async (collection, docIds) => {
      const there = docIds.filter((docId) => documentsOf(collection).get(docId)?.record.status !== STATUS_DELETED)
      for (const docId of there) write(collection, docId, { kind: 'delete' })
      return there
    },
    replace: (collection, docId, change) => {
      const stored = documentsOf(collection).get(docId)
      if (stored !== undefined) documentsOf(collection).set(docId, { ...stored, record: change(stored.record) })
    },
  }
  return source
}

/** An engine with a source, filled through the API of documents. */
export interface QueryTest {
  readonly engine: QueryEngine
  readonly source: MemorySource
  readonly collections: readonly CollectionVersion[]
  collection(name: string): CollectionVersion
  run(request: string, options?: RequestOptions): Promise<RequestResult>
  /** The data of a request. @throws when it has errors */
  data(request: string, options?: RequestOptions): Promise<Readonly<Record<string, unknown>>>
  /** Creates documents. @returns their IDs in the order given */
  create(collection: string, ...documents: readonly object[]): Promise<readonly string[]>
}

/** A collection of each type of the text, empty. */
export function queryTest(sdl: string, settings?: EngineSettings): QueryTest {
  const collections = parseSdl(sdl, [])
  const engine = createQueryEngine(collections, settings)
  const source = memorySource()
  const collection = (name: string): CollectionVersion => {
    const found = collections.find((candidate) => candidate.name === name)
    if (found === undefined) throw new Error(`no collection "${name}" in this test`)
    return found
  }
  const test: QueryTest = {
    engine,
    source,
    collections,
    collection,
    run: (request, options) => engine.execute(request, source, options),
    data: async (request, options) => {
      const { data, errors } = await engine.execute(request, source, options)
      if (errors !== undefined || data === null) throw new Error(JSON.stringify(errors))
      return data
    },
    create: async (name, ...documents) => {
      const ids: string[] = []
      for (const document of documents) {
        ids.push(...(await source.create(collection(name), [parseDocument(collection(name), document, 'create')])))
      }
      return ids
    },
  }
  return test
}

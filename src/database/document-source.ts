import type { Commit } from '../block/block.ts'
import type { Cid } from '../block/cid.ts'
import { openCommit } from '../block/commit.ts'
import { isCollectionCommit, openReplicated } from '../block/replicated-commit.ts'
import { headCids } from '../dag/heads.ts'
import { indexLayout } from '../document/index-layout.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import { DatabaseError, isFailure, throwIfAborted } from '../errors.ts'
import { isShown } from '../query/row.ts'
import type { CollectionHistory, QuerySource, SourceDocument } from '../query/source.ts'
import type { CollectionVersion, IndexDescription } from '../schema/collection-version.ts'
import type { KeyRange } from '../storage/store.ts'
import type { Catalog } from './catalog.ts'
import type { Vectors } from './embedding/vectors.ts'
import type { IndexOverflows } from './index-overflows.ts'
import { namedEntries } from './named-entries.ts'
import { checkOneToOne } from './one-to-one.ts'
import { pagesOf } from './pages.ts'
import type { View, WriteView } from './view.ts'
import {
  createDocuments,
  deleteDocuments,
  documentIds,
  newDocuments,
  readCollectionHeads,
  updateDocuments,
  type WrittenCommit,
} from './write-documents.ts'

type Overflows = Pick<IndexOverflows, 'has'>

/** What a query reads: documents as the view has them. Writing through it is an error. */
export function readSource(view: View, overflows: Overflows): QuerySource {
  const refuse = async (): Promise<never> => {
    throw new DatabaseError('INVALID_REQUEST', 'a query cannot write; use a mutation', {})
  }
  return {
    ...readingPart(view, overflows),
    create: refuse,
    update: refuse,
    delete: refuse,
  }
}

/** What a mutation reads and writes: its writes go to the view, and each commit to `written`. */
export function writeSource(
  view: WriteView,
  overflows: Overflows,
  written: WrittenCommit[],
  catalog: Catalog,
  vectors: Vectors,
): QuerySource {
  const record = (commits: readonly WrittenCommit[]): readonly string[] => {
    written.push(...commits)
    return documentIds(commits)
  }
  return {
    ...readingPart(view, overflows),
    create: async (collection, given) => {
      const documents = newDocuments(collection, given)
      await checkOneToOne(catalog, collection, documents, readSource(view, overflows))
      return record(await createDocuments(view, collection, documents, vectors))
    },
    update: async (collection, docIds, patch) => {
      const writes = docIds.map((docId) => ({ docId, values: patch }))
      await checkOneToOne(catalog, collection, writes, readSource(view, overflows))
      record(await updateDocuments(view, collection, docIds, patch, vectors))
    },
    delete: async (collection, docIds) => record(await deleteDocuments(view, collection, docIds)),
  }
}

function readingPart(view: View, overflows: Overflows): Omit<QuerySource, 'create' | 'update' | 'delete'> {
  return {
    documents: (collection, options) => readDocuments(view, collection, options),
    indexEntries: (collection, index, options) => readEntries(view, collection, index, options),
    isComplete: (collection, index) => indexLayout(collection, index) !== undefined && !overflows.has(collection.collectionId, index.id),
    commits: (docId, cids) => readCommits(view, docId, cids),
    history: (docId) => readHistory(view, docId),
    collectionHistory: (collection) => readCollectionHistory(view, collection),
  }
}

async function* readDocuments(
  view: View,
  collection: CollectionVersion,
  options: { readonly docIds?: readonly string[]; readonly showDeleted: boolean; readonly signal?: AbortSignal },
): AsyncGenerator<readonly SourceDocument[]> {
  const pages =
    options.docIds === undefined
      ? pagesOf(view, keys.documentsOf(collection.collectionId))
      : namedEntries(view, namedKeys(collection, options.docIds))
  for await (const page of pages) {
    throwIfAborted(options.signal, `a read of ${collection.name}`)
    yield page
      .map(({ key, value }) => ({ docId: keys.docIdOf(key), record: decodeRecord(value) }))
      .filter(({ record }) => isShown(record, options.showDeleted))
  }
}

async function* readEntries(
  view: View,
  collection: CollectionVersion,
  index: IndexDescription,
  options: { readonly ranges: readonly KeyRange[]; readonly reverse?: boolean; readonly signal?: AbortSignal },
): AsyncGenerator<readonly Uint8Array[]> {
  const { reverse = false, signal } = options
  for (const range of reverse ? options.ranges.toReversed() : options.ranges) {
    for await (const page of pagesOf(view, range, { reverse })) {
      throwIfAborted(signal, `a read of index ${index.name} of ${collection.name}`)
      yield page.map(({ key }) => key)
    }
  }
}

/** The keys of the named documents in the order of their IDs, each once; what is no document ID names nothing. */
function namedKeys(collection: CollectionVersion, docIds: readonly string[]): readonly Uint8Array[] {
  return [...new Set(docIds)].toSorted().flatMap((docId) => documentKey(collection, docId))
}

function documentKey(collection: CollectionVersion, docId: string): readonly Uint8Array[] {
  try {
    return [keys.document(collection.collectionId, docId)]
  } catch (error) {
    if (isFailure(error, 'INVALID_ARGUMENT')) return []
    throw error
  }
}

async function readCommits(view: View, docId: string, cids: readonly Cid[]): Promise<readonly Commit[]> {
  const values = await view.getMany(cids.map((cid) => keys.commit(docId, cid)))
  return values.flatMap((bytes) => (bytes === undefined ? [] : [openCommit(bytes)]))
}

async function readHistory(view: View, docId: string): Promise<readonly Commit[]> {
  if (!keys.isDocumentId(docId)) return []
  const entries = await view.scan(keys.commitsOf(docId))
  return entries.map(({ value }) => openCommit(value))
}

async function readCollectionHistory(view: View, collection: CollectionVersion): Promise<CollectionHistory> {
  if (!collection.isBranchable) return { heads: [], commits: [] }
  const heads = await readCollectionHeads(view, collection)
  const entries = await view.scan(keys.collectionBlocksOf(collection.collectionId))
  return {
    heads: headCids(heads),
    commits: entries.map(({ value }) => openReplicated(value)).filter(isCollectionCommit),
  }
}

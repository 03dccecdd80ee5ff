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
import { forEachPaced, type Pacer } from '../util/pacer.ts'
import type { Catalog } from './catalog.ts'
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
  type WriteTools,
  type WrittenCommit,
} from './write-documents.ts'

/** So many records take a millisecond; whoever reads them can rest in between. */
const DECODED_AT_ONCE = 128

/** What reading works with. */
interface ReadTools {
  readonly overflows: Pick<IndexOverflows, 'has'>
  readonly pacer: Pacer
}

/** What a query reads: documents as the view has them. Writing through it is an error. */
export function readSource(view: View, tools: ReadTools): QuerySource {
  const refuse = async (): Promise<never> => {
    throw new DatabaseError('INVALID_REQUEST', 'a query cannot write; use a mutation', {})
  }
  return {
    ...readingPart(view, tools),
    create: refuse,
    update: refuse,
    delete: refuse,
  }
}

/** What a mutation reads and writes: its writes go to the view, and each commit to `written`. */
export function writeSource(
  view: WriteView,
  written: WrittenCommit[],
  tools: ReadTools & WriteTools & { readonly catalog: Catalog },
): QuerySource {
  const { catalog, pacer } = tools
  const record = (commits: readonly WrittenCommit[]): readonly string[] => {
    for (const commit of commits) written.push(commit)
    return documentIds(commits)
  }
  return {
    ...readingPart(view, tools),
    create: async (collection, given) => {
      const documents = await newDocuments(collection, given, pacer)
      await checkOneToOne(catalog, collection, documents, readSource(view, tools))
      return record(await createDocuments(view, collection, documents, tools))
    },
    update: async (collection, docIds, patch) => {
      const writes = docIds.map((docId) => ({ docId, values: patch }))
      await checkOneToOne(catalog, collection, writes, readSource(view, tools))
      record(await updateDocuments(view, collection, docIds, patch, tools))
    },
    delete: async (collection, docIds) => record(await deleteDocuments(view, collection, docIds, tools)),
  }
}

function readingPart(view: View, { overflows, pacer }: ReadTools): Omit<QuerySource, 'create' | 'update' | 'delete'> {
  return {
    documents: (collection, options) => readDocuments(view, collection, options),
    indexEntries: (collection, index, options) => readEntries(view, collection, index, options),
    isComplete: (collection, index) => indexLayout(collection, index) !== undefined && !overflows.has(collection.collectionId, index.id),
    commits: (docId, cids) => readCommits(view, docId, cids),
    history: (docId) => readHistory(view, docId, pacer),
    collectionHistory: (collection) => readCollectionHistory(view, collection, pacer),
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
    for (let start = 0; start < page.length; start += DECODED_AT_ONCE) {
      const part = page.slice(start, start + DECODED_AT_ONCE)
      yield part
        .map(({ key, value }) => ({ docId: keys.docIdOf(key), record: decodeRecord(value) }))
        .filter(({ record }) => isShown(record, options.showDeleted))
    }
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

async function readHistory(view: View, docId: string, pacer: Pacer): Promise<readonly Commit[]> {
  return keys.isDocumentId(docId) ? openAll(view, keys.commitsOf(docId), pacer, openCommit) : []
}

async function openAll<T>(view: View, range: KeyRange, pacer: Pacer, open: (value: Uint8Array) => T): Promise<readonly T[]> {
  const opened: T[] = []
  for await (const page of pagesOf(view, range)) await forEachPaced(page, pacer, ({ value }) => opened.push(open(value)))
  return opened
}

async function readCollectionHistory(view: View, collection: CollectionVersion, pacer: Pacer): Promise<CollectionHistory> {
  if (!collection.isBranchable) return { heads: [], commits: [] }
  const heads = await readCollectionHeads(view, collection)
  const commits = await openAll(view, keys.collectionBlocksOf(collection.collectionId), pacer, openReplicated)
  return { heads: headCids(heads), commits: commits.filter(isCollectionCommit) }
}

import type { Commit } from '../block/block.ts'
import { STATUS_DELETED } from '../block/block.ts'
import { packCommit } from '../block/commit.ts'
import { cidToText } from '../block/cid.ts'
import { buildCollectionBlock, buildCommit, type LocalChange } from '../dag/append.ts'
import { advanceHeads } from '../dag/heads.ts'
import { mergeCommit } from '../dag/merge.ts'
import { documentId } from '../document/document-id.ts'
import { withDefaults } from '../document/document-input.ts'
import type { FieldValues } from '../document/field-values.ts'
import { decodeHeads, decodeRecord, encodeHeads, encodeRecord } from '../document/record-codec.ts'
import { keys } from '../document/keys.ts'
import type { DocumentRecord } from '../document/record.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { WriteView } from './view.ts'

/** A commit made by a local write, with the collection it belongs to. */
export interface WrittenCommit {
  readonly collection: CollectionVersion
  readonly commit: Commit
}

/** The local write path: each function adds a commit and the new state to the view, and gives back the commits for those who tell others. */
export async function createDocuments(
  view: WriteView,
  collection: CollectionVersion,
  documents: readonly FieldValues[],
): Promise<readonly WrittenCommit[]> {
  const complete = documents.map((values) => withDefaults(collection, values))
  const ids = complete.map((values) => documentId(collection, values))
  await view.prefetch(ids.map((id) => keys.document(collection.collectionId, id)))
  const written: WrittenCommit[] = []
  for (const [index, values] of complete.entries()) {
    const docId = ids[index] ?? ''
    const record = await readRecord(view, collection, docId)
    if (record !== undefined) throw alreadyThere(collection, docId, record)
    written.push(await writeCommit(view, collection, docId, undefined, { kind: 'write', values }))
  }
  return written
}

/** @throws NOT_FOUND when one of the documents is not there or is deleted. */
export async function updateDocuments(
  view: WriteView,
  collection: CollectionVersion,
  docIds: readonly string[],
  patch: FieldValues,
): Promise<readonly WrittenCommit[]> {
  await view.prefetch(docIds.map((id) => keys.document(collection.collectionId, id)))
  const written: WrittenCommit[] = []
  for (const docId of docIds) {
    const record = await readRecord(view, collection, docId)
    if (record === undefined || record.status === STATUS_DELETED) throw notThere(collection, docId, record)
    written.push(await writeCommit(view, collection, docId, record, { kind: 'write', values: patch }))
  }
  return written
}

/** Deletes those of the documents that are there; the others are passed over. */
export async function deleteDocuments(
  view: WriteView,
  collection: CollectionVersion,
  docIds: readonly string[],
): Promise<readonly WrittenCommit[]> {
  await view.prefetch(docIds.map((id) => keys.document(collection.collectionId, id)))
  const written: WrittenCommit[] = []
  for (const docId of docIds) {
    const record = await readRecord(view, collection, docId)
    if (record === undefined || record.status === STATUS_DELETED) continue
    written.push(await writeCommit(view, collection, docId, record, { kind: 'delete' }))
  }
  return written
}

/** The stored state of a document, deleted ones included. */
async function readRecord(
  view: Pick<WriteView, 'get'>,
  collection: CollectionVersion,
  docId: string,
): Promise<DocumentRecord | undefined> {
  const bytes = await view.get(keys.document(collection.collectionId, docId))
  return bytes === undefined ? undefined : decodeRecord(bytes)
}

/** Stores a commit together with the state it leads to. */
export function storeCommit(view: WriteView, collection: CollectionVersion, commit: Commit, record: DocumentRecord): void {
  const { docId } = commit.composite.block.delta
  view.put(keys.commit(docId, commit.composite.cid), packCommit(commit))
  view.put(keys.document(collection.collectionId, docId), encodeRecord(record))
}

async function writeCommit(
  view: WriteView,
  collection: CollectionVersion,
  docId: string,
  record: DocumentRecord | undefined,
  change: LocalChange,
): Promise<WrittenCommit> {
  const commit = buildCommit(collection, docId, record, change, randomNonce)
  storeCommit(view, collection, commit, mergeCommit(collection, record, commit))
  if (collection.isBranchable) await appendToCollection(view, collection, commit)
  return { collection, commit }
}

async function appendToCollection(view: WriteView, collection: CollectionVersion, commit: Commit): Promise<void> {
  const headsKey = keys.collectionHeads(collection.collectionId)
  const stored = await view.get(headsKey)
  const heads = stored === undefined ? [] : decodeHeads(stored)
  const block = buildCollectionBlock(collection, heads, commit.composite)
  view.put(keys.collectionBlock(collection.collectionId, block.cid), block.bytes)
  const head = { cid: block.cid, height: block.block.delta.priority }
  view.put(headsKey, encodeHeads(advanceHeads(heads, head, block.block.heads)))
}

/** Uniform in [0, 2^63). */
function randomNonce(): bigint {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1))
  return random >> 1n
}

function alreadyThere(collection: CollectionVersion, docId: string, record: DocumentRecord): DatabaseError {
  const advice =
    record.status === STATUS_DELETED
      ? 'a document with this content was deleted, and a deleted document does not come back; change a field to make it another document'
      : 'documents with equal content are one document; update it, or change a field to make it another one'
  return new DatabaseError('ALREADY_EXISTS', `a document with the given ID already exists: ${collection.name} "${docId}"; ${advice}`, {
    what: 'document',
    id: docId,
  })
}

function notThere(collection: CollectionVersion, docId: string, record: DocumentRecord | undefined): DatabaseError {
  const state = record === undefined ? 'no document found' : 'the document is deleted'
  return new DatabaseError('NOT_FOUND', `${state}: ${collection.name} "${docId}"`, { what: 'document', id: docId })
}

/** What the listeners of changes are told of a commit. */
export function changeOf({ collection, commit }: WrittenCommit): {
  readonly collection: string
  readonly collectionID: string
  readonly docID: string
  readonly cid: string
} {
  return {
    collection: collection.name,
    collectionID: collection.collectionId,
    docID: commit.composite.block.delta.docId,
    cid: cidToText(commit.composite.cid),
  }
}

import { STATUS_ACTIVE, STATUS_DELETED, type Commit } from '../block/block.ts'
import { packCommit } from '../block/commit.ts'
import { cidToText } from '../block/cid.ts'
import {
  collectionCommit,
  documentOf,
  isDocumentCommit,
  packReplicated,
  type CollectionCommit,
  type ReplicatedCommit,
} from '../block/replicated-commit.ts'
import { buildCollectionBlock, buildCommit, type LocalChange } from '../dag/append.ts'
import { advanceHeads } from '../dag/heads.ts'
import { mergeCommit } from '../dag/merge.ts'
import { documentId } from '../document/document-id.ts'
import { withDefaults } from '../document/document-input.ts'
import type { FieldValues } from '../document/field-values.ts'
import { decodeHeads, decodeRecord, encodeHeads } from '../document/record-codec.ts'
import { keys } from '../document/keys.ts'
import type { DocumentRecord, FieldRecord, Head } from '../document/record.ts'
import { encodeValue } from '../document/value.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { mapPaced, type Pacer } from '../util/pacer.ts'
import type { Randomness } from '../util/randomness.ts'
import { putRecord } from './store-record.ts'
import { claimsOf } from './unique-claims.ts'
import { embeddingFields, withChangedVectors, withNewVectors } from './embedding/fill-vectors.ts'
import type { Vectors } from './embedding/vectors.ts'
import type { WriteView } from './view.ts'

/** A commit that was made or merged here, with the collection it belongs to. */
export interface WrittenCommit {
  readonly collection: CollectionVersion
  readonly commit: ReplicatedCommit
  /** The state of its document that the commit led to; a collection's own commits have none. */
  readonly record?: DocumentRecord
  /** The document is for those who have a key that is not here: only the network is told. */
  readonly isHidden?: boolean
}

/** Making and hashing a commit takes as long as some rows of a query. */
export const ROWS_PER_COMMIT = 4

/** Documents whose records are read together, ahead of their turn. */
const READ_AT_ONCE = 512

/** What a local write works with, beside what it writes. */
export interface WriteTools {
  readonly vectors: Vectors
  readonly pacer: Pacer
  readonly randomness: Randomness
}

/** A document before it is created: its values with defaults, and what follows from them. */
export interface NewDocument {
  readonly docId: string
  readonly values: FieldValues
  /** The keys that creating it reads. */
  readonly reads: readonly Uint8Array[]
}

/** Completes the values of a new document. A writer who does this first can say what he is going to read. */
export function newDocument(collection: CollectionVersion, given: FieldValues): NewDocument {
  const values = withDefaults(collection, given)
  const docId = documentId(collection, values)
  const hasUnique = collection.indexes.some(({ unique }) => unique)
  const claims = hasUnique ? claimsOf(collection, docId, asRecord(collection, values)) : []
  return { docId, values, reads: [keys.document(collection.collectionId, docId), ...claims] }
}

/** The same for many. */
export function newDocuments(
  collection: CollectionVersion,
  documents: readonly FieldValues[],
  pacer: Pacer,
): Promise<readonly NewDocument[]> {
  return mapPaced(documents, pacer, (given) => newDocument(collection, given))
}

/** The same documents with the vectors that are made from their values, and with the IDs that they have then. */
async function withVectorsOf(
  collection: CollectionVersion,
  documents: readonly NewDocument[],
  { vectors, pacer }: WriteTools,
): Promise<readonly NewDocument[]> {
  if (embeddingFields(collection).length === 0) return documents
  return newDocuments(collection, await mapPaced(documents, pacer, ({ values }) => withNewVectors(collection, values, vectors)), pacer)
}

/**
 * The local write path: each function adds a commit and the new state to the view, and gives back the commits for those who tell others. It may rest in between:
 * writers take turns, and nothing is stored before all is done.
 */
export async function createDocuments(
  view: WriteView,
  collection: CollectionVersion,
  given: readonly NewDocument[],
  tools: WriteTools,
): Promise<readonly WrittenCommit[]> {
  const { pacer, randomness } = tools
  const documents = await withVectorsOf(collection, given, tools)
  const written: WrittenCommit[] = []
  for (const [index, { docId, values }] of documents.entries()) {
    if (index % READ_AT_ONCE === 0) await view.prefetch(documents.slice(index, index + READ_AT_ONCE).flatMap(({ reads }) => reads))
    if (pacer.isDue(ROWS_PER_COMMIT)) await pacer.rest()
    const record = await readRecord(view, collection, docId)
    if (record !== undefined) throw alreadyThere(collection, docId, record)
    written.push(...(await writeCommit(view, collection, docId, undefined, { kind: 'write', values }, randomness)))
  }
  return written
}

/** @throws NOT_FOUND when one of the documents is not there or is deleted. */
export async function updateDocuments(
  view: WriteView,
  collection: CollectionVersion,
  docIds: readonly string[],
  patch: FieldValues,
  { vectors, pacer, randomness }: WriteTools,
): Promise<readonly WrittenCommit[]> {
  const written: WrittenCommit[] = []
  for (const [index, docId] of docIds.entries()) {
    if (index % READ_AT_ONCE === 0) await prefetchRecords(view, collection, docIds.slice(index, index + READ_AT_ONCE))
    if (pacer.isDue(ROWS_PER_COMMIT)) await pacer.rest()
    const record = await readRecord(view, collection, docId)
    if (!isThere(record)) throw notThere(collection, docId, record)
    if (record.secrecy !== undefined) throw encrypted(collection, docId)
    const values = withChangedVectors(collection, docId, record, patch, vectors)
    written.push(...(await writeCommit(view, collection, docId, record, { kind: 'write', values }, randomness)))
  }
  return written
}

/** Deletes those of the documents that are there; the others are passed over. */
export async function deleteDocuments(
  view: WriteView,
  collection: CollectionVersion,
  docIds: readonly string[],
  { pacer, randomness }: Omit<WriteTools, 'vectors'>,
): Promise<readonly WrittenCommit[]> {
  const written: WrittenCommit[] = []
  for (const [index, docId] of docIds.entries()) {
    if (index % READ_AT_ONCE === 0) await prefetchRecords(view, collection, docIds.slice(index, index + READ_AT_ONCE))
    if (pacer.isDue(ROWS_PER_COMMIT)) await pacer.rest()
    const record = await readRecord(view, collection, docId)
    if (!isThere(record)) continue
    if (record.secrecy !== undefined) throw encrypted(collection, docId)
    written.push(...(await writeCommit(view, collection, docId, record, { kind: 'delete' }, randomness)))
  }
  return written
}

function prefetchRecords(view: WriteView, { collectionId }: CollectionVersion, docIds: readonly string[]): Promise<void> {
  return view.prefetch(docIds.map((docId) => keys.document(collectionId, docId)))
}

/** The stored state of a document, deleted ones included. */
async function readRecord(view: Pick<WriteView, 'get'>, collection: CollectionVersion, docId: string): Promise<DocumentRecord | undefined> {
  const bytes = await view.get(keys.document(collection.collectionId, docId))
  return bytes === undefined ? undefined : decodeRecord(bytes)
}

/** Stores a commit; the state it leads to is for `putRecord`. */
export function storeCommit(view: WriteView, commit: Commit): void {
  view.put(keys.commit(commit.composite.block.delta.docId, commit.composite.cid), packCommit(commit))
}

/** The part of a new document's state that indexes look at. */
function asRecord(collection: CollectionVersion, values: FieldValues): DocumentRecord {
  const fields = collection.fields.flatMap(({ name, kind }): readonly [string, FieldRecord][] => {
    const value = values.get(name)
    return value === undefined || kind.type !== 'value' ? [] : [[name, { data: encodeValue(kind, value), priority: 1, heads: [] }]]
  })
  return { status: STATUS_ACTIVE, schemaVersionId: collection.versionId, heads: [], fields: new Map(fields) }
}

async function writeCommit(
  view: WriteView,
  collection: CollectionVersion,
  docId: string,
  record: DocumentRecord | undefined,
  change: LocalChange,
  randomness: Randomness,
): Promise<readonly WrittenCommit[]> {
  const commit = buildCommit(collection, docId, record, change, () => randomNonce(randomness))
  const merged = mergeCommit(collection, record, commit)
  storeCommit(view, commit)
  await putRecord(view, collection, docId, record, merged, 'local')
  const written = { collection, commit, record: merged }
  return collection.isBranchable ? [written, { collection, commit: await appendToCollection(view, collection, commit) }] : [written]
}

async function appendToCollection(view: WriteView, collection: CollectionVersion, commit: Commit): Promise<CollectionCommit> {
  const heads = await readCollectionHeads(view, collection)
  const own = collectionCommit(buildCollectionBlock(collection, heads, commit.composite))
  storeCollectionCommit(view, collection, own, heads)
  return own
}

/** The heads of a collection's own DAG; none where it has none. */
export async function readCollectionHeads(view: Pick<WriteView, 'get'>, { collectionId }: CollectionVersion): Promise<readonly Head[]> {
  const stored = await view.get(keys.collectionHeads(collectionId))
  return stored === undefined ? [] : decodeHeads(stored)
}

/** Stores a block of a collection's DAG on top of `heads`, with its signature. @returns the heads it leads to */
export function storeCollectionCommit(
  view: WriteView,
  { collectionId }: CollectionVersion,
  commit: CollectionCommit,
  heads: readonly Head[],
): readonly Head[] {
  const { cid, block } = commit.composite
  const advanced = advanceHeads(heads, { cid, height: block.delta.priority }, block.heads)
  view.put(keys.collectionBlock(collectionId, cid), packReplicated(commit))
  view.put(keys.collectionHeads(collectionId), encodeHeads(advanced))
  return advanced
}

/** Uniform in [0, 2^63). */
function randomNonce(randomness: Randomness): bigint {
  const bytes = randomness.bytes(8)
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0) >> 1n
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

/** Whether there is a document to write to. */
function isThere(record: DocumentRecord | undefined): record is DocumentRecord {
  return record !== undefined && record.status !== STATUS_DELETED && record.secrecy !== 'sealed'
}

/** To write in clear what others have encrypted would give it away. */
function encrypted(collection: CollectionVersion, docId: string): DatabaseError {
  const message = `${collection.name} "${docId}" is encrypted: it can be read here, but encrypted documents cannot be changed yet`
  return new DatabaseError('UNSUPPORTED', message, { feature: 'writing encrypted documents' })
}

function notThere(collection: CollectionVersion, docId: string, record: DocumentRecord | undefined): DatabaseError {
  const state = record === undefined || record.secrecy === 'sealed' ? 'no document found' : 'the document is deleted'
  return new DatabaseError('NOT_FOUND', `${state}: ${collection.name} "${docId}"`, { what: 'document', id: docId })
}

/** The documents that were written, in order; a collection's own blocks are of none. */
export function documentIds(written: readonly WrittenCommit[]): readonly string[] {
  return written.flatMap(({ commit }) => (isDocumentCommit(commit) ? [documentOf(commit)] : []))
}

/** What the listeners of changes are told of the commit of a document. */
export function changeOf({ collection, commit }: WrittenCommit): {
  readonly collection: string
  readonly collectionID: string
  readonly docID: string
  readonly cid: string
} {
  return {
    collection: collection.name,
    collectionID: collection.collectionId,
    docID: documentOf(commit),
    cid: cidToText(commit.composite.cid),
  }
}

import { STATUS_ACTIVE, type Commit } from '../block/block.ts'
import { cidKey, equalCids, type Cid } from '../block/cid.ts'
import { openCommit } from '../block/commit.ts'
import { mergeCommit } from '../dag/merge.ts'
import { ancestorsFirst } from '../dag/walk.ts'
import { documentId, parseDocId } from '../document/document-id.ts'
import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import type { DocumentRecord } from '../document/record.ts'
import { isFailure } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { readContent, type Content } from './commit-content.ts'
import { createDocumentHistory, type DocumentHistory } from './document-history.ts'
import { faultOfFieldParents } from './field-parents.ts'
import { markLeftAside, WHOLE_DOCUMENT } from './left-aside.ts'
import { openCommits } from './opened-commits.ts'
import type { IndexViolation } from './database.ts'
import type { MergeReport, Rejection } from './replica.ts'
import { putRecord } from './store-record.ts'
import { claimsOf } from './unique-claims.ts'
import type { Pacer } from '../util/pacer.ts'
import type { WriteView } from './view.ts'
import { ROWS_PER_COMMIT, storeCommit, type WrittenCommit } from './write-documents.ts'

/** What a merge did: the report for the network, and the commits that are new here. */
export interface Merged {
  readonly report: MergeReport
  readonly written: readonly WrittenCommit[]
  readonly violations: readonly IndexViolation[]
}

/** One document during a merge: its state so far, and what is known of its history. */
interface DocumentMerge {
  /** As it is stored. */
  readonly before: DocumentRecord | undefined
  record: DocumentRecord | undefined
  /** Heights of composites that are stored or merged in this call, by CID. */
  readonly heights: Map<string, number>
  /** Read where the record alone cannot tell. */
  readonly history: DocumentHistory
}

/**
 * The merge path: applies commits of other nodes, each exactly once and ancestors first.
 *
 * A stored commit is a merged commit with all its ancestors, so being stored is the mark of "merged". What a signature or a hash cannot tell is checked here: the
 * document ID of a first commit is that of its content, heights follow from the parents, those of a field's blocks are blocks of the same field before them.
 */
export async function mergeCommits(
  view: WriteView,
  collection: CollectionVersion,
  commits: readonly Commit[],
  versions: readonly CollectionVersion[],
  pacer: Pacer,
): Promise<Merged> {
  const foreign = new Set(versions.filter(({ collectionId }) => collectionId !== collection.collectionId).map(({ versionId }) => versionId))
  const written: WrittenCommit[] = []
  const rejected: Rejection[] = []
  const missing: MergeReport['missing'][number][] = []
  const documents = await loadDocuments(view, collection, commits, pacer)
  const opened = await openCommits(view, commits)
  let known = 0

  for (const commit of ancestorsFirst(commits)) {
    if (pacer.isDue(ROWS_PER_COMMIT)) await pacer.rest()
    const { cid, block } = commit.composite
    const { docId } = block.delta
    const document = documents.get(docId)
    if (document === undefined) {
      rejected.push({ kind: 'refused', cid, reason: `"${docId}" is no document ID` })
      continue
    }
    if (document.heights.has(cidKey(cid))) {
      known += 1
      continue
    }
    const absent = block.heads.filter((parent) => !document.heights.has(cidKey(parent)))
    if (absent.length > 0) {
      missing.push({ cid: commit.composite.cid, docId, parents: absent })
      continue
    }
    const content = readContent(collection, commit, opened.plainData)
    const foreignCollection = foreign.has(block.delta.schemaVersionId) ? `it is of another collection than "${collection.name}"` : undefined
    const doubt = foreignCollection ?? faultOf(collection, commit, content) ?? (await faultElsewhere(view, commit, content, document))
    const forgery =
      forgeryOf(collection, commit, content, document) ?? (await faultOfFieldParents(commit, document.record, document.history))
    const fault = doubt ?? forgery
    if (fault !== undefined) {
      rejected.push({ kind: doubt === undefined ? 'forged' : 'refused', cid, reason: fault })
      continue
    }
    const aside = content.kind === 'read' ? content.aside : []
    const again = await mergedBefore(document, commit)
    const secrecy = opened.secrecy(commit, document.record)
    document.record = { ...mergeCommit(collection, document.record, commit, [...aside, ...again], opened.plainData), ...secrecy }
    document.history.note(commit)
    document.heights.set(cidKey(cid), block.delta.priority)
    storeCommit(view, commit)
    markLeftAside(view, collection, docId, cid, opened.isSealed(commit) ? [...aside, WHOLE_DOCUMENT] : aside)
    written.push({ collection, commit, record: document.record, isHidden: document.record.secrecy === 'sealed' })
  }
  const violations = await storeRecords(view, collection, documents, pacer)
  return { report: { merged: written.length, known, rejected, missing }, written, violations }
}

/** Stores where the documents have got to, once for all of their commits. */
async function storeRecords(
  view: WriteView,
  collection: CollectionVersion,
  documents: ReadonlyMap<string, DocumentMerge>,
  pacer: Pacer,
): Promise<readonly IndexViolation[]> {
  const changed = [...documents].flatMap(([docId, { before, record }]) =>
    record === undefined || record === before ? [] : [{ docId, before, record }],
  )
  const states = changed.flatMap(({ docId, before, record }) =>
    before === undefined
      ? [{ docId, record }]
      : [
          { docId, record: before },
          { docId, record },
        ],
  )
  await view.prefetch(states.flatMap(({ docId, record }) => claimsOf(collection, docId, record)))
  const violations: IndexViolation[] = []
  for (const { docId, before, record } of changed) {
    if (pacer.isDue()) await pacer.rest()
    violations.push(...(await putRecord(view, collection, docId, before, record, 'merge')))
  }
  return violations
}

/** Reads, in two calls for the whole batch, the state of every document and which of the commits and their parents are stored. */
async function loadDocuments(
  view: WriteView,
  collection: CollectionVersion,
  commits: readonly Commit[],
  pacer: Pacer,
): Promise<ReadonlyMap<string, DocumentMerge>> {
  const docIds = [...new Set(commits.map((commit) => commit.composite.block.delta.docId))].filter(isDocId)
  const records = await view.getMany(docIds.map((docId) => keys.document(collection.collectionId, docId)))
  const documents = new Map(
    docIds.map((docId, index): [string, DocumentMerge] => {
      const bytes = records[index]
      const record = bytes === undefined ? undefined : decodeRecord(bytes)
      const heights = new Map(record?.heads.map((head) => [cidKey(head.cid), head.height]))
      return [docId, { before: record, record, heights, history: createDocumentHistory(view, docId, pacer) }]
    }),
  )
  // Only documents that are here already can have stored commits.
  const wanted = new Map<string, { readonly docId: string; readonly cid: Cid }>()
  for (const { composite } of commits) {
    const { docId } = composite.block.delta
    const document = documents.get(docId)
    if (document?.record === undefined) continue
    // What is higher than every head cannot be stored yet: it would be one.
    const isNew = document.record.heads.every(({ height }) => height < composite.block.delta.priority)
    for (const cid of isNew ? composite.block.heads : [composite.cid, ...composite.block.heads]) {
      if (!document.heights.has(cidKey(cid))) wanted.set(docId + cidKey(cid), { docId, cid })
    }
  }
  const asked = [...wanted.values()]
  const stored = await view.getMany(asked.map(({ docId, cid }) => keys.commit(docId, cid)))
  for (const [index, { docId, cid }] of asked.entries()) {
    const [bytes, document] = [stored[index], documents.get(docId)]
    if (bytes === undefined || document === undefined) continue
    const commit = openCommit(bytes)
    document.heights.set(cidKey(cid), commit.composite.block.delta.priority)
    document.history.note(commit)
  }
  return documents
}

/**
 * The fields of a new commit whose blocks are merged already: two writers who set a field to the same value on the same parents have made the same block, in a
 * commit each. It counts once; merged again, a counter would count twice, and a superseded block would become a head.
 */
async function mergedBefore(document: DocumentMerge, commit: Commit): Promise<readonly string[]> {
  const names: string[] = []
  for (const { cid, block } of commit.fields) {
    const { fieldName, priority } = block.delta
    const heads = document.record?.fields.get(fieldName)?.heads ?? []
    if (heads.some((head) => equalCids(head.cid, cid))) {
      names.push(fieldName)
      continue
    }
    // A merged block is a head, or below one that is higher. Writers who are level need no look at the history, which costs more the longer it is.
    if (heads.every((head) => head.height <= priority)) continue
    if (await document.history.hasFieldBlock(cid)) names.push(fieldName)
  }
  return names
}

/** What this node's version of the collection cannot take; that of an honest node may be another one. */
function faultOf(collection: CollectionVersion, commit: Commit, content: Content): string | undefined {
  if (content.kind === 'wrong') return content.fault
  const { schemaVersionId } = commit.composite.block.delta
  return schemaVersionId === collection.versionId ? undefined : faultOfId(collection, commit, content)
}

/** What is wrong with a commit whatever the version, its parents being all here: nobody who has looked passes it on. */
function forgeryOf(collection: CollectionVersion, commit: Commit, content: Content, document: DocumentMerge): string | undefined {
  const { block } = commit.composite
  const { priority, status } = block.delta
  const expected = 1 + block.heads.reduce((highest, parent) => Math.max(highest, document.heights.get(cidKey(parent)) ?? 0), 0)
  if (priority !== expected) return `height ${priority} does not follow from the parents: ${expected}`
  if (block.heads.length === 0 && status !== STATUS_ACTIVE) return 'a first commit cannot delete'
  return faultOfId(collection, commit, content)
}

/** A document's ID is that of its first content. */
function faultOfId(collection: CollectionVersion, { composite }: Commit, content: Content): string | undefined {
  const { heads, delta } = composite.block
  // With a field that cannot be read here nobody can tell the whole content.
  if (heads.length > 0 || content.kind === 'wrong' || content.aside.length > 0) return undefined
  const contentId = documentId(collection, content.values)
  return contentId === delta.docId ? undefined : `document ID "${delta.docId}" is not that of its content: "${contentId}"`
}

/** A first commit whose content cannot be read whole could claim the document of another collection; here at least it cannot claim one that is there. */
async function faultElsewhere(
  view: WriteView,
  { composite }: Commit,
  content: Content,
  document: DocumentMerge,
): Promise<string | undefined> {
  if (document.record !== undefined || content.kind === 'wrong' || content.aside.length === 0) return undefined
  const { docId } = composite.block.delta
  const [other] = await view.scan(keys.commitsOf(docId), { limit: 1 })
  return other === undefined ? undefined : `document "${docId}" is of another collection`
}

function isDocId(text: string): boolean {
  try {
    parseDocId(text)
    return true
  } catch (error) {
    if (isFailure(error, 'INVALID_ARGUMENT')) return false
    throw error
  }
}

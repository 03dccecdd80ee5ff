import type { Commit } from '../../block/block.ts'
import { cidKey, equalCids, parseCid, type Cid } from '../../block/cid.ts'
import { replay } from '../../dag/replay.ts'
import type { DocumentRecord } from '../../document/record.ts'
import { DatabaseError, isFailure, throwIfAborted } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { WORTH_A_LOOK } from '../../util/pacer.ts'
import type { Execution } from '../plan/execution.ts'
import type { Row } from '../row.ts'
import type { CollectionHistory, SourceDocument } from '../source.ts'

/** Where a block stands: in the history of a document, or in that of a collection. */
export type BlockPlace =
  | {
      readonly kind: 'document'
      readonly collection: CollectionVersion
      readonly document: SourceDocument
      readonly commits: readonly Commit[]
    }
  | { readonly kind: 'collection'; readonly collection: CollectionVersion; readonly history: CollectionHistory }

/** @throws INVALID_REQUEST when a text is no CID, or no CID of a block */
export function readCid(text: string): Cid {
  try {
    return parseCid(text)
  } catch (error) {
    if (!isFailure(error, 'INVALID_ARGUMENT')) throw error
    // Of the right length and alphabet, it is the CID of something that cannot be here.
    if (/^b[a-z2-7]{58}$/.test(text)) throw missingCid(text)
    const reason = text.startsWith('b') ? error.message : `selected encoding not supported: ${error.message}`
    throw new DatabaseError('INVALID_REQUEST', `invalid cid: ${reason}`, {}, { cause: error })
  }
}

export function missingCid(text: string): DatabaseError<'NOT_FOUND'> {
  return new DatabaseError('NOT_FOUND', `missing cid: there is no commit "${text}" here`, { what: 'commit', id: text })
}

/** All documents, deleted ones as well, of these collections or with this ID. */
export async function* everyDocument(
  collections: readonly CollectionVersion[],
  docId: string | undefined,
  { source, signal, pacer }: Execution,
): AsyncGenerator<{ readonly collection: CollectionVersion; readonly document: SourceDocument }> {
  const options = { showDeleted: true, ...(docId === undefined ? {} : { docIds: [docId] }), ...(signal === undefined ? {} : { signal }) }
  for (const collection of collections) {
    for await (const batch of source.documents(collection, options)) {
      throwIfAborted(signal, `a read of the history of ${collection.name}`)
      // Most of those who ask read the history of each.
      for (const document of batch) {
        if (pacer.isDue(WORTH_A_LOOK)) await pacer.rest()
        yield { collection, document }
      }
    }
  }
}

/**
 * Finds the block with this CID. CIDs say nothing of where a block belongs: current heads are looked at first, which are in the records; older blocks are
 * found by reading history after history.
 */
export async function findBlock(
  cid: Cid,
  collections: readonly CollectionVersion[],
  docId: string | undefined,
  execution: Execution,
): Promise<BlockPlace | undefined> {
  const { source } = execution
  const ofCollection = docId === undefined ? await findCollectionBlock(cid, collections, execution) : undefined
  if (ofCollection !== undefined) return ofCollection
  for await (const { collection, document } of everyDocument(collections, docId, execution)) {
    if (headsOf(document.record).some((head) => equalCids(head, cid))) {
      return { kind: 'document', collection, document, commits: await source.history(document.docId) }
    }
  }
  for await (const { collection, document } of everyDocument(collections, docId, execution)) {
    const commits = await source.history(document.docId)
    if (commits.some(({ composite, fields }) => [composite, ...fields].some((block) => equalCids(block.cid, cid)))) {
      return { kind: 'document', collection, document, commits }
    }
  }
  return undefined
}

async function findCollectionBlock(
  cid: Cid,
  collections: readonly CollectionVersion[],
  { source }: Execution,
): Promise<BlockPlace | undefined> {
  for (const collection of collections) {
    const history = await source.collectionHistory(collection)
    if (history.commits.some(({ composite }) => equalCids(composite.cid, cid))) return { kind: 'collection', collection, history }
  }
  return undefined
}

/**
 * The documents as they were at a commit: one for a commit of a document, all of them for one of a branchable collection.
 *
 * @throws NOT_FOUND when the commit is not here or is that of a field, which has no document of its own
 */
export async function rowsAt(
  text: string,
  collection: CollectionVersion,
  docId: string | undefined,
  execution: Execution,
): Promise<readonly Row[]> {
  const cid = readCid(text)
  // A commit of the collection is of all documents, also where one of them is asked for.
  const place = (await findBlock(cid, [collection], docId, execution)) ?? (await findCollectionBlock(cid, [collection], execution))
  if (place === undefined) throw missingCid(text)
  if (place.kind === 'document') {
    const record = recordAt(collection, place.commits, [cid])
    if (record === undefined) throw missingCid(text)
    return [{ docId: place.document.docId, record }]
  }
  const composites = compositesAt(place.history, cid)
  const rows: Row[] = []
  for await (const { document } of everyDocument([collection], docId, execution)) {
    const record = recordAt(collection, await execution.source.history(document.docId), composites)
    if (record !== undefined) rows.push({ docId: document.docId, record })
  }
  return rows
}

function headsOf({ heads, fields }: DocumentRecord): readonly Cid[] {
  return [...heads, ...[...fields.values()].flatMap((field) => field.heads)].map(({ cid }) => cid)
}

/** The state of a document when these of its commits, and what they build on, were all there was. */
function recordAt(collection: CollectionVersion, commits: readonly Commit[], cids: readonly Cid[]): DocumentRecord | undefined {
  const commitByCid = new Map(commits.map((commit) => [cidKey(commit.composite.cid), commit]))
  const reached = new Map<string, Commit>()
  const pending = [...cids]
  for (let cid = pending.pop(); cid !== undefined; cid = pending.pop()) {
    const commit = commitByCid.get(cidKey(cid))
    if (commit === undefined || reached.has(cidKey(cid))) continue
    reached.set(cidKey(cid), commit)
    pending.push(...commit.composite.block.heads)
  }
  return replay(collection, [...reached.values()])
}

/** The commits of documents that a commit of their collection and its ancestors contain. */
function compositesAt({ commits }: CollectionHistory, cid: Cid): readonly Cid[] {
  const blockByCid = new Map(commits.map(({ composite }) => [cidKey(composite.cid), composite.block]))
  const seen = new Set<string>()
  const composites: Cid[] = []
  const pending = [cid]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const block = blockByCid.get(cidKey(next))
    if (block === undefined || seen.has(cidKey(next))) continue
    seen.add(cidKey(next))
    composites.push(...block.links.map((link) => link.cid))
    pending.push(...block.heads)
  }
  return composites
}

import type { CollectionDelta, CompositeDelta, FieldDelta, SealedBlock } from '../../block/block.ts'
import { cidKey, type Cid } from '../../block/cid.ts'
import type { ReplicatedCommit } from '../../block/replicated-commit.ts'
import type { DocumentRecord } from '../../document/record.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { Execution } from '../plan/execution.ts'
import type { SourceDocument } from '../source.ts'
import { COMPOSITE, entryOfBlock, signaturesOf, type CommitEntry, type SignatureByCid } from './commit-entry.ts'
import { everyDocument, findBlock, missingCid, readCid } from './history.ts'

/** Which commits to list. */
export interface CommitListing {
  readonly cid?: string
  readonly docId?: string
  /** Of one field, or `_C` for documents as a whole. */
  readonly fieldName?: string
  /** How far to go back: 1 is what is current, or the commit named by `cid` alone. */
  readonly depth?: number
}

/**
 * Commits from the newest back: those of branchable collections, then document by document, field by field in the order of the schema, and last the document
 * as a whole. With a CID it is that commit, and what it builds on as far as `depth` goes; a field that it is not of leaves none.
 *
 * @throws NOT_FOUND for a CID that is not here
 */
export async function listCommits(listing: CommitListing, execution: Execution): Promise<readonly CommitEntry[]> {
  const { docId, fieldName, depth } = listing
  const { all } = execution.collections
  if (listing.cid !== undefined) {
    const cid = readCid(listing.cid)
    const place = await findBlock(cid, all, docId, execution)
    if (place === undefined) throw missingCid(listing.cid)
    const history = place.kind === 'document' ? historyOf(place.commits) : historyOf(place.history.commits)
    const found = await walk([cid], history, depth ?? 1, execution)
    return fieldName === undefined ? found : found.filter((entry) => entry.fieldName === fieldName)
  }
  const entries: CommitEntry[] = []
  if (docId === undefined && fieldName === undefined) {
    for (const collection of all) {
      const { heads, commits } = await execution.source.collectionHistory(collection)
      for (const entry of await walk(heads, historyOf(commits), depth, execution)) entries.push(entry)
    }
  }
  for await (const { collection, document } of everyDocument(all, docId, execution)) {
    const history = historyOf(await execution.source.history(document.docId))
    for (const heads of headLists(collection, document, fieldName)) {
      for (const entry of await walk(heads, history, depth, execution)) entries.push(entry)
    }
  }
  return entries
}

/** The current commits of one document: of one field, or of the document as a whole. */
export async function latestCommits(docId: string, fieldName: string | undefined, execution: Execution): Promise<readonly CommitEntry[]> {
  return listCommits({ docId, fieldName: fieldName ?? COMPOSITE, depth: 1 }, execution)
}

type AnyBlock = SealedBlock<CompositeDelta | FieldDelta | CollectionDelta>

/** What can be shown of one DAG. */
interface History {
  readonly blocks: ReadonlyMap<string, AnyBlock>
  readonly signatures: SignatureByCid
}

function historyOf(commits: readonly ReplicatedCommit[]): History {
  const blocks = commits.flatMap(({ composite, fields }): readonly AnyBlock[] => [composite, ...fields])
  return { blocks: new Map(blocks.map((sealed) => [cidKey(sealed.cid), sealed])), signatures: signaturesOf(commits) }
}

/** Heads of the DAGs of a document that are asked for. */
function headLists(collection: CollectionVersion, { record }: SourceDocument, fieldName: string | undefined): readonly (readonly Cid[])[] {
  const known = collection.schemaFields.map(({ name }) => name)
  const others = [...record.fields.keys()].filter((name) => !known.includes(name))
  const names = [...known, ...others, COMPOSITE].filter((name) => fieldName === undefined || name === fieldName)
  return names.map((name) => headCids(record, name))
}

function headCids({ heads, fields }: DocumentRecord, name: string): readonly Cid[] {
  return (name === COMPOSITE ? heads : (fields.get(name)?.heads ?? [])).map(({ cid }) => cid)
}

/** The blocks from these heads back, each once, no more than `depth` in a row. Where histories join, the last parent comes first. */
async function walk(
  heads: readonly Cid[],
  { blocks, signatures }: History,
  depth: number = Number.POSITIVE_INFINITY,
  { pacer }: Execution,
): Promise<readonly CommitEntry[]> {
  const entries: CommitEntry[] = []
  const seen = new Set<string>()
  const pending = heads.map((cid) => ({ cid, level: 1 })).reverse()
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (pacer.isDue()) await pacer.rest()
    const { cid, level } = next
    const sealed = blocks.get(cidKey(cid))
    if (sealed === undefined || level > depth || seen.has(cidKey(cid))) continue
    seen.add(cidKey(cid))
    entries.push(entryOfBlock(sealed, signatures))
    pending.push(...sealed.block.heads.map((head) => ({ cid: head, level: level + 1 })))
  }
  return entries
}

import { STATUS_ACTIVE, type Commit, type FieldDelta, type SealedBlock } from '../block/block.ts'
import { cidKey, compareCids } from '../block/cid.ts'
import { crdtRule } from '../crdt/kinds.ts'
import { mergeStatus } from '../crdt/status.ts'
import type { DocumentRecord, FieldRecord, Head } from '../document/record.ts'
import type { CollectionVersion, FieldDescription } from '../schema/collection-version.ts'
import { advanceHeads } from './heads.ts'

/** The data of encrypted field blocks, as `openSealed` gives them, by the `cidKey` of the block. */
export type PlainData = ReadonlyMap<string, Uint8Array>

const NOTHING_OPENED: PlainData = new Map()

/**
 * Applies one commit to the state of its document: the only place where blocks become state, for local writes and for merges alike.
 *
 * The caller sees to it that each commit is applied exactly once and after all its ancestors, and each field block once even where two commits link it (see
 * `replay`); then every order gives the same record, and nothing here has to look at history. Fields that the collection does not know (yet), or has in
 * `aside`, are passed over: their blocks stay in the stored commit.
 *
 * So is an encrypted field block that is not in `plainData`: it leaves neither value nor head, as if it had not been written. The caller remembers it; when its
 * key has come, the document is merged anew from its commits. (To apply the block late is not the same: later blocks may have superseded it.)
 *
 * An `encryption` on the composite says that the document as a whole is for those who have that key. Nothing in the composite is encrypted, and it is merged here like
 * any other, so that heads are right for whoever asks for them. As long as the key is missing, the caller shows the record to the network only: to queries, indexes,
 * events and local writes there is no such document. When the key has come, it is merged anew and from then on shown.
 */
export function mergeCommit(
  collection: CollectionVersion,
  record: DocumentRecord | undefined,
  commit: Commit,
  aside: readonly string[] = [],
  plainData: PlainData = NOTHING_OPENED,
): DocumentRecord {
  const { cid, block } = commit.composite
  const fields = new Map(record?.fields)
  for (const sealed of commit.fields) {
    const { fieldName } = sealed.block.delta
    const field = collection.fields.find((candidate) => candidate.name === fieldName)
    const data = dataOf(sealed, plainData)
    if (field === undefined || data === undefined || aside.includes(fieldName)) continue
    fields.set(fieldName, mergeField(field, fields.get(fieldName), sealed, data))
  }
  const { status, schemaVersionId, priority: height } = block.delta
  const heads = record?.heads ?? []
  return {
    status: mergeStatus(record?.status ?? STATUS_ACTIVE, status),
    schemaVersionId: record === undefined || isLatest({ cid, height }, heads) ? schemaVersionId : record.schemaVersionId,
    heads: advanceHeads(heads, { cid, height }, block.heads),
    fields,
  }
}

/** The highest composite, and among equally high ones the one with the last CID. Such a one is always among the heads, so no other state is needed. */
function isLatest({ cid, height }: Head, heads: readonly Head[]): boolean {
  return heads.every((head) => head.height < height || (head.height === height && compareCids(head.cid, cid) < 0))
}

/**
 * The field's state with one more block applied; `data` are the plain ones of an encrypted block.
 * @throws CORRUPT_DATA when the block is not of the field's CRDT or kind, INVALID_DOCUMENT when its rule forbids the change
 */
export function mergeField(
  field: FieldDescription,
  current: FieldRecord | undefined,
  sealed: SealedBlock<FieldDelta>,
  data: Uint8Array = sealed.block.delta.data,
): FieldRecord {
  const { cid, block } = sealed
  if (field.kind.type !== 'value') throw new RangeError(`"${field.name}" holds no value of its own`)
  const delta = data === block.delta.data ? block.delta : { ...block.delta, data }
  const state = crdtRule(field.crdt).apply(current, delta, field.kind)
  const heads = advanceHeads(current?.heads ?? [], { cid, height: block.delta.priority }, block.heads)
  return { data: state.data, priority: state.priority, heads }
}

function dataOf({ cid, block }: SealedBlock<FieldDelta>, plainData: PlainData): Uint8Array | undefined {
  return block.encryption === undefined ? block.delta.data : plainData.get(cidKey(cid))
}

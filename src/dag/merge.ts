import { STATUS_ACTIVE, type Commit, type FieldDelta, type SealedBlock } from '../block/block.ts'
import { crdtRule } from '../crdt/kinds.ts'
import { mergeStatus } from '../crdt/status.ts'
import type { DocumentRecord, FieldRecord } from '../document/record.ts'
import type { CollectionVersion, FieldDescription } from '../schema/collection-version.ts'
import { advanceHeads } from './heads.ts'

/**
 * Applies one commit to the state of its document: the only place where blocks become state, for local writes and for merges alike.
 *
 * The caller sees to it that each commit is applied exactly once and after all its ancestors; then every order gives the same record, and
 * nothing here has to look at history. Fields that the collection does not know (yet), or has in `aside`, are passed over: their blocks stay in the stored
 * commit.
 */
export function mergeCommit(
  collection: CollectionVersion,
  record: DocumentRecord | undefined,
  commit: Commit,
  aside: readonly string[] = [],
): DocumentRecord {
  const { cid, block } = commit.composite
  const fields = new Map(record?.fields)
  for (const sealed of commit.fields) {
    const { fieldName } = sealed.block.delta
    const field = collection.fields.find((candidate) => candidate.name === fieldName)
    if (field !== undefined && !aside.includes(fieldName)) fields.set(fieldName, mergeField(field, fields.get(fieldName), sealed))
  }
  return {
    status: mergeStatus(record?.status ?? STATUS_ACTIVE, block.delta.status),
    schemaVersionId: block.delta.schemaVersionId,
    heads: advanceHeads(record?.heads ?? [], { cid, height: block.delta.priority }, block.heads),
    fields,
  }
}

/**
 * The field's state with one more block applied.
 * @throws CORRUPT_DATA when the block is not of the field's CRDT or kind, INVALID_DOCUMENT when its rule forbids the change
 */
export function mergeField(field: FieldDescription, current: FieldRecord | undefined, sealed: SealedBlock<FieldDelta>): FieldRecord {
  const { cid, block } = sealed
  if (field.kind.type !== 'value') throw new RangeError(`"${field.name}" holds no value of its own`)
  const state = crdtRule(field.crdt).apply(current, block.delta, field.kind)
  const heads = advanceHeads(current?.heads ?? [], { cid, height: block.delta.priority }, block.heads)
  return { data: state.data, priority: state.priority, heads }
}

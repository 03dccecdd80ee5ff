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
 * nothing here has to look at history. Fields that the collection does not know (yet) are passed over: their blocks stay in the stored commit.
 */
export function mergeCommit(collection: CollectionVersion, record: DocumentRecord | undefined, commit: Commit): DocumentRecord {
  const { cid, block } = commit.composite
  const fields = new Map(record?.fields)
  for (const sealed of commit.fields) {
    const field = collection.fields.find((candidate) => candidate.name === sealed.block.delta.fieldName)
    const merged = field === undefined ? undefined : mergeField(field, fields.get(field.name), sealed)
    if (merged !== undefined) fields.set(sealed.block.delta.fieldName, merged)
  }
  return {
    status: mergeStatus(record?.status ?? STATUS_ACTIVE, block.delta.status),
    schemaVersionId: block.delta.schemaVersionId,
    heads: advanceHeads(record?.heads ?? [], { cid, height: block.delta.priority }, block.heads),
    fields,
  }
}

/** The field's state with the block applied; `undefined` when the block is not of the field's CRDT, as under another version of the schema. */
function mergeField(field: FieldDescription, current: FieldRecord | undefined, sealed: SealedBlock<FieldDelta>): FieldRecord | undefined {
  const { cid, block } = sealed
  const rule = crdtRule(field.crdt)
  if (field.kind.type !== 'value' || rule.deltaKind !== block.delta.kind) return undefined
  const state = rule.apply(current, block.delta, field.kind)
  const heads = advanceHeads(current?.heads ?? [], { cid, height: block.delta.priority }, block.heads)
  return { data: state.data, priority: state.priority, heads }
}

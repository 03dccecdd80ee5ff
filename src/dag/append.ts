import {
  STATUS_ACTIVE,
  STATUS_DELETED,
  type CollectionDelta,
  type Commit,
  type CompositeDelta,
  type FieldDelta,
  type SealedBlock,
} from '../block/block.ts'
import { sealBlock } from '../block/codec.ts'
import { sealCommit } from '../block/commit.ts'
import { crdtRule } from '../crdt/kinds.ts'
import type { DocumentRecord, Head } from '../document/record.ts'
import { encodeValue } from '../document/value.ts'
import type { CollectionVersion, FieldDescription } from '../schema/collection-version.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { headCids, nextHeight } from './heads.ts'

/** A local change of one document, before it is a commit. */
export type LocalChange = { readonly kind: 'write'; readonly values: ReadonlyMap<string, DocumentValue> } | { readonly kind: 'delete' }

/**
 * Builds the commit of a local change on top of the document's current heads: one block for each given field, nulls included, and the composite
 * that links them. Pure: nothing is stored.
 *
 * `record` is absent for a new document. `randomNonce` is asked for every later counter block; creation uses 0, so that creating the same document twice makes
 * the same blocks.
 */
export function buildCommit(
  collection: CollectionVersion,
  docId: string,
  record: DocumentRecord | undefined,
  change: LocalChange,
  randomNonce: () => bigint,
): Commit {
  const fields = change.kind === 'delete' ? [] : buildFields(collection, docId, record, change.values, randomNonce)
  const heads = record?.heads ?? []
  const delta = {
    kind: 'composite',
    docId,
    status: change.kind === 'delete' ? STATUS_DELETED : STATUS_ACTIVE,
    priority: nextHeight(heads),
    schemaVersionId: collection.versionId,
  } as const
  return sealCommit(delta, headCids(heads), fields)
}

/** The block that a branchable collection adds to its own DAG for a commit of one of its documents. */
export function buildCollectionBlock(
  collection: CollectionVersion,
  heads: readonly Head[],
  composite: SealedBlock<CompositeDelta>,
): SealedBlock<CollectionDelta> {
  return sealBlock({
    delta: { kind: 'collection', priority: nextHeight(heads), schemaVersionId: collection.versionId },
    heads: headCids(heads),
    links: [{ name: '', cid: composite.cid }],
  })
}

function buildFields(
  collection: CollectionVersion,
  docId: string,
  record: DocumentRecord | undefined,
  values: ReadonlyMap<string, DocumentValue>,
  randomNonce: () => bigint,
): readonly SealedBlock<FieldDelta>[] {
  const described = new Map(collection.fields.map((field) => [field.name, field]))
  return [...values].map(([name, value]) => {
    const field = described.get(name)
    // Values come from `parseDocument`, which let only fields of this collection pass.
    if (field === undefined || field.kind.type !== 'value') throw new RangeError(`"${name}" is no value field of ${collection.name}`)
    const heads = record?.fields.get(name)?.heads ?? []
    const delta = fieldDelta(field, docId, encodeValue(field.kind, value), collection.versionId, nextHeight(heads), () =>
      record === undefined ? 0n : randomNonce(),
    )
    return sealBlock({ delta, heads: headCids(heads), links: [] })
  })
}

function fieldDelta(
  field: FieldDescription,
  docId: string,
  data: Uint8Array,
  schemaVersionId: string,
  priority: number,
  nonce: () => bigint,
): FieldDelta {
  const common = { data, docId, priority, fieldName: field.name, schemaVersionId }
  const { deltaKind } = crdtRule(field.crdt)
  return deltaKind === 'counter' ? { kind: deltaKind, ...common, nonce: nonce() } : { kind: deltaKind, ...common }
}

import type { Commit, FieldDelta, SealedBlock } from '../block/block.ts'
import { crdtRule } from '../crdt/kinds.ts'
import { cidKey } from '../block/cid.ts'
import type { PlainData } from '../dag/merge.ts'
import { decodeValue } from '../document/value.ts'
import { isFailure } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { DocumentValue } from '../schema/document-value.ts'

/** What a version of a collection makes of a commit: the values it knows and the names of the fields it cannot merge, or why it refuses all of it. */
export type Content =
  | { readonly kind: 'read'; readonly values: ReadonlyMap<string, DocumentValue>; readonly aside: readonly string[] }
  | { readonly kind: 'wrong'; readonly fault: string }

/** Reads the values of a commit by the kinds of their fields: bytes that are no such value would break every later read of the document. */
export function readContent(collection: CollectionVersion, commit: Commit, plainData: PlainData): Content {
  const values = new Map<string, DocumentValue>()
  const aside: string[] = []
  for (const sealed of commit.fields) {
    const { fieldName } = sealed.block.delta
    const content = readField(collection, sealed, plainData)
    if (content.kind === 'wrong') return content
    if (content.kind === 'aside') aside.push(fieldName)
    else values.set(fieldName, content.value)
  }
  return { kind: 'read', values, aside }
}

/** `aside`: not for this version to merge, since it does not know the field or knows another one of that name; or not yet, since it is encrypted. */
type FieldContent =
  | { readonly kind: 'read'; readonly value: DocumentValue }
  | { readonly kind: 'aside' }
  | { readonly kind: 'wrong'; readonly fault: string }

/** What a version makes of one field block. */
export function readField(collection: CollectionVersion, { cid, block }: SealedBlock<FieldDelta>, plainData: PlainData): FieldContent {
  const { fieldName, schemaVersionId } = block.delta
  const data = block.encryption === undefined ? block.delta.data : plainData.get(cidKey(cid))
  const field = collection.fields.find(({ name }) => name === fieldName)
  if (field === undefined || data === undefined) return { kind: 'aside' }
  // Two versions that know nothing of each other may both have added the field, as different things.
  const unfit = (fault: string): FieldContent => (schemaVersionId === collection.versionId ? { kind: 'wrong', fault } : { kind: 'aside' })
  if (field.kind.type !== 'value') return unfit(`"${fieldName}" holds no value of its own`)
  try {
    // The rule of its CRDT may refuse the block, such as a negative step of a counter that only grows.
    crdtRule(field.crdt).apply(undefined, { ...block.delta, data }, field.kind)
  } catch (error) {
    if (isFailure(error, 'CORRUPT_DATA') || isFailure(error, 'INVALID_DOCUMENT')) return unfit(error.message)
    throw error
  }
  try {
    return { kind: 'read', value: decodeValue(field.kind, data) }
  } catch (error) {
    if (isFailure(error, 'CORRUPT_DATA')) return unfit(`the value of "${fieldName}" is no ${field.kind.name}`)
    throw error
  }
}

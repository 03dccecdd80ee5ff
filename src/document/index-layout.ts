import type { CollectionVersion, IndexDescription } from '../schema/collection-version.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { MAX_INDEX_FIELDS } from '../schema/index-descriptions.ts'
import type { ValueKind } from '../schema/kinds.ts'
import { MAX_INDEX_PARTS_BYTES } from './keys.ts'

/** What one index holds of a collection's documents. */
export interface IndexLayout {
  readonly collectionId: string
  readonly id: number
  readonly parts: readonly IndexPart[]
}

export interface IndexPart {
  readonly field: string
  readonly kind: ValueKind
  readonly descending: boolean
}

/**
 * Which of a field's values an entry is about.
 *
 * | field | entries |
 * |---|---|
 * | scalar | one `value` |
 * | list | an `element` for each distinct one, `empty` for `[]`, `value` null where there is no list |
 * | JSON | for each scalar its `path` of object members and `value`; for a list at a path its distinct scalar elements, or `empty`; `nothing` where there is no scalar at all |
 *
 * What lies deeper inside a JSON list has no entry. Outside JSON the path is empty.
 */
export interface PartPlace {
  readonly path: readonly string[]
  readonly through: PartThrough
}

export type PartThrough = 'value' | 'element' | 'empty' | 'nothing'

/** A scalar or null at a place; null at an `empty` or `nothing` one, where there is no value. */
export interface PartValue extends PartPlace {
  readonly value: DocumentValue
}

/** The values of a place between two ends, null before all others. Without ends: everything of the place. */
export interface PartRange extends PartPlace {
  readonly from?: PartEnd
  readonly to?: PartEnd
}

export interface PartEnd {
  readonly value: DocumentValue
  readonly inclusive: boolean
}

/** The field whose value is the document's ID, which is not part of its record. */
export const ID_FIELD = '_docID'

/** `undefined` when one of the fields is no value field of this version, or there are too many: then the index is not used. */
export function indexLayout(collection: CollectionVersion, index: IndexDescription): IndexLayout | undefined {
  const parts = index.fields.flatMap(({ name, descending }): readonly IndexPart[] => {
    const kind = collection.fields.find((field) => field.name === name)?.kind
    return kind?.type === 'value' ? [{ field: name, kind, descending }] : []
  })
  const isWhole = parts.length === index.fields.length && parts.length > 0 && parts.length <= MAX_INDEX_FIELDS
  return isWhole ? { collectionId: collection.collectionId, id: index.id, parts } : undefined
}

/** How many bytes each part may take in a key. */
export function roomOfPart({ parts }: IndexLayout): number {
  return Math.floor(MAX_INDEX_PARTS_BYTES / parts.length)
}

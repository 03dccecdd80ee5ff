import { STATUS_ACTIVE } from '../block/block.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { knownValueKind } from '../schema/kinds.ts'
import type { IndexLayout } from './index-layout.ts'
import type { DocumentRecord } from './record.ts'
import { encodeValue } from './value.ts'

/** The collection of all layouts made here. */
const INDEXED_COLLECTION = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

/** An index over the fields `a`, `b`, … of these kinds, each as in SDL; with a `-` before it the field descends. */
export function aLayout(...kinds: readonly string[]): IndexLayout {
  const parts = kinds.map((kind, index) => ({
    field: String.fromCharCode(97 + index),
    kind: knownValueKind(kind.replace('-', '')),
    descending: kind.startsWith('-'),
  }))
  return { collectionId: INDEXED_COLLECTION, id: 7, parts }
}

/** A document with these values in the fields of a layout; `undefined` leaves one out. */
export function aRecord(layout: IndexLayout, values: readonly (DocumentValue | undefined)[]): DocumentRecord {
  const fields = layout.parts.flatMap(({ field, kind }, index) => {
    const value = values[index]
    return value === undefined ? [] : [[field, { data: encodeValue(kind, value), priority: 1, heads: [] }] as const]
  })
  return { status: STATUS_ACTIVE, schemaVersionId: INDEXED_COLLECTION, heads: [], fields: new Map(fields) }
}

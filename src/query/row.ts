import { STATUS_DELETED } from '../block/block.ts'
import { decodeValue } from '../document/value.ts'
import type { DocumentRecord } from '../document/record.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import type { ValueKind } from '../schema/kinds.ts'

/** What a query works on: a document, or a group of them, which then shows the values of its first member. */
export interface Row {
  readonly docId: string
  readonly record: DocumentRecord
  /** Present when rows were grouped: those of this group. */
  readonly members?: readonly Row[]
}

/** Rows of several parents (or of one, at the root), in the order of the parents. */
export type RowGroups = readonly (readonly Row[])[]

/** Whether a document is there for a query: for deleted ones it has to ask, and what is sealed is there for nobody. */
export function isShown({ status, secrecy }: DocumentRecord, showDeleted: boolean): boolean {
  return secrecy !== 'sealed' && (showDeleted || status !== STATUS_DELETED)
}

/** Reads the value of a stored field, null where the document has none. Nothing else of the record is decoded. */
export function fieldReader(name: string, kind: ValueKind): (row: Row) => DocumentValue {
  return ({ record }) => {
    const field = record.fields.get(name)
    return field === undefined ? null : decodeValue(kind, field.data)
  }
}

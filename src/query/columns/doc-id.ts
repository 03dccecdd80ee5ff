import type { RequestField } from '../request/request-field.ts'
import type { Column } from './column.ts'

/** `_docID`. */
export function docIdColumn({ key }: RequestField): Column {
  return { key, isOfRow: true, read: (rows) => rows.map(({ docId }) => docId) }
}

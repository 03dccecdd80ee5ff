import type { RequestField } from '../request/request-field.ts'
import type { Column } from './column.ts'

/** `__typename`: the name of the collection. */
export function typenameColumn({ key, on }: RequestField): Column {
  return { key, isOfRow: true, read: (rows) => rows.map(() => on) }
}

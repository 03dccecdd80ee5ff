import { STATUS_DELETED } from '../../block/block.ts'
import type { RequestField } from '../request/request-field.ts'
import type { Column } from './column.ts'

/** `_deleted`: whether the document is deleted and only shown because that was asked for. */
export function deletedColumn({ key }: RequestField): Column {
  return { key, isOfRow: true, read: (rows) => rows.map(({ record }) => record.status === STATUS_DELETED) }
}

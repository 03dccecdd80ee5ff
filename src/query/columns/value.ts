import type { ValueKind } from '../../schema/kinds.ts'
import { mapCells } from '../plan/execution.ts'
import type { RequestField } from '../request/request-field.ts'
import { fieldReader } from '../row.ts'
import type { Column } from './column.ts'

/** A stored value. */
export function valueColumn({ key, name }: RequestField, kind: ValueKind): Column {
  const read = fieldReader(name, kind)
  return { key, isOfRow: true, read: (rows, execution) => mapCells(rows, execution, read) }
}

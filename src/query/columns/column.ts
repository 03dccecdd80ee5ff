import type { Join } from '../plan/join.ts'
import type { Execution } from '../plan/execution.ts'
import type { Row } from '../row.ts'

/**
 * A selected field, ready to be read. It reads many rows at once, so that a relation costs one read of the other collection and not one for each row.
 * The cells are in the order of the rows.
 */
export interface Column {
  /** Its name in the response. */
  readonly key: string
  /** Relations it follows. */
  readonly joins?: readonly Join[]
  /** Its cells follow from the rows alone: it never asks the source. */
  readonly isOfRow?: boolean
  read(rows: readonly Row[], execution: Execution): readonly unknown[] | Promise<readonly unknown[]>
}

/** A column whose cells are kept, for filters and orders that ask for them before the response is made. */
export interface KeptColumn extends Column {
  /** The cell of a row that has been read. */
  cell(row: Row): unknown
}

export function keepCells(column: Column): KeptColumn {
  const cells = new WeakMap<Row, unknown>()
  return {
    key: column.key,
    ...(column.joins === undefined ? {} : { joins: column.joins }),
    ...(column.isOfRow === true ? { isOfRow: true } : {}),
    read: async (rows, execution) => {
      const missing = rows.filter((row) => !cells.has(row))
      const read = missing.length === 0 ? [] : await column.read(missing, execution)
      for (const [index, row] of missing.entries()) cells.set(row, read[index])
      return rows.map((row) => cells.get(row))
    },
    cell: (row) => cells.get(row),
  }
}

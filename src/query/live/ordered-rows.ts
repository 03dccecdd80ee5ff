import type { DocumentValue } from '../../schema/document-value.ts'
import type { OrderKey } from '../nodes/node.ts'
import type { Row } from '../row.ts'

/** A row in its place, with what it is ordered by and what is shown of it, once that was made. */
export interface OrderedRow<Cell> {
  readonly row: Row
  /** The values it is ordered by. */
  readonly keys: readonly DocumentValue[]
  cell: Cell | undefined
}

/** Rows in the order of a select: by its keys, then by document ID. A row is found and placed by binary search. */
export interface OrderedRows<Cell> {
  readonly size: number
  has(docId: string): boolean
  get(docId: string): OrderedRow<Cell> | undefined
  /** Puts rows in their places, in place of those with the same IDs, and takes others away. */
  change(rows: readonly OrderedRow<Cell>[], gone: readonly string[]): void
  /** The rows from `start` up to `end`, without it. */
  slice(start: number, end?: number): readonly OrderedRow<Cell>[]
}

/** From so many changes at once on it is cheaper to sort everything again than to move what stands behind each of them. */
const MOST_SINGLE_CHANGES = 32

/** Compares rows by the keys of an order, then by document ID. */
export function compareBy(order: readonly OrderKey[]): (a: OrderedRow<unknown>, b: OrderedRow<unknown>) => number {
  return (a, b) => {
    for (const [index, key] of order.entries()) {
      const difference = key.compare(a.keys[index] ?? null, b.keys[index] ?? null)
      if (difference !== 0) return key.isDescending ? -difference : difference
    }
    if (a.row.docId === b.row.docId) return 0
    return a.row.docId < b.row.docId ? -1 : 1
  }
}

export function createOrderedRows<Cell>(order: readonly OrderKey[]): OrderedRows<Cell> {
  const compare = compareBy(order)
  const byId = new Map<string, OrderedRow<Cell>>()
  let sorted: OrderedRow<Cell>[] = []

  /** Whether the rows are new, and stand in order behind all others: so they come when they are read page by page. */
  function areNext(rows: readonly OrderedRow<Cell>[]): boolean {
    let last = sorted.at(-1)
    for (const row of rows) {
      if (byId.has(row.row.docId) || (last !== undefined && compare(last, row) >= 0)) return false
      last = row
    }
    return true
  }

  /** Where the row stands, or would. */
  function placeOf(row: OrderedRow<Cell>): number {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = sorted[middle]
      if (other !== undefined && compare(other, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  function changeSingly(rows: readonly OrderedRow<Cell>[], gone: readonly string[]): void {
    for (const docId of [...gone, ...rows.map(({ row }) => row.docId)]) {
      const old = byId.get(docId)
      if (old === undefined) continue
      sorted.splice(placeOf(old), 1)
      byId.delete(docId)
    }
    for (const row of rows) {
      sorted.splice(placeOf(row), 0, row)
      byId.set(row.row.docId, row)
    }
  }

  return {
    get size() {
      return sorted.length
    },
    has: (docId) => byId.has(docId),
    get: (docId) => byId.get(docId),
    change: (rows, gone) => {
      if (rows.length + gone.length <= MOST_SINGLE_CHANGES) {
        changeSingly(rows, gone)
        return
      }
      const isAppended = gone.length === 0 && areNext(rows)
      for (const docId of gone) byId.delete(docId)
      for (const row of rows) byId.set(row.row.docId, row)
      if (isAppended) {
        for (const row of rows) sorted.push(row)
        return
      }
      sorted = [...byId.values()].sort(compare)
    },
    slice: (start, end) => sorted.slice(start, end),
  }
}

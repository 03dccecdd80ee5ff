import type { DocumentValue } from '../../schema/document-value.ts'
import { forEachPaced, mapPaced } from '../../util/pacer.ts'
import { sortPaced } from '../../util/sort-paced.ts'
import type { Execution } from '../plan/execution.ts'
import { readRows } from '../plan/read-rows.ts'
import type { Ordering, SelectPlan } from '../plan/select-plan.ts'
import { NO_FACTS } from '../filter/condition.ts'
import { isShown, type Row } from '../row.ts'
import { compareBy, createOrderedRows, type OrderedRow, type OrderedRows } from './ordered-rows.ts'
import type { StoredChanges } from './stored-changes.ts'

/** The documents that a select passes on, kept in order. For plans whose result follows from the documents of their collection alone. */
export interface KeptRows<Cell> {
  readonly collectionId: string
  load(execution: Execution): Promise<void>
  /** `same` when no document came, went or changed; `stale` when the documents are not kept and have to be loaded. */
  apply(changes: StoredChanges, execution: Execution): Promise<'same' | 'changed' | 'stale'>
  /** The documents between offset and limit. */
  shown(): readonly Row[]
  /** The cells of these documents; only those that are new are made. */
  cells(execution: Execution): Promise<readonly Cell[]>
  /** Lets the documents go when they are more than may be kept. To be called when nothing more is asked of this state. */
  trim(): void
}

/** Some hundred bytes each: what a page may hold for one live query. A query that matches more is run again instead. */
const MOST_KEPT = 100_000

/** Rows in order that are put behind those before. */
const PLACED_AT_ONCE = 1_024

/** `makeCells` makes what is shown of rows, in their order. */
export function keepRows<Cell>(
  { collection, docIds, showDeleted, filter }: SelectPlan,
  { order, offset, limit }: Ordering,
  makeCells: (rows: readonly Row[], execution: Execution) => Promise<readonly Cell[]>,
  mostKept: number = MOST_KEPT,
): KeptRows<Cell> {
  const wanted = docIds === undefined ? undefined : new Set(docIds)
  let kept: OrderedRows<Cell> | undefined

  async function place(rows: readonly Row[], execution: Execution): Promise<readonly OrderedRow<Cell>[]> {
    const columns: (readonly DocumentValue[])[] = []
    for (const key of order) columns.push(await key.read(rows, execution))
    return mapPaced(rows, execution.pacer, (row, index) => ({ row, keys: columns.map((column) => column[index] ?? null), cell: undefined }))
  }

  function window(): readonly OrderedRow<Cell>[] {
    return kept?.slice(offset, limit === undefined ? undefined : offset + limit) ?? []
  }

  return {
    collectionId: collection.collectionId,
    load: async (execution) => {
      kept = undefined
      const rows = await readRows({ collection, showDeleted, filter, ...(docIds === undefined ? {} : { docIds }) }, execution)
      const loaded = createOrderedRows<Cell>(order)
      const placed = await sortPaced(await place(rows, execution), compareBy(order), execution.pacer)
      for (let start = 0; start < placed.length; start += PLACED_AT_ONCE) {
        if (execution.pacer.isDue(PLACED_AT_ONCE)) await execution.pacer.rest()
        loaded.change(placed.slice(start, start + PLACED_AT_ONCE), [])
      }
      kept = loaded
    },
    apply: async ({ documents }, execution) => {
      const present: Row[] = []
      const gone: string[] = []
      for (const [docId, record] of documents.get(collection.collectionId) ?? []) {
        if (execution.pacer.isDue()) await execution.pacer.rest()
        if (wanted?.has(docId) === false) continue
        if (kept === undefined) return 'stale'
        const row = record === undefined ? undefined : { docId, record }
        if (row !== undefined && isShown(row.record, showDeleted) && filter.test(row, NO_FACTS)) present.push(row)
        else if (kept.has(docId)) gone.push(docId)
      }
      if (present.length + gone.length === 0) return 'same'
      kept?.change(await place(present, execution), gone)
      return 'changed'
    },
    shown: () => window().map(({ row }) => row),
    cells: async (execution) => {
      const rows = window()
      const missing = rows.filter(({ cell }) => cell === undefined)
      const made =
        missing.length === 0
          ? []
          : await makeCells(
              missing.map(({ row }) => row),
              execution,
            )
      await forEachPaced(missing, execution.pacer, (row, index) => {
        row.cell = made[index]
      })
      return rows.flatMap(({ cell }) => (cell === undefined ? [] : [cell]))
    },
    trim: () => {
      if (kept !== undefined && kept.size > mostKept) kept = undefined
    },
  }
}

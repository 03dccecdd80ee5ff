import { forEachPaced } from '../../util/pacer.ts'
import type { Column } from '../columns/column.ts'
import { ORDER } from '../nodes/order.ts'
import type { Row, RowGroups } from '../row.ts'
import type { Execution } from './execution.ts'
import { readOrdered } from './read-rows.ts'
import type { SelectPlan } from './select-plan.ts'

/** A document as a response shows it. */
export type Shown = Readonly<Record<string, unknown>>

/** Runs a select over its whole collection. */
export async function runSelect(plan: SelectPlan, execution: Execution): Promise<readonly Shown[]> {
  const [rows = []] = await readSelected(plan, execution)
  execution.spend('resultDocuments', rows.length)
  return showRows(plan.columns, rows, execution)
}

/** Reads the documents of a select and takes them through its stages, but for the order where an index has given it. */
export async function readSelected(plan: SelectPlan, execution: Execution): Promise<RowGroups> {
  const { rows, isOrdered } = await readOrdered(plan, execution)
  return runStages(isOrdered ? withoutOrder(plan) : plan, [rows], execution)
}

/** Takes rows that have passed the filter through the stages of a plan. */
export async function runStages({ stages }: Pick<SelectPlan, 'stages'>, groups: RowGroups, execution: Execution): Promise<RowGroups> {
  execution.spend('rows', countRows(groups))
  let current = groups
  for (const stage of stages) {
    current = await stage.run(current, execution)
    execution.work?.note(stage, countRows(current))
  }
  return current
}

/** Takes rows that have passed the filter through the rest of a plan, and shows what is left of each group. */
export async function showGroups(plan: SelectPlan, groups: RowGroups, execution: Execution): Promise<readonly (readonly Shown[])[]> {
  const selected = await runStages(plan, groups, execution)
  execution.spend('resultDocuments', countRows(selected))
  const shown = await showRows(plan.columns, selected.flat(), execution)
  let end = 0
  return selected.map(({ length }) => shown.slice(end, (end += length)))
}

function withoutOrder({ stages }: SelectPlan): Pick<SelectPlan, 'stages'> {
  return { stages: stages.filter(({ node }) => node !== ORDER.name) }
}

function countRows(groups: RowGroups): number {
  return groups.reduce((sum, { length }) => sum + length, 0)
}

async function showRows(columns: readonly Column[], rows: readonly Row[], execution: Execution): Promise<readonly Shown[]> {
  const shown: Record<string, unknown>[] = rows.map(() => ({}))
  for (const column of columns) {
    const cells = await column.read(rows, execution)
    execution.work?.note(column, rows.length)
    await forEachPaced(shown, execution.pacer, (document, index) => {
      document[column.key] = cells[index]
    })
  }
  return shown
}

/** The rows of each group that pass. */
export async function filterGroups(groups: RowGroups, { pacer }: Execution, test: (row: Row) => boolean): Promise<RowGroups> {
  const passed: (readonly Row[])[] = []
  for (const group of groups) {
    const rows: Row[] = []
    await forEachPaced(group, pacer, (row) => {
      if (test(row)) rows.push(row)
    })
    passed.push(rows)
  }
  return passed
}

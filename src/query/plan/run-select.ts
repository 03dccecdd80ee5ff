import type { Column } from '../columns/column.ts'
import type { Row, RowGroups } from '../row.ts'
import type { Execution } from './execution.ts'
import { readRows } from './read-rows.ts'
import type { SelectPlan } from './select-plan.ts'

/** A document as a response shows it. */
export type Shown = Readonly<Record<string, unknown>>

/** Runs a select over its whole collection. */
export async function runSelect(plan: SelectPlan, execution: Execution): Promise<readonly Shown[]> {
  const [shown = []] = await showGroups(plan, [await readRows(plan, execution)], execution)
  return shown
}

/** Takes rows that have passed the filter through the stages of a plan. */
export async function runStages(plan: SelectPlan, groups: RowGroups, execution: Execution): Promise<RowGroups> {
  let current = groups
  for (const stage of plan.stages) current = await stage(current, execution)
  return current
}

/** Takes rows that have passed the filter through the rest of a plan, and shows what is left of each group. */
export async function showGroups(plan: SelectPlan, groups: RowGroups, execution: Execution): Promise<readonly (readonly Shown[])[]> {
  const selected = await runStages(plan, groups, execution)
  const shown = await showRows(plan.columns, selected.flat(), execution)
  let end = 0
  return selected.map(({ length }) => shown.slice(end, (end += length)))
}

async function showRows(columns: readonly Column[], rows: readonly Row[], execution: Execution): Promise<readonly Shown[]> {
  const shown: Record<string, unknown>[] = rows.map(() => ({}))
  for (const column of columns) {
    const cells = await column.read(rows, execution)
    for (const [index, document] of shown.entries()) document[column.key] = cells[index]
  }
  return shown
}

import { DatabaseError } from '../../errors.ts'
import { resolveFacts } from '../plan/read-rows.ts'
import { filterGroups, showGroups } from '../plan/run-select.ts'
import type { PlanScope } from '../plan/scope.ts'
import type { SelectPlan } from '../plan/select-plan.ts'
import type { Execution } from '../plan/execution.ts'
import type { RequestField } from '../request/request-field.ts'
import type { Row, RowGroups } from '../row.ts'
import type { Column } from './column.ts'

/** `_group`: the members of a group, selected like documents. */
export function groupColumn(field: RequestField, scope: PlanScope): Column {
  requireGroup(scope)
  const plan = scope.planSelect(scope.collection, field)
  return {
    key: field.key,
    isOfRow: plan.isOfRows,
    read: async (rows, execution) => showGroups(plan, await membersOf(rows, plan, execution), execution),
  }
}

/** The members of each group that pass the filter of a select. */
export async function membersOf(rows: readonly Row[], { filter, docIds }: SelectPlan, execution: Execution): Promise<RowGroups> {
  const facts = await resolveFacts(filter, execution)
  const wanted = docIds === undefined ? undefined : new Set(docIds)
  return filterGroups(
    rows.map(({ members = [] }) => members),
    execution,
    (row) => (wanted?.has(row.docId) ?? true) && filter.test(row, facts),
  )
}

/** @throws INVALID_REQUEST where nothing is grouped */
export function requireGroup({ isGrouped, select }: PlanScope): void {
  if (isGrouped) return
  const message = `_group may only be referenced when within a groupBy request; give "${select.key}" the argument groupBy`
  throw new DatabaseError('INVALID_REQUEST', message, {})
}

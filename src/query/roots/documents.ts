import { STATUS_DELETED } from '../../block/block.ts'
import { rowsAt } from '../commits/history.ts'
import { explainSelect } from '../explain/explain-select.ts'
import { planSelect } from '../plan/plan-select.ts'
import type { Execution } from '../plan/execution.ts'
import { resolveFacts } from '../plan/read-rows.ts'
import { filterGroups, runSelect, showGroups, type Shown } from '../plan/run-select.ts'
import type { SelectPlan } from '../plan/select-plan.ts'
import type { Row } from '../row.ts'
import type { Root, RootPlanner } from './root.ts'

/** `Users(…)`: documents of a collection; with `cid` as they were at a commit. */
export const documentsRoot: RootPlanner = (field, collections) => {
  const collection = collections.named(field.name)
  if (collection === undefined) return undefined
  const plan = planSelect(collections, collection, field)
  const { cid } = field.arguments
  const explain: Root['explain'] = (mode) => explainSelect(plan, mode)
  if (typeof cid === 'string') return { run: (execution) => runSelectAt(plan, cid, execution), explain }
  return { run: (execution) => runSelect(plan, execution), explain, parts: { kind: 'select', plan } }
}

async function runSelectAt(plan: SelectPlan, cid: string, execution: Execution): Promise<readonly Shown[]> {
  const { collection, docIds, filter, showDeleted } = plan
  const single = docIds?.length === 1 ? docIds[0] : undefined
  const facts = await resolveFacts(filter, execution)
  const rows = await rowsAt(cid, collection, single, execution)
  const wanted = docIds === undefined ? undefined : new Set(docIds)
  const isNamed = ({ docId, record }: Row): boolean =>
    (showDeleted || record.status !== STATUS_DELETED) && (wanted === undefined || wanted.has(docId))
  const found = await filterGroups([rows], execution, (row) => isNamed(row) && filter.test(row, facts))
  const [selected = []] = await showGroups(plan, found, execution)
  return selected
}

import { planSelect } from '../plan/plan-select.ts'
import { runSelect } from '../plan/run-select.ts'
import type { RootPlanner } from './root.ts'

/** `Users(…)`: documents of a collection. */
export const documentsRoot: RootPlanner = (field, collections) => {
  const collection = collections.named(field.name)
  if (collection === undefined) return undefined
  const plan = planSelect(collections, collection, field)
  return { run: (execution) => runSelect(plan, execution) }
}

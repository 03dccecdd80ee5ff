import { FailedCell } from '../plan/execution.ts'
import { resolveFacts } from '../plan/read-rows.ts'
import { filterGroups } from '../plan/run-select.ts'
import type { Row } from '../row.ts'
import type { PlanNode } from './node.ts'

/** The part of a filter that asks for computed fields (`_alias`), which exist only once rows are read and grouped. */
export const COMPUTED_FILTER: PlanNode = {
  name: 'computed filter',
  plan: ({ computedFilter, computed }) => {
    if (computedFilter === undefined) return undefined
    return async (groups, execution) => {
      const rows = groups.flat()
      for (const alias of computedFilter.aliases) await computed.get(alias)?.read(rows, execution)
      const { related } = await resolveFacts(computedFilter, execution)
      const facts = {
        related,
        computed: (alias: string, row: Row) => {
          const cell = computed.get(alias)?.cell(row)
          // Whether the row passes cannot be told, and leaving it out would look like an answer.
          if (cell instanceof FailedCell) throw cell.error
          return cell
        },
      }
      return filterGroups(groups, execution, (row) => computedFilter.test(row, facts))
    }
  },
}

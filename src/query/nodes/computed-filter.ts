import { resolveFacts } from '../plan/read-rows.ts'
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
      const facts = { related, computed: (alias: string, row: (typeof rows)[number]) => computed.get(alias)?.cell(row) }
      return groups.map((group) => group.filter((row) => computedFilter.test(row, facts)))
    }
  },
}

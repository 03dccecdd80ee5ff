import type { PlanNode } from './node.ts'

/** `offset` and `limit`, for each parent on its own. */
export const SLICE: PlanNode = {
  name: 'slice',
  plan: ({ offset, limit }) => {
    if (offset === 0 && limit === undefined) return undefined
    const end = limit === undefined ? undefined : offset + limit
    return (groups) => groups.map((group) => group.slice(offset, end))
  },
}

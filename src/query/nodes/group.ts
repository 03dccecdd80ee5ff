import type { Execution } from '../plan/execution.ts'
import type { Row } from '../row.ts'
import type { GroupKey, PlanNode } from './node.ts'

/** `groupBy`: makes one row of those with equal keys, in the order in which the keys first come. */
export const GROUP: PlanNode = {
  name: 'group',
  plan: ({ groupBy }) => {
    if (groupBy === undefined) return undefined
    return async (groups, execution) => Promise.all(groups.map((rows) => groupRows(rows, groupBy, execution)))
  },
}

async function groupRows(rows: readonly Row[], keys: readonly GroupKey[], execution: Execution): Promise<readonly Row[]> {
  const columns: (readonly string[])[] = []
  for (const key of keys) columns.push(await key.read(rows, execution))
  const membersByKey = new Map<string, Row[]>()
  for (const [index, row] of rows.entries()) {
    // Each part with its length, so that no two lists of parts run together to the same text.
    const key = columns.map((column) => `${column[index]?.length ?? 0}:${column[index] ?? ''}`).join('')
    const members = membersByKey.get(key)
    if (members === undefined) membersByKey.set(key, [row])
    else members.push(row)
  }
  return [...membersByKey.values()].flatMap((members) => {
    const [first] = members
    return first === undefined ? [] : [{ docId: first.docId, record: first.record, members }]
  })
}

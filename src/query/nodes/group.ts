import type { Row } from '../row.ts'
import type { PlanNode } from './node.ts'

/** `groupBy`: makes one row of those with equal keys, in the order in which the keys first come. */
export const GROUP: PlanNode = {
  name: 'group',
  plan: ({ groupBy }) => {
    if (groupBy === undefined) return undefined
    return async (groups, execution) => {
      const rows = groups.flat()
      const columns: (readonly string[])[] = []
      for (const key of groupBy) columns.push(await key.read(rows, execution))
      let start = 0
      return groups.map((group) => {
        const first = start
        start += group.length
        return groupRows(group, (index) => keyOf(columns, first + index))
      })
    }
  },
}

/** The parts of a row's key, each with its length, so that no two lists of parts run together to the same text. */
function keyOf(columns: readonly (readonly string[])[], index: number): string {
  return columns.map((column) => `${column[index]?.length ?? 0}:${column[index] ?? ''}`).join('')
}

function groupRows(rows: readonly Row[], keyAt: (index: number) => string): readonly Row[] {
  const membersByKey = new Map<string, Row[]>()
  for (const [index, row] of rows.entries()) {
    const key = keyAt(index)
    const members = membersByKey.get(key)
    if (members === undefined) membersByKey.set(key, [row])
    else members.push(row)
  }
  return [...membersByKey.values()].flatMap((members) => {
    const [first] = members
    return first === undefined ? [] : [{ docId: first.docId, record: first.record, members }]
  })
}

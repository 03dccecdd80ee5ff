import { forEachPaced } from '../../util/pacer.ts'
import type { Execution } from '../plan/execution.ts'
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
      const grouped: (readonly Row[])[] = []
      for (const group of groups) {
        const first = start
        start += group.length
        grouped.push(await groupRows(group, execution, (index) => keyOf(columns, first + index)))
      }
      return grouped
    }
  },
}

/** The parts of a row's key, each with its length, so that no two lists of parts run together to the same text. */
function keyOf(columns: readonly (readonly string[])[], index: number): string {
  return columns.map((column) => `${column[index]?.length ?? 0}:${column[index] ?? ''}`).join('')
}

async function groupRows(rows: readonly Row[], { pacer }: Execution, keyAt: (index: number) => string): Promise<readonly Row[]> {
  const membersByKey = new Map<string, Row[]>()
  await forEachPaced(rows, pacer, (row, index) => {
    const key = keyAt(index)
    const members = membersByKey.get(key)
    if (members === undefined) membersByKey.set(key, [row])
    else members.push(row)
  })
  return [...membersByKey.values()].flatMap((members) => {
    const [first] = members
    return first === undefined ? [] : [{ docId: first.docId, record: first.record, members }]
  })
}

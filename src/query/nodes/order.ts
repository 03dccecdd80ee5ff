import type { DocumentValue } from '../../schema/document-value.ts'
import { sortPaced } from '../../util/sort-paced.ts'
import type { Row } from '../row.ts'
import type { PlanNode } from './node.ts'

/** `order`: by the first key, then by the next where equal. What is equal in all keys keeps the order of the document IDs. */
export const ORDER: PlanNode = {
  name: 'order',
  plan: ({ order }) => {
    if (order.length === 0) return undefined
    return async (groups, execution) => {
      const rows = groups.flat()
      const columns: (readonly DocumentValue[])[] = []
      for (const key of order) columns.push(await key.read(rows, execution))
      const compare = (a: number, b: number): number => {
        for (const [index, key] of order.entries()) {
          const difference = key.compare(columns[index]?.[a] ?? null, columns[index]?.[b] ?? null)
          if (difference !== 0) return key.isDescending ? -difference : difference
        }
        return 0
      }
      let start = 0
      const ordered: (readonly Row[])[] = []
      for (const group of groups) {
        const first = start
        const positions = group.map((_, index) => first + index)
        start += group.length
        if (execution.pacer.isDue(group.length)) await execution.pacer.rest()
        ordered.push((await sortPaced(positions, compare, execution.pacer)).flatMap((position) => rows[position] ?? []))
      }
      return ordered
    }
  },
}

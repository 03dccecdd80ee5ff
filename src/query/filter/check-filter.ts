import { limitExceeded, type QueryLimits } from '../limits.ts'
import { isPlainObject } from './value-condition.ts'

/** Counts the conditions of a filter in the form GraphQL has it, wherever it came from, before it is compiled. @throws LIMIT_EXCEEDED */
export function checkFilter(filter: unknown, limits: QueryLimits): void {
  let conditions = 0
  let elements = 0
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value: filter, depth: 1 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next
    if (depth > limits.filterDepth) throw limitExceeded('filterDepth', limits, depth)
    if (Array.isArray(value)) {
      const list: readonly unknown[] = value
      elements += list.length
      for (const element of list) if (isNested(element)) pending.push({ value: element, depth })
    } else if (isPlainObject(value)) {
      const members = Object.values(value)
      // What stands behind an operator is a condition; `{}` is one that everything passes.
      conditions += members.length === 0 ? 1 : members.filter(isCondition).length
      for (const member of members) if (isNested(member)) pending.push({ value: member, depth: depth + 1 })
    }
    if (conditions > limits.filterConditions) throw limitExceeded('filterConditions', limits, conditions)
    if (elements > limits.listElements) throw limitExceeded('listElements', limits, elements)
  }
}

/** What an argument names: keys of an order, IDs of documents. @throws LIMIT_EXCEEDED */
export function checkList(list: unknown, limit: 'orderKeys' | 'listElements', limits: QueryLimits): void {
  if (Array.isArray(list) && list.length > limits[limit]) throw limitExceeded(limit, limits, list.length)
}

/** An operand, and not conditions or a list of them. */
function isCondition(member: unknown): boolean {
  return Array.isArray(member) ? !member.some(isNested) : !isPlainObject(member)
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

import { toRequestError } from '../request/request-error.ts'
import type { RequestError } from '../result.ts'
import { FailedCell } from './execution.ts'

/** A value of a response with each failed cell replaced by null and its error added with its path. What holds no failure is given back as it is. */
export function collectFailures(value: unknown, start: string | number, errors: RequestError[]): unknown {
  const path: (string | number)[] = []
  const clean = (item: unknown, key: string | number): unknown => {
    if (typeof item !== 'object' || item === null) return item
    path.push(key)
    const result = item instanceof FailedCell ? fail(item) : cleanMembers(item)
    path.pop()
    return result
  }
  const fail = ({ error }: FailedCell): null => {
    errors.push(toRequestError(error, [...path]))
    return null
  }
  const cleanMembers = (item: object): unknown => {
    let replaced: object | undefined
    const isList = Array.isArray(item)
    for (const [key, member] of Object.entries(item) as [string, unknown][]) {
      const result = clean(member, isList ? Number(key) : key)
      if (result === member) continue
      replaced ??= isList ? [...(item as readonly unknown[])] : { ...item }
      Object.assign(replaced, { [key]: result })
    }
    return replaced ?? item
  }
  return clean(value, start)
}

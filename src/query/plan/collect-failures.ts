import { locationsOf, toRequestError } from '../request/request-error.ts'
import type { RequestField } from '../request/request-field.ts'
import type { RequestError } from '../result.ts'
import { FailedCell } from './execution.ts'

/**
 * The value of a root field with each failed cell replaced by null, and its error added with its path and its place in the text. What holds no failure is given
 * back as it is.
 */
export function collectFailures(value: unknown, root: RequestField, errors: RequestError[]): unknown {
  const path: (string | number)[] = []
  const clean = (item: unknown, key: string | number): unknown => {
    if (typeof item !== 'object' || item === null) return item
    path.push(key)
    const result = item instanceof FailedCell ? fail(item) : cleanMembers(item)
    path.pop()
    return result
  }
  const fail = ({ error }: FailedCell): null => {
    errors.push({ ...toRequestError(error, [...path]), ...locationsOf(fieldAt(root, path)) })
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
  return clean(value, root.key)
}

/** Whether a failed cell is anywhere inside. */
export function holdsFailure(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false
  return item instanceof FailedCell || Object.values(item).some(holdsFailure)
}

/** The selected field that a path of the response leads to. */
function fieldAt(root: RequestField, path: readonly (string | number)[]): RequestField {
  const names = path.slice(1).filter((step) => typeof step === 'string')
  return names.reduce((field, name) => field.fields.find(({ key }) => key === name) ?? field, root)
}

import { locationsOf, toRequestError } from '../request/request-error.ts'
import type { RequestField } from '../request/request-field.ts'
import type { RequestError } from '../result.ts'
import { FailedCell, type Execution } from './execution.ts'

/**
 * The value of a root field with each failed cell replaced by null, and its error added with its path and its place in the text. What holds no failure is given
 * back as it is.
 */
export async function collectFailures(
  value: unknown,
  root: RequestField,
  errors: RequestError[],
  { pacer }: Pick<Execution, 'pacer'>,
): Promise<unknown> {
  const path: (string | number)[] = [root.key]
  const clean = async (item: object): Promise<unknown> => {
    if (item instanceof FailedCell) {
      errors.push({ ...toRequestError(item.error, [...path]), ...locationsOf(fieldAt(root, path)) })
      return null
    }
    if (pacer.isDue()) await pacer.rest()
    let replaced: object | undefined
    const isList = Array.isArray(item)
    const members: Iterable<[string | number, unknown]> = isList ? (item as readonly unknown[]).entries() : Object.entries(item)
    for (const [key, member] of members) {
      if (typeof member !== 'object' || member === null) continue
      path.push(key)
      const result = await clean(member)
      path.pop()
      if (result === member) continue
      replaced ??= isList ? [...(item as readonly unknown[])] : { ...item }
      Object.assign(replaced, { [key]: result })
    }
    return replaced ?? item
  }
  return typeof value === 'object' && value !== null ? clean(value) : value
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

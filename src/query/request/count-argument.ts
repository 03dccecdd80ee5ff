import { DatabaseError } from '../../errors.ts'

/** `limit`, `offset` and the like: a number of things, absent when it is not given or null. @throws INVALID_REQUEST for less than none */
export function countArgument(given: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const count = given[name]
  if (typeof count !== 'number' && typeof count !== 'bigint') return undefined
  if (count < 0) throw new DatabaseError('INVALID_REQUEST', `"${name}" counts from 0 and cannot be ${count}`, {})
  return Number(count)
}

/** What `offset` and `limit` leave of a list. Given without the list, so that a mistake in them shows before anything is read. */
export function sliceArguments(given: Readonly<Record<string, unknown>>): <T>(items: readonly T[]) => readonly T[] {
  const offset = countArgument(given, 'offset') ?? 0
  const limit = countArgument(given, 'limit')
  return (items) => items.slice(offset, limit === undefined ? undefined : offset + limit)
}

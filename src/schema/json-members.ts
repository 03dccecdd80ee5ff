import { patchProblem } from './patch-problem.ts'
import { didYouMean } from '../util/did-you-mean.ts'
import { quote } from '../util/quote.ts'

/** The members of an object that came out of a patch; with `known`, no others. @throws INVALID_SCHEMA */
export function membersOf(given: unknown, what: string, known?: readonly string[]): ReadonlyMap<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw patchProblem([`${what} is an object, not ${quote(given)}`])
  const members = new Map<string, unknown>(Object.entries(given))
  const unknown = known === undefined ? undefined : [...members.keys()].find((name) => !known.includes(name))
  if (known === undefined || unknown === undefined) return members
  throw patchProblem([`json: unknown field ${quote(unknown)}${didYouMean(unknown, known) || `; ${what} has ${known.join(', ')}`}`])
}

/** A text, empty when it is absent. @throws INVALID_SCHEMA */
export function textOf(members: ReadonlyMap<string, unknown>, name: string): string {
  const text = members.get(name) ?? ''
  if (typeof text === 'string') return text
  throw patchProblem([`"${name}" is a text, not ${quote(text)}`])
}

/** True or false, false when it is absent. @throws INVALID_SCHEMA */
export function flagOf(members: ReadonlyMap<string, unknown>, name: string): boolean {
  const flag = members.get(name) ?? false
  if (typeof flag === 'boolean') return flag
  throw patchProblem([`"${name}" is true or false, not ${quote(flag)}`])
}

/** A list, empty when it is absent. @throws INVALID_SCHEMA */
export function listOf(members: ReadonlyMap<string, unknown>, name: string): readonly unknown[] {
  const list = members.get(name) ?? []
  if (Array.isArray(list)) return list
  throw patchProblem([`"${name}" is a list, not ${quote(list)}`])
}

import type { DocumentValue } from '../../schema/document-value.ts'

/**
 * What the evaluator expects in a response. Where an order is asked for, a list has the items of each tier before those of the next; within a tier any order
 * is right, and when a limit cuts a tier, any `count` of its items are. So a list without an order is one tier, and one with an order that decides about all
 * has tiers of one.
 */
export type Expected = DocumentValue | Tiers | ExpectedObject

export interface ExpectedObject {
  readonly [key: string]: Expected
}

export class Tiers {
  readonly tiers: readonly Tier<ExpectedObject>[]

  constructor(tiers: readonly Tier<ExpectedObject>[]) {
    this.tiers = tiers
  }
}

/** `count` of these items. */
export interface Tier<T> {
  readonly count: number
  readonly of: readonly T[]
}

/** Means that have no exact float differ in their last digits with the order in which they were added. The values that documents have differ by more. */
const ROUNDING = 1e-12

/** Whether a part of a response is what is expected. */
export function isExpected(actual: unknown, expected: Expected): boolean {
  if (expected instanceof Tiers) return Array.isArray(actual) && isInTiers(actual, expected.tiers)
  if (typeof expected === 'number' && typeof actual === 'number') {
    const isWhole = Number.isInteger(actual) && Number.isInteger(expected)
    return Math.abs(actual - expected) <= (isWhole ? 0 : ROUNDING * Math.max(1, Math.abs(expected)))
  }
  if (typeof expected !== 'object' || expected === null) return actual === expected
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) return false
  const members = Object.entries(expected) as readonly (readonly [string, Expected])[]
  return (
    Object.keys(actual).length === members.length &&
    members.every(([key, member]) => Object.hasOwn(actual, key) && isExpected(Reflect.get(actual, key), member))
  )
}

function isInTiers(items: readonly unknown[], tiers: readonly Tier<ExpectedObject>[]): boolean {
  let start = 0
  for (const { count, of } of tiers) {
    if (!canPair(items.slice(start, start + count), of)) return false
    start += count
  }
  return start === items.length
}

/** Whether each item can be another one of the expected. Several may fit several, so that whoever is in the way is asked to move on. */
function canPair(items: readonly unknown[], expected: readonly ExpectedObject[]): boolean {
  const fits = items.map((item) => expected.map((one) => isExpected(item, one)))
  const takenBy = new Map<number, number>()
  const place = (item: number, asked: Set<number>): boolean =>
    expected.some((_, position) => {
      if (fits[item]?.[position] !== true || asked.has(position)) return false
      asked.add(position)
      const holder = takenBy.get(position)
      if (holder !== undefined && !place(holder, asked)) return false
      takenBy.set(position, item)
      return true
    })
  return items.every((_, item) => place(item, new Set()))
}

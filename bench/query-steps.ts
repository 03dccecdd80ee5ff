import { AGES, CITIES, isSamePerson, MOST_POINTS, type Person } from './documents.ts'
import type { Measure } from './measure.ts'
import { MOST_TOTAL, type Expected } from './people-orders.ts'
import { check, checkCount, checkOldest, checkOrders, checkPeople, checkPoints, checkWithOrders } from './query-checks.ts'
import type { OpenQueryContestant } from './query-contestant.ts'

/** One kind of query. `ask` is what is measured; the check it returns is not. */
export interface QueryStep {
  readonly measure: Measure
  /** How many calls `ask` makes; the figure is that of one. */
  readonly calls: number
  /** `turn` chooses the arguments: no two turns ask for the same, so that what was kept of the last answer helps little. */
  ask(database: OpenQueryContestant, expected: Expected, turn: number): Promise<Check>
}

type Check = () => void

const GETS = 50
const OLDEST = 10
/** Of 80 ages: 5 %. */
const AGES_IN_RANGE = 4
const SCAN_SHARE = 0.1
const ORDER_SHARE = 0.05

/** What is asked, in this order. */
export const QUERY_STEPS: readonly QueryStep[] = [
  {
    measure: { name: 'get by ID', unit: 'ms', target: { ratio: 0.02 } },
    calls: GETS,
    ask: async (database, { people }) => {
      // The same ones in every turn: this is about what a contestant keeps at hand.
      const ids = people.keys().take(GETS).toArray()
      const found: (Person | undefined)[] = []
      for (const id of ids) found.push(await database.get(id))
      return () => {
        for (const [index, id] of ids.entries()) {
          const person = people.get(id)
          check(person !== undefined && isSamePerson(person, found[index]), `document ${id} is not what was written`)
        }
      }
    },
  },
  step({ name: 'lookup by indexed field', unit: 'ms', target: { ratio: 0.1 } }, async (database, expected, turn) => {
    const age = ageOf(turn)
    const found = await database.ofAge(age)
    return () => checkPeople(found, expected, (person) => person.age === age)
  }),
  step({ name: 'range of indexed field, 5 %', unit: 'ms' }, async (database, expected, turn) => {
    const [from, to] = rangeOf(turn)
    const found = await database.agedBetween(from, to)
    return () => checkPeople(found, expected, ({ age }) => age >= from && age <= to)
  }),
  step({ name: 'order by indexed field, limit 10', unit: 'ms', target: { ratio: 0.1 } }, async (database, expected, turn) => {
    const limit = OLDEST - 1 + (turn % 3)
    const found = await database.oldest(limit)
    return () => checkOldest(found, expected, limit, () => true)
  }),
  step({ name: 'range of indexed field and another field', unit: 'ms' }, async (database, expected, turn) => {
    const [[from, to], wanted] = [rangeOf(turn), cityOf(turn)]
    const found = await database.agedBetweenIn(from, to, wanted)
    return () => checkPeople(found, expected, ({ age, city }) => age >= from && age <= to && city === wanted)
  }),
  step({ name: 'filter scan, 10 % match', unit: 'ms', target: { ratio: 0.05 } }, async (database, expected, turn) => {
    const least = leastOf(turn, MOST_POINTS, SCAN_SHARE)
    const found = await database.richerThan(least)
    return () => checkPeople(found, expected, ({ points }) => points >= least)
  }),
  step({ name: 'count', unit: 'ms', target: { ratio: 0.02 } }, async (database, expected) => {
    const count = await database.count()
    return () => checkCount(count, expected, () => true)
  }),
  step({ name: 'count with filter', unit: 'ms' }, async (database, expected, turn) => {
    const least = leastOf(turn, MOST_POINTS, SCAN_SHARE)
    const count = await database.countRicherThan(least)
    return () => checkCount(count, expected, ({ points }) => points >= least)
  }),
  step({ name: 'sum and average with filter', unit: 'ms' }, async (database, expected, turn) => {
    const wanted = cityOf(turn)
    const points = await database.pointsIn(wanted)
    return () => checkPoints(points, expected, ({ city }) => city === wanted)
  }),
  step({ name: 'join: people of an age with their orders', unit: 'ms' }, async (database, expected, turn) => {
    const wanted = ageOf(turn)
    const found = await database.withOrders(wanted)
    return () => checkWithOrders(found, expected, ({ age }) => age === wanted)
  }),
  step({ name: 'join: 5 % of the orders with their customer', unit: 'ms' }, async (database, expected, turn) => {
    const least = leastOf(turn, MOST_TOTAL, ORDER_SHARE)
    const found = await database.ordersAbove(least)
    return () => checkOrders(found, expected, least)
  }),
]

function step(measure: Measure, ask: QueryStep['ask']): QueryStep {
  return { measure, calls: 1, ask }
}

function ageOf(turn: number): number {
  // 7 and 80 have no common divisor: every age comes once before one comes again.
  return AGES.from + ((turn * 7) % (AGES.to - AGES.from + 1))
}

function rangeOf(turn: number): readonly [number, number] {
  const from = AGES.from + ((turn * 7) % (AGES.to - AGES.from + 2 - AGES_IN_RANGE))
  return [from, from + AGES_IN_RANGE - 1]
}

function cityOf(turn: number): string {
  return CITIES[turn % CITIES.length] ?? ''
}

/** The least value of the given share of all: a quarter more in each turn. */
function leastOf(turn: number, most: number, share: number): number {
  return most * (1 - share) + turn / 4
}

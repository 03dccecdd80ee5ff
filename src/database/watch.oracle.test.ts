import { expect, it } from 'vitest'

import type { RequestResult } from '../query/result.ts'
import { randomOf, testSeed } from '../util/seed.testkit.ts'
import { follow, openSettlingNode, settled } from './follower.testkit.ts'
import { randomChange } from './live-changes.testkit.ts'
import { INDEXED_LIBRARY, LIBRARY, randomQuery, withoutOrder, type RandomQuery } from './live-queries.testkit.ts'

const SEED = testSeed()
const ROUNDS = 16
const QUERIES = 10
const CHANGES = 14

it(`watched results are at every change what a fresh run gives, and each was so at some state (WARREN_SEED=${SEED})`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomOf(SEED + round)
    const schema = round % 2 === 0 ? LIBRARY : INDEXED_LIBRARY
    const [here, there] = [await openSettlingNode(schema), await openSettlingNode(schema)]
    for (let index = 0; index < 6; index++) await randomChange(random, here, there)
    const watched = Array.from({ length: QUERIES }, () => {
      const query = randomQuery(random)
      return { query, follower: follow(here.db.watch(query.text)), states: [] as unknown[] }
    })
    await settled()
    for (let index = 0; index < CHANGES; index++) {
      if (index > 0) await randomChange(random, here, there)
      await settled()
      for (const { query, follower, states } of watched) {
        const fresh = comparable(query, await here.db.execute(query.text))
        states.push(fresh)
        expect([query.text, comparable(query, follower.last)]).toEqual([query.text, fresh])
      }
    }
    for (const { query, follower, states } of watched) {
      const delivered = follower.results.map((result) => comparable(query, result))
      // Equal results come once, unless they differ in an order that is none; and each existed.
      expect([query.text, query.isUnordered ? withoutRepeats(delivered) : delivered]).toEqual([query.text, withoutRepeats(states)])
      await follower.leave()
    }
  }
})

it(`watched results end at the last state after a burst of changes, and all of their fields are of one (WARREN_SEED=${SEED})`, async () => {
  for (let round = 0; round < ROUNDS / 2; round++) {
    const random = randomOf(SEED + 1000 + round)
    const schema = round % 2 === 0 ? LIBRARY : INDEXED_LIBRARY
    const [here, there] = [await openSettlingNode(schema), await openSettlingNode(schema)]
    for (let index = 0; index < 6; index++) await randomChange(random, here, there)
    const watched = Array.from({ length: QUERIES }, () => {
      const { text, isUnordered } = randomQuery(random)
      // The same aggregate as a kept root and as one that is run again.
      const query = {
        isUnordered,
        text: `{ kept: _count(Book: {}) run: Book(groupBy: [title]) { _group { author { name } } } ${text.slice(1)}`,
      }
      return { query, follower: follow(here.db.watch(query.text)) }
    })
    for (let burst = 0; burst < 3; burst++) {
      const changes = Array.from({ length: 10 }, async () => {
        for (let turn = random.below(4); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve))
        await randomChange(random, here, there)
      })
      await Promise.all(changes)
      await settled()
      for (const { query, follower } of watched) {
        expect([query.text, comparable(query, follower.last)]).toEqual([query.text, comparable(query, await here.db.execute(query.text))])
        for (const { data } of follower.results) {
          const { kept, run } = data as { readonly kept: number; readonly run: readonly { readonly _group: readonly object[] }[] }
          expect(run.reduce((sum, { _group }) => sum + _group.length, 0)).toBe(kept)
        }
      }
    }
    for (const { follower } of watched) await follower.leave()
  }
})

function comparable({ isUnordered }: RandomQuery, result: RequestResult | undefined): unknown {
  return rounded(isUnordered ? withoutOrder(result) : result)
}

/** The last digits of a sum of floats follow from the order in which they are added up, and that from how they are read. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(14))
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rounded(member)]))
}

function withoutRepeats(results: readonly unknown[]): readonly unknown[] {
  return results.filter((result, index) => index === 0 || JSON.stringify(result) !== JSON.stringify(results[index - 1]))
}

import { expect, it } from 'vitest'

import { randomOf, testSeed } from '../util/seed.testkit.ts'
import { follow, openSettlingNode, settled } from './follower.testkit.ts'
import { randomChange, randomLibrary } from './live-changes.testkit.ts'
import { LIBRARIES, asWatched, randomQuery } from './live-queries.testkit.ts'

const SEED = testSeed()
const ROUNDS = 16
const QUERIES = 10
const CHANGES = 14

it(`watched results are at every change what a fresh run gives, and each was so at some state (WARREN_SEED=${SEED})`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomOf(SEED + round)
    const schema = LIBRARIES[round % LIBRARIES.length]
    const [here, there] = [await openSettlingNode(schema), await openSettlingNode(schema)]
    await randomLibrary(random, here)
    for (let index = 0; index < 6; index++) await randomChange(random, here, there)
    const watched = Array.from({ length: QUERIES }, () => {
      const query = randomQuery(random)
      return { query, follower: follow(here.db.watch(query)), states: [] as unknown[] }
    })
    await settled()
    for (let index = 0; index < CHANGES; index++) {
      if (index > 0) await randomChange(random, here, there)
      await settled()
      for (const { query, follower, states } of watched) {
        const fresh = asWatched(await here.db.execute(query))
        states.push(fresh)
        expect([query, follower.last]).toEqual([query, fresh])
      }
    }
    for (const { query, follower, states } of watched) {
      // Equal results come once, and each existed.
      expect([query, follower.results]).toEqual([query, withoutRepeats(states)])
      await follower.leave()
    }
  }
})

it(`watched results end at the last state after a burst of changes, and all of their fields are of one (WARREN_SEED=${SEED})`, async () => {
  for (let round = 0; round < ROUNDS / 2; round++) {
    const random = randomOf(SEED + 1000 + round)
    const schema = LIBRARIES[round % LIBRARIES.length]
    const [here, there] = [await openSettlingNode(schema), await openSettlingNode(schema)]
    await randomLibrary(random, here)
    for (let index = 0; index < 6; index++) await randomChange(random, here, there)
    const watched = Array.from({ length: QUERIES }, () => {
      // The same aggregate as a kept root and as one that is run again.
      const query = `{ kept: _count(Book: {}) run: Book(groupBy: [title]) { _group { author { name } } } ${randomQuery(random).slice(1)}`
      return { query, follower: follow(here.db.watch(query)) }
    })
    for (let burst = 0; burst < 3; burst++) {
      const changes = Array.from({ length: 10 }, async () => {
        for (let turn = random.below(4); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve))
        await randomChange(random, here, there)
      })
      await Promise.all(changes)
      await settled()
      for (const { query, follower } of watched) {
        expect([query, follower.last]).toEqual([query, asWatched(await here.db.execute(query))])
        for (const { data } of follower.results) {
          const { kept, run } = data as { readonly kept: number; readonly run: readonly { readonly _group: readonly object[] }[] }
          expect(run.reduce((sum, { _group }) => sum + _group.length, 0)).toBe(kept)
        }
      }
    }
    for (const { follower } of watched) await follower.leave()
  }
})

function withoutRepeats(results: readonly unknown[]): readonly unknown[] {
  return results.filter((result, index) => index === 0 || JSON.stringify(result) !== JSON.stringify(results[index - 1]))
}

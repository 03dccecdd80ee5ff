import { expect, it } from 'vitest'

import { randomOf, testSeed } from '../util/seed.testkit.ts'
import { follow, openSettlingNode, settled } from './follower.testkit.ts'
import { randomChange } from './live-changes.testkit.ts'
import { LIBRARY, randomBookFilter } from './live-queries.testkit.ts'

const SEED = testSeed()
const ROUNDS = 16
const SUBSCRIPTIONS = 8
const CHANGES = 14

const SELECTION = '{ _docID title pages tagged: _count(tags: {}) author { name address { city } } _version { cid height } }'

it(`a subscription gives of every change what a query finds of the changed documents then (WARREN_SEED=${SEED})`, async () => {
  let given = 0
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomOf(SEED + round)
    const [here, there] = [await openSettlingNode(LIBRARY), await openSettlingNode(LIBRARY)]
    for (let index = 0; index < 6; index++) await randomChange(random, here, there)
    let changed: string[] = []
    const listen = ({ detail }: CustomEvent<{ readonly collection: string; readonly docID: string }>): void => {
      if (detail.collection === 'Book') changed = [...changed.filter((docID) => docID !== detail.docID), detail.docID]
    }
    here.db.events.addEventListener('update', listen)
    here.db.events.addEventListener('merge', listen)
    const followed = Array.from({ length: SUBSCRIPTIONS }, () => {
      const filter = randomBookFilter(random)
      return {
        filter,
        follower: follow(here.db.subscribe(`subscription { Book(filter: ${filter}) ${SELECTION} }`)),
        expected: [] as unknown[],
      }
    })
    for (let index = 0; index < CHANGES; index++) {
      changed = []
      await randomChange(random, here, there)
      await settled()
      for (const { filter, follower, expected } of followed) {
        for (const docID of changed) {
          const { data, errors } = await here.db.execute(`{ Book(docID: ["${docID}"], filter: ${filter}) ${SELECTION} }`)
          expect(errors).toBeUndefined()
          if (((data?.['Book'] ?? []) as readonly unknown[]).length > 0) expected.push({ data })
        }
        expect([filter, follower.results]).toEqual([filter, expected])
      }
    }
    for (const { follower } of followed) {
      given += follower.results.length
      await follower.leave()
    }
  }
  expect(given).toBeGreaterThan(ROUNDS)
})

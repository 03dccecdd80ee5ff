import { expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import type { RequestResult } from '../query/result.ts'
import { randomOf, testSeed, type Random } from '../util/seed.testkit.ts'
import { deliver, openTestNode, type TestNode } from './database.testkit.ts'
import type { Requests } from './database.ts'
import { follow, settled } from './follower.testkit.ts'
import { LIBRARY, pick, randomAuthor, randomBook, randomQuery, withoutOrder, type RandomQuery } from './live-queries.testkit.ts'

const SEED = testSeed()
const ROUNDS = 8
const QUERIES = 10
const CHANGES = 14

it(`watched results are at every change what a fresh run gives, and each was so at some state (WARREN_SEED=${SEED})`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomOf(SEED + round)
    const [here, there] = [await openTestNode(LIBRARY), await openTestNode(LIBRARY)]
    for (let index = 0; index < 6; index++) await change(random, here, there)
    const watched = Array.from({ length: QUERIES }, () => {
      const query = randomQuery(random)
      return { query, follower: follow(here.db.watch(query.text)), states: [] as unknown[] }
    })
    await settled()
    for (let index = 0; index < CHANGES; index++) {
      if (index > 0) await change(random, here, there)
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
    const [here, there] = [await openTestNode(LIBRARY), await openTestNode(LIBRARY)]
    for (let index = 0; index < 6; index++) await change(random, here, there)
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
        await change(random, here, there)
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
  return isUnordered ? withoutOrder(result) : result
}

function withoutRepeats(results: readonly unknown[]): readonly unknown[] {
  return results.filter((result, index) => index === 0 || JSON.stringify(result) !== JSON.stringify(results[index - 1]))
}

/** One random change of the first node, in one write: by its API, in a transaction, or by merging what the other one wrote. */
async function change(random: Random, here: TestNode, there: TestNode): Promise<void> {
  const kind = random.below(6)
  if (kind === 0) {
    await here.db.transaction(async (tx) => {
      for (let step = 0; step < 3; step++) await write(random, tx)
    })
  } else if (kind === 1) {
    await deliver(here, there)
    for (let step = 0; step < 2; step++) await write(random, there.db)
    await mergeOne(random, there, here)
  } else {
    await write(random, here.db)
  }
}

/** Merges everything that one node has of one collection into another, in one write. */
async function mergeOne(random: Random, from: TestNode, to: TestNode): Promise<void> {
  const collectionId = pick(random, from.replica.collectionIds())
  const documents = await from.replica.documentHeads(collectionId, { limit: 1000 })
  const commits = await Promise.all(documents.map(({ docId }) => from.replica.commitsSince(collectionId, docId, [])))
  await to.replica.merge(collectionId, random.shuffled(commits).flat(), { peer: 'test' })
}

async function write(random: Random, requests: Requests): Promise<void> {
  const idsOf = async (name: string): Promise<readonly string[]> => Array.fromAsync(requests.collection(name).docIDs())
  const [authors, books] = [await idsOf('Author'), await idsOf('Book')]
  const actions: readonly (() => Promise<unknown>)[] = [
    () => requests.collection('Author').create(randomAuthor(random)),
    () => requests.collection('Book').create(randomBook(random, authors)),
    () => requests.collection('Book').create([randomBook(random, authors), randomBook(random, authors)]),
    () => requests.collection('Book').update(pick(random, books), randomBook(random, authors)),
    () => requests.collection('Book').update(pick(random, books), randomBook(random, authors)),
    () => requests.collection('Book').delete(pick(random, books)),
    () => requests.collection('Author').update(pick(random, authors), randomAuthor(random)),
    () => requests.collection('Author').delete(pick(random, authors)),
    () => requests.collection('Address').create({ city: pick(random, ['x', 'y', 'z']), author: pick(random, authors) }),
    () => requests.execute(`mutation { update_Book(filter: {pages: {_gt: ${random.below(5)}}}, input: {isLent: true}) { _docID } }`),
  ]
  try {
    await pick(random, actions)()
  } catch (error) {
    // There was nothing to choose from, or another one was first: then nothing changes.
    if (!(error instanceof RangeError) && !isFailure(error)) throw error
  }
}

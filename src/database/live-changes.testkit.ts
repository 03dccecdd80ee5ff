import { isFailure } from '../errors.ts'
import type { Random } from '../util/seed.testkit.ts'
import type { Requests } from './database.ts'
import { deliver, type TestNode } from './database.testkit.ts'
import { pick, randomAuthor, randomBook } from './live-queries.testkit.ts'

/** Documents to begin with: enough that lists have an order. */
export async function randomLibrary(random: Random, { db }: TestNode): Promise<void> {
  const authors: string[] = []
  for (const name of ['a', 'b', 'c']) authors.push(await db.collection('Author').create({ ...randomAuthor(random), name }))
  for (let index = 0; index < 8; index++) await db.collection('Book').create({ ...randomBook(random, authors), title: `t${index}` })
}

/** One random change of the first node, in one write: by its API, in a transaction, or by merging what the other one wrote. */
export async function randomChange(random: Random, here: TestNode, there: TestNode): Promise<void> {
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

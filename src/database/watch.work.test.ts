import { describe, expect, it } from 'vitest'

import { countedStore } from '../storage/counted-store.testkit.ts'
import { openMemoryStore } from '../storage/memory.ts'
import type { Database } from './database.ts'
import { follow, openSettlingNode, settled } from './follower.testkit.ts'

const SDL = `
  type Shelf { place: String notes: [Note] }
  type Note { title: String stars: Int weight: Float shelf: Shelf }
`
const DOCUMENTS = 10_000

const ANSWERED_BY_ROWS: readonly string[] = [
  '{ Note(filter: {stars: {_ge: 500}}, order: [{stars: DESC}, {title: ASC}], limit: 10) { title stars } }',
  '{ Note(order: {title: ASC}) { _docID title stars _version { height } } }',
  '{ _sum(Note: {field: weight, filter: {stars: {_ge: 500}}}) }',
  '{ _count(Note: {filter: {stars: {_eq: 1000}}}) most: _max(Note: {field: stars}) _avg(Note: {field: weight, order: {stars: DESC}, limit: 3}) }',
  '{ Note(groupBy: [stars], order: {stars: DESC}, limit: 3) { stars _count(_group: {}) _group(limit: 2) { title } } }',
  '{ Note(filter: {_alias: {heads: {_gt: 0}}}, order: {stars: DESC}, limit: 3) { stars heads: _count(_version: {}) } }',
]

const ANSWERED_BY_RELATIONS: readonly string[] = [
  '{ Note(filter: {shelf: {place: {_eq: "here"}}}, order: {stars: DESC}, limit: 5) { title stars shelf { place } } }',
  '{ Shelf(order: {place: ASC}) { place _sum(notes: {field: stars}) } }',
]

describe('an update of one document of ten thousand', () => {
  it('reads nothing for the queries it touches', async () => {
    const { db, ids, readsOf } = await aLibrary()
    const one = ids[5] ?? ''
    const unwatched = await readsOf(one, { stars: 1 })
    const watched = [...ANSWERED_BY_ROWS, ...ANSWERED_BY_RELATIONS].map((query) => ({ query, follower: follow(db.watch(query)) }))
    await settled()
    expect(await readsOf(one, { stars: 1000 })).toBe(unwatched)
    expect(unwatched).toBeLessThan(5)
    for (const { query, follower } of watched) {
      expect([query, follower.results.length]).toEqual([query, 2])
      expect([query, follower.last]).toEqual([query, await db.execute(query)])
    }
  })

  it('is passed over by the queries that ask for others, which read a handful when it is theirs', async () => {
    const { db, ids, readsOf } = await aLibrary()
    const sorted = ids.toSorted()
    const [first = '', last = ''] = [sorted[0], sorted.at(-1)]
    const unwatched = await readsOf(last, { stars: 1 })
    const queries = [
      '{ Note(limit: 10) { title stars } }',
      `{ Note(docID: ["${first}"]) { title shelf { place } _version { links { name } } } }`,
      `{ latestCommits(docID: "${first}") { cid links { name } } }`,
    ]
    const watched = queries.map((query) => ({ query, follower: follow(db.watch(query)) }))
    await settled()
    expect(await readsOf(last, { stars: 2000 })).toBe(unwatched)
    expect(watched.map(({ follower }) => follower.results.length)).toEqual([1, 1, 1])
    expect(await readsOf(first, { stars: 3000 })).toBeLessThan(300)
    for (const { query, follower } of watched) {
      expect([query, follower.results.length]).toEqual([query, 2])
      expect([query, follower.last]).toEqual([query, await db.execute(query)])
    }
  })
})

interface Library {
  readonly db: Database
  /** Of the notes. */
  readonly ids: readonly string[]
  /** What is read of the store until everything has come to rest after an update of a note. */
  readsOf(docID: string, patch: object): Promise<number>
}

async function aLibrary(): Promise<Library> {
  const store = countedStore(await openMemoryStore())
  const { db } = await openSettlingNode(SDL, { store })
  const shelf = await db.collection('Shelf').create({ place: 'here' })
  const notes = Array.from({ length: DOCUMENTS }, (_, index) => ({ title: `n${index}`, stars: index % 1000, weight: index / 8, shelf }))
  const ids = await db.collection('Note').create(notes)
  return {
    db,
    ids,
    readsOf: async (docID, patch) => {
      const before = store.recordsRead()
      await db.collection('Note').update(docID, patch)
      await settled()
      return store.recordsRead() - before
    },
  }
}

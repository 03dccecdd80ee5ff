import { describe, expect, it } from 'vitest'

import { compareText } from '../util/bytes.ts'
import type { Database } from './database.ts'
import { follow, openSettlingNode, settled } from './follower.testkit.ts'

/** The index has the books in another order than that of their IDs. */
const LIBRARY = `
  type Author { name: String books: [Book] }
  type Book { title: String pages: Int @index(direction: DESC) author: Author }
`

describe('a watched query over an index that has another order', () => {
  it('has documents in the order of their IDs, related ones as well', async () => {
    const { db, change } = await aLibrary()
    const queries = [
      '{ Book(filter: {pages: {_gt: 2}}) { _docID } }',
      '{ Book(filter: {pages: {_gt: 2}}) { _docID author { name } } }',
      '{ Author(filter: {name: {_eq: "one"}}) { books(filter: {pages: {_gt: 2}}) { _docID } } }',
    ]
    const watched = queries.map((query) => ({ query, follower: follow(db.watch(query)) }))
    for (let turn = 0; turn < 2; turn++) {
      await settled()
      for (const { query, follower } of watched) {
        const ids = idsOf(follower.last)
        expect([query, ids]).toEqual([query, ids.toSorted()])
        expect(idsOf(await db.execute(query))).not.toEqual(ids)
      }
      await change()
    }
  })

  it.each([
    ['up to a limit', '{ Book(filter: {pages: {_gt: 2}}, limit: 3) { _docID title } }'],
    ['behind an offset', '{ Book(filter: {pages: {_gt: 2}}, offset: 3) { _docID title } }'],
    ['behind an offset, with what they are related to', '{ Book(filter: {pages: {_gt: 2}}, offset: 3) { _docID author { name } } }'],
    ['that an aggregate takes', '{ _sum(Book: {field: pages, filter: {pages: {_gt: 2}}, limit: 3}) }'],
    ['for each parent', '{ Author { books(filter: {pages: {_gt: 2}}, limit: 3) { _docID title } } }'],
    ['for each parent, beside all', '{ Author { all: books { pages } few: books(filter: {pages: {_gt: 2}}, limit: 3) { _docID title } } }'],
    [
      'that an aggregate takes for each parent',
      '{ Author { books { pages } _sum(books: {field: pages, filter: {pages: {_gt: 2}}, limit: 3}) } }',
    ],
    [
      'as a filter of a relation finds them',
      '{ Author(filter: {books: {pages: {_gt: 2}}}, limit: 1) { name books { title } all: _count(books: {}) } }',
    ],
    [
      'as an order by them shows',
      '{ Author(order: {_alias: {few: ASC}}) { name few: _sum(books: {field: pages, filter: {pages: {_gt: 2}}, limit: 3}) } }',
    ],
  ])('has without an order those first documents that a fresh run has: %s', async (_, query) => {
    const { db, change } = await aLibrary()
    const watched = follow(db.watch(query))
    await settled()
    expect(watched.last).toEqual(await db.execute(query))
    await change()
    await settled()
    expect(watched.last).toEqual(await db.execute(query))
  })

  it.each([
    ['a list beside it', '{ Author { all: books(filter: {pages: {_gt: 2}}) { _docID } few: books(limit: 1) { title } } }'],
    [
      'a list beside what an aggregate takes',
      '{ Author { all: books(filter: {pages: {_gt: 2}}) { _docID } _sum(books: {field: pages, limit: 1}) } }',
    ],
    ['a list inside it', '{ Book(filter: {pages: {_gt: 2}}, limit: 2) { author { all: books(filter: {pages: {_gt: 2}}) { _docID } } } }'],
    [
      'a list around it',
      '{ all: Book(filter: {pages: {_gt: 2}}) { _docID author { few: books(filter: {pages: {_gt: 2}}, limit: 2) { title } } } }',
    ],
  ])('has the order of IDs where no limit stands, whatever one stands elsewhere: %s', async (_, query) => {
    const { db, change } = await aLibrary()
    const watched = follow(db.watch(query))
    for (let turn = 0; turn < 2; turn++) {
      await settled()
      const fresh = await db.execute(query)
      expect(watched.last).not.toEqual(fresh)
      expect(watched.last).toEqual(allById(fresh))
      await change()
    }
  })
})

interface Library {
  readonly db: Database
  /** Changes a book that no filter above leaves out. */
  change(): Promise<void>
}

async function aLibrary(): Promise<Library> {
  const { db } = await openSettlingNode(LIBRARY)
  const author = await db.collection('Author').create({ name: 'one' })
  const other = await db.collection('Author').create({ name: 'other' })
  const books = Array.from({ length: 9 }, (_, pages) => ({ title: `b${pages}`, pages, author: pages < 7 ? author : other }))
  const ids = await db.collection('Book').create(books)
  return {
    db,
    change: async () => {
      await db.collection('Book').update(ids[5] ?? '', { title: 'changed', pages: 20 })
    },
  }
}

/** The IDs in a result, as they come. */
function idsOf(result: unknown): readonly string[] {
  return JSON.stringify(result).match(/bae-[-0-9a-f]+/g) ?? []
}

/** The lists under the name `all` in the order of their IDs, and every other as it is. */
function allById(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => allById(item))
    return key === 'all' ? items.toSorted((a, b) => compareText(idsOf(a)[0] ?? '', idsOf(b)[0] ?? '')) : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, allById(member, name)]))
}

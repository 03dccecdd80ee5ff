import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { deliver, watchedStore } from './database.testkit.ts'
import { follow, openSettlingNode, settled } from './follower.testkit.ts'

const NOTES = 'type Note { title: String stars: Int }'
const BOOKS = 'type Author { name: String books: [Book] } type Book { title: String author: Author }'

describe('a subscription', () => {
  it('gives each document that a change makes match, one result each and in order', async () => {
    const { db } = await openSettlingNode(NOTES)
    const notes = db.collection('Note')
    const [a = '', b = ''] = await notes.create([
      { title: 'a', stars: 1 },
      { title: 'b', stars: 9 },
    ])
    const told = follow(db.subscribe('subscription { Note(filter: {stars: {_gt: 3}}) { title stars } }'))
    await notes.update(a, { stars: 4 })
    await notes.update(b, { stars: 2 })
    await notes.create([
      { title: 'c', stars: 1 },
      { title: 'd', stars: 5 },
    ])
    await db.execute('mutation { update_Note(filter: {title: {_eq: "a"}}, input: {stars: 6}) { title } }')
    await notes.delete(a)
    await settled()
    expect(told.results).toEqual([
      { data: { Note: [{ title: 'a', stars: 4 }] } },
      { data: { Note: [{ title: 'd', stars: 5 }] } },
      { data: { Note: [{ title: 'a', stars: 6 }] } },
    ])
  })

  it('shows a document as each change left it, also when several are stored together', async () => {
    const { db } = await openSettlingNode(NOTES)
    const notes = db.collection('Note')
    const docID = await notes.create({ title: 'a', stars: 0 })
    const told = follow(db.subscribe('subscription ($ids: [ID!]) { Note(docID: $ids) { stars } }', { variables: { ids: [docID] } }))
    await Promise.all([1, 2, 3].map((stars) => notes.update(docID, { stars })))
    await notes.create({ title: 'another' })
    await settled()
    expect(told.results.map(({ data }) => data?.['Note'])).toEqual([[{ stars: 1 }], [{ stars: 2 }], [{ stars: 3 }]])
  })

  it('gives what a transaction or a merge leads to, once for each document', async () => {
    const [here, there] = [await openSettlingNode(NOTES), await openSettlingNode(NOTES)]
    const told = follow(here.db.subscribe('subscription { note: Note { title stars } }'))
    await here.db.transaction(async (tx) => {
      const docID = await tx.collection('Note').create({ title: 'mine' })
      await tx.collection('Note').update(docID, { stars: 1 })
    })
    const foreign = await there.db.collection('Note').create({ title: 'theirs' })
    for (const stars of [1, 2, 3]) await there.db.collection('Note').update(foreign, { stars })
    await deliver(there, here)
    await deliver(there, here)
    await settled()
    expect(told.results).toEqual([{ data: { note: [{ title: 'mine', stars: 1 }] } }, { data: { note: [{ title: 'theirs', stars: 3 }] } }])
  })

  it('reads relations as they were after the change', async () => {
    const { db } = await openSettlingNode(BOOKS)
    const author = await db.collection('Author').create({ name: 'first' })
    const told = follow(
      db.subscribe('subscription { Book(filter: {author: {name: {_eq: "first"}}}) { title author { name } _version { links { name } } } }'),
    )
    const book = await db.collection('Book').create({ title: 'a', author })
    await Promise.all([
      db.collection('Book').update(book, { title: 'b' }),
      settled().then(() => db.collection('Author').update(author, { name: 'second' })),
    ])
    await db.collection('Book').update(book, { title: 'c' })
    await settled()
    expect(told.results.map(({ data }) => data?.['Book'])).toMatchObject([
      [{ title: 'a', author: { name: 'first' } }],
      [{ title: 'b', author: { name: 'first' } }],
    ])
  })

  it('reads nothing for documents that answer it themselves', async () => {
    const store = watchedStore(await openMemoryStore())
    const { db } = await openSettlingNode(NOTES, { store })
    const docID = await db.collection('Note').create({ title: 'a' })
    const readsOf = async (title: string): Promise<number> => {
      const before = store.reads
      await db.collection('Note').update(docID, { title })
      await settled()
      return store.reads - before
    }
    const without = await readsOf('b')
    const told = follow(db.subscribe('subscription { Note(filter: {title: {_ne: "x"}}) { _docID title _version { cid height } } }'))
    expect(await readsOf('c')).toBe(without)
    expect(told.results.length).toBe(1)
    await told.leave()
    expect(await readsOf('d')).toBe(without)
    expect(told.results.length).toBe(1)
  })

  it.each([
    ['subscription { Nota { title } }', /Cannot query field "Nota"/],
    ['subscription { Note { title } other: Note { title } }', /must select only one top level field/],
    ['{ Note { title } }', /only a subscription can be subscribed to; a query is for "execute" or "watch"/],
    ['subscription { Note(filter: {title: {_gt: 1}}) { title } }', /_gt/],
  ])('%s has an error as its only result', async (request, message) => {
    const { db } = await openSettlingNode(NOTES)
    const told = follow(db.subscribe(request))
    await settled()
    expect(told.isOver).toBe(true)
    expect(told.results.map(({ data, errors }) => [data, errors?.[0]?.message])).toEqual([[null, expect.stringMatching(message)]])
  })

  it('cannot be executed', async () => {
    const { db } = await openSettlingNode(NOTES)
    const { data, errors } = await db.execute('subscription { Note { title } }')
    expect([data, errors?.[0]?.message]).toEqual([null, expect.stringMatching(/pass it to "subscribe"/)])
  })

  it('ends when it is left, when its signal fires and when the database closes', async () => {
    const { db } = await openSettlingNode(NOTES)
    const controller = new AbortController()
    const request = 'subscription { Note { title } }'
    const [left, aborted, closed] = [
      follow(db.subscribe(request)),
      follow(db.subscribe(request, { signal: controller.signal })),
      follow(db.subscribe(request)),
    ]
    await left.leave()
    controller.abort()
    await db.collection('Note').create({ title: 'a' })
    await settled()
    expect([left, aborted, closed].map(({ isOver, results }) => [isOver, results.length])).toEqual([
      [true, 0],
      [true, 0],
      [false, 1],
    ])
    await db.close()
    await settled()
    expect(closed.isOver).toBe(true)
  })

  it('ends with an error, after what is waiting, when nobody reads it', async () => {
    const { db } = await openSettlingNode(NOTES)
    const iterator = db.subscribe('subscription { Note { title } }')[Symbol.asyncIterator]()
    const first = iterator.next()
    await db.collection('Note').create(Array.from({ length: 10_001 }, (_, index) => ({ title: `${index}` })))
    await settled()
    await db.collection('Note').create({ title: 'one too many' })
    await db.collection('Note').create({ title: 'unheard' })
    expect((await first).value).toMatchObject({ data: { Note: [{}] } })
    let waiting = 0
    for (;;) {
      const { value } = await iterator.next()
      if (value === undefined || value.errors !== undefined) {
        expect(value?.errors?.[0]?.message).toMatch(/10000 results were waiting/)
        break
      }
      waiting += 1
    }
    expect(waiting).toBe(10_000)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('follows the collections', async () => {
    const { db } = await openSettlingNode(NOTES)
    const [version] = await db.collections.describe({ name: 'Note' })
    await db.schema.patch([{ op: 'add', path: '/Note/Fields/-', value: { Name: 'done', Kind: 'Boolean' } }])
    const told = follow(db.subscribe('subscription { Note { done } }'))
    await db.execute('mutation { create_Note(input: {done: true}) { title } }')
    await db.schema.setActive(version?.versionId ?? '')
    await db.collection('Note').create({ title: 'b' })
    await settled()
    expect(told.results.map(({ data, errors }) => data ?? errors?.[0]?.message)).toEqual([
      { Note: [{ done: true }] },
      expect.stringMatching(/done/),
    ])
    expect(told.isOver).toBe(true)
  })
})

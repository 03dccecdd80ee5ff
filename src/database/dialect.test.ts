import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { openTestNode, watchedStore } from './database.testkit.ts'

const SDL = 'type Author { name: String books: [Book] } type Book { title: String pages: Int tags: [String!] author: Author }'

describe('a database of dialect 1.0', () => {
  it('takes and gives documents as its requests do', async () => {
    const { db } = await openTestNode(SDL, { dialect: '1.0' })
    await using _ = db
    const author = await db.collection('Author').create({ name: 'Ada' })
    const books = db.collection('Book')
    const first = await books.create({ title: 'Nuts', pages: 100, _authorID: author })
    const [second = ''] = await books.create([{ title: 'Bolts', pages: 300, author }])
    expect(await books.get(first)).toEqual({ _docID: first, title: 'Nuts', pages: 100, tags: null, _authorID: author })
    await books.update(first, { _authorID: null })
    expect(await books.get(first)).toMatchObject({ _authorID: null })
    expect(await books.updateMany({ pages: { _geq: 200 }, _authorID: { _neq: null } }, { _authorID: null })).toEqual([second])
    expect(await books.deleteMany('{ pages: { _leq: 100 } }' as unknown as object)).toEqual([first])
    expect(await db.execute('{ Book { title _authorID } COUNT(Book: {}) }')).toEqual({
      data: { Book: [{ title: 'Bolts', _authorID: null }], COUNT: 1 },
    })
  })

  it('refuses documents and filters of the other dialect, and writes nothing', async () => {
    const { db } = await openTestNode(SDL, { dialect: '1.0' })
    await using _ = db
    const author = await db.collection('Author').create({ name: 'Ada' })
    const books = db.collection('Book')
    await expect(books.create([{ title: 'a' }, { title: 'b', author_id: author }])).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      message: 'the given field does not exist. Name: author_id, Collection: Book; in dialect 1.0 it is "_authorID"',
      details: { collection: 'Book', field: 'author_id', value: author },
    })
    await expect(books.create({ title: 'a', _authorID: 'Ada' })).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      message: expect.stringContaining('"_authorID" takes the ID of a document'),
      details: { field: '_authorID' },
    })
    await expect(books.deleteMany({ pages: { _ge: 1 } })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('in dialect 1.0 it is "_geq"'),
    })
    expect(await Array.fromAsync(books.docIDs())).toEqual([])
  })

  it('adds types in it, also in a transaction, and goes on speaking it', async () => {
    const { db } = await openTestNode('type Note { stars: Int @default(value: 3) }', { dialect: '1.0' })
    await using _ = db
    await db.schema.add('type Tag { word: String @default(value: "new") }')
    await db.transaction(async (tx) => {
      await tx.schema.add('type Mark { done: Boolean @default(value: false) }')
      expect(await tx.execute('mutation { add_Mark(input: {}) { done } }')).toEqual({ data: { add_Mark: [{ done: false }] } })
    })
    expect(await db.execute('mutation { add_Note(input: {}) { stars } add_Tag(input: {}) { word } }')).toEqual({
      data: { add_Note: [{ stars: 3 }], add_Tag: [{ word: 'new' }] },
    })
    await expect(db.schema.add('type Old { x: Int @default(int: 3) }')).rejects.toMatchObject({ code: 'INVALID_SCHEMA' })
    expect((await db.execute('{ COUNT(Mark: {}, Tag: {}) }')).data).toEqual({ COUNT: 2 })
  })

  it('gives a document the time of its creation where the schema says so', async () => {
    const { db } = await openTestNode('type Note { title: String made: DateTime @default(value: UTC_NOW) }', { dialect: '1.0' })
    await using _ = db
    const before = new Date().toISOString()
    const notes = db.collection<{ title: string; made?: string | null }>('Note')
    const made = await notes.get(await notes.create({ title: 'a' }))
    expect(Date.parse(made?.made ?? '')).toBeGreaterThanOrEqual(Date.parse(before))
    expect(Date.parse(made?.made ?? '')).toBeLessThanOrEqual(Date.now())
    expect(await notes.get(await notes.create({ title: 'b', made: '2020-01-01T00:00:00Z' }))).toMatchObject({
      made: '2020-01-01T00:00:00Z',
    })
    expect(await notes.get(await notes.create({ title: 'c', made: null }))).toMatchObject({ made: null })
  })
})

describe('the same database in one dialect after the other', () => {
  it('has the same documents, IDs and history', async () => {
    // It stays open when a database that was over it is closed.
    const store = Object.assign(watchedStore(await openMemoryStore()), { close: async () => {} })
    const recent = await openTestNode(
      'type Author { name: String books: [Book] } type Book { title: String made: DateTime @default(value: UTC_NOW) author: Author }',
      { store, dialect: '1.0' },
    )
    const author = await recent.db.collection('Author').create({ name: 'Ada' })
    const book = await recent.db.collection('Book').create({ title: 'Nuts', _authorID: author })
    const { data: written } = await recent.db.execute('{ commits: _commits(order: [{cid: ASC}]) { cid links { cid name: fieldName } } }')
    await recent.db.close()

    const old = await openTestNode(undefined, { store })
    const document = await old.db.collection('Book').get(book)
    expect(document).toMatchObject({ title: 'Nuts', author_id: author })
    expect((await old.db.execute('{ commits(order: [{cid: ASC}]) { cid links { cid name } } }')).data).toEqual(written)
    // What the schema promises holds whatever is spoken.
    const other = await old.db.collection('Book').create({ title: 'Bolts' })
    expect((await old.db.collection('Book').get(other))?.['made']).toMatch(/^20\d\d-/)
    await old.db.close()

    const again = await openTestNode(undefined, { store, dialect: '1.0' })
    expect(await again.db.collection('Book').get(book)).toEqual({
      _docID: book,
      title: 'Nuts',
      made: document?.['made'],
      _authorID: author,
    })
    await again.db.close()
  })
})

import { describe, expect, it } from 'vitest'

import { completeLimits } from '../query/limits.ts'
import { deliver, openTestNode } from './database.testkit.ts'

const SCHEMA = 'type Author { name: String  address: Address } type Address { street: String  author: Author @primary }'
const isLinked = { code: 'INVALID_DOCUMENT', message: expect.stringContaining('target document is already linked to another document') }

describe('a relation of one to one', () => {
  it('links a document once, whichever way the other link is written', async () => {
    const { db } = await openTestNode(SCHEMA)
    const [authors, addresses] = [db.collection('Author'), db.collection('Address')]
    const [ann = '', bob = ''] = await authors.create([{ name: 'Ann' }, { name: 'Bob' }])
    const first = await addresses.create({ street: 'A', author: ann })
    const other = await addresses.create({ street: 'B' })
    await expect(addresses.create({ street: 'C', author: ann })).rejects.toMatchObject(isLinked)
    await expect(addresses.update(other, { author_id: ann })).rejects.toMatchObject(isLinked)
    await expect(addresses.updateMany({}, { author: bob })).rejects.toMatchObject(isLinked)
    await expect(addresses.create([1, 2].map((n) => ({ street: `${n}`, author: bob })))).rejects.toMatchObject(isLinked)
    for (const mutation of [
      `create_Address(input: {street: "D", author: "${ann}"})`,
      `update_Address(docID: "${other}", input: {author: "${ann}"})`,
      `upsert_Address(filter: {street: {_eq: "B"}}, create: {}, update: {author_id: "${ann}"})`,
    ]) {
      expect((await db.execute(`mutation { ${mutation} { street } }`)).errors).toMatchObject([{ message: isLinked.message }])
    }
    expect((await db.execute('{ Address(order: {street: ASC}) { street author { name } } }')).data).toEqual({
      Address: [
        { street: 'A', author: { name: 'Ann' } },
        { street: 'B', author: null },
      ],
    })
    // Its own link is no obstacle, and a link that is gone is none either.
    await addresses.update(first, { street: 'A2', author: ann })
    await addresses.update(first, { author: null })
    await addresses.update(other, { author: ann })
    await addresses.delete(other)
    await addresses.update(first, { author: ann })
  })

  it('is looked at for any number of documents, whatever the limit for requests', async () => {
    const { db } = await openTestNode(SCHEMA, { queryLimits: completeLimits({ listElements: 1 }) })
    const authors = await db.collection('Author').create([{ name: 'Ann' }, { name: 'Bob' }, { name: 'Cy' }])
    const addresses = db.collection('Address')
    await addresses.create(authors.map((author) => ({ author })))
    await expect(addresses.create([{ street: 'A' }, { street: 'B', author: authors[2] }])).rejects.toMatchObject(isLinked)
    await expect(addresses.updateMany({ author_id: { _in: authors } }, { street: 'C' })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })

  it('sees what its transaction has written', async () => {
    const { db } = await openTestNode(SCHEMA)
    const author = await db.collection('Author').create({ name: 'Ann' })
    await db.transaction(async (transaction) => {
      await transaction.collection('Address').create({ street: 'A', author })
      await expect(transaction.collection('Address').create({ street: 'B', author })).rejects.toMatchObject(isLinked)
    })
    expect((await db.execute('{ Address { street } }')).data).toEqual({ Address: [{ street: 'A' }] })
  })

  it('of a collection with itself links once as well', async () => {
    const { db } = await openTestNode(
      'type Person { name: String  mentor: Person @primary @relation(name: "m")  pupil: Person @relation(name: "m") }',
    )
    const people = db.collection('Person')
    const mentor = await people.create({ name: 'Ann' })
    await people.create({ name: 'Bob', mentor })
    await expect(people.create({ name: 'Cy', mentor })).rejects.toMatchObject(isLinked)
  })

  it('links once whatever the dialect', async () => {
    const { db } = await openTestNode(SCHEMA, { dialect: '1.0' })
    const _authorID = await db.collection('Author').create({ name: 'Ann' })
    await db.collection('Address').create({ street: 'A', _authorID })
    await expect(db.collection('Address').create({ street: 'B', _authorID })).rejects.toMatchObject(isLinked)
  })

  it('takes the links of other nodes as they come', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    const author = await a.db.collection('Author').create({ name: 'Ann' })
    await deliver(a, b)
    await a.db.collection('Address').create({ street: 'A', author })
    await b.db.collection('Address').create({ street: 'B', author })
    await deliver(a, b)
    expect((await b.db.execute('{ Address { author { name } } }')).data).toEqual({
      Address: [1, 2].map(() => ({ author: { name: 'Ann' } })),
    })
  })
})

it('relations to many, and from one side only, link as often as they like', async () => {
  const { db } = await openTestNode(
    'type Author { name: String books: [Book] } type Book { title: String author: Author printer: Printer } type Printer { name: String }',
  )
  const [author, printer] = [await db.collection('Author').create({ name: 'Ann' }), await db.collection('Printer').create({ name: 'P' })]
  await db.collection('Book').create(['A', 'B'].map((title) => ({ title, author, printer })))
  await db.collection('Book').create({ title: 'C', author, printer })
  expect((await db.execute('{ _count(Book: {filter: {author: {name: {_eq: "Ann"}}, printer: {name: {_eq: "P"}}}}) }')).data).toEqual({
    _count: 3,
  })
})

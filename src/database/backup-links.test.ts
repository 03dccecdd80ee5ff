import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { documentsOf, exported, exportedObject } from './backup/backup.testkit.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { openTestNode } from './database.testkit.ts'
import type { Database } from './database.ts'

const LIBRARY = `
  type Author { name: String books: [Book] favourite: Book @primary @relation(name: "favourite") }
  type Book { title: String author: Author fan: Author @relation(name: "favourite") }`

const PEOPLE = 'type Person { name: String boss: Person @primary @relation(name: "boss") staff: [Person] @relation(name: "boss") }'

async function aDatabase(schema: string): Promise<Database> {
  return (await openTestNode(schema)).db
}

/** Exports and imports into a new database, which must then have the IDs that were foretold and export the same but for the old IDs. */
async function restored(from: Database, schema: string): Promise<Database> {
  const to = await openTestNode(schema)
  await to.db.backup.import(await exported(from))
  const foretold = await exportedObject(from)
  const found = await exportedObject(to.db)
  for (const [name, documents] of Object.entries(foretold)) {
    const expected = documents
      .map(({ _docID, ...document }) => document)
      .toSorted((a, b) => (String(a['_docIDNew']) < String(b['_docIDNew']) ? -1 : 1))
    expect(found[name]?.map(({ _docID }) => _docID)).toEqual(expected.map(({ _docIDNew }) => _docIDNew))
    expect(found[name]?.map(({ _docID, ...document }) => document)).toEqual(expected)
  }
  await expectConsistent(to.store)
  return to.db
}

async function asked(db: Database, query: string): Promise<unknown> {
  const { data, errors } = await db.execute(query)
  expect(errors).toBeUndefined()
  return data
}

describe('links in a backup', () => {
  it('follow documents whose ID changes, over several steps', async () => {
    const db = await aDatabase(PEOPLE)
    const people = db.collection('Person')
    const top = await people.create({ name: 'top' })
    const middle = await people.create({ name: 'middle', boss: top })
    await people.create({ name: 'low', boss: middle })
    await people.update(top, { name: 'TOP' })
    const to = await restored(db, PEOPLE)
    expect(await asked(to, '{ Person(filter: {name: {_eq: "low"}}) { boss { name boss { name } } } }')).toEqual({
      Person: [{ boss: { name: 'middle', boss: { name: 'TOP' } } }],
    })
  })

  it('of a document to itself are set after its creation', async () => {
    const db = await aDatabase(PEOPLE)
    const people = db.collection('Person')
    const id = await people.create({ name: 'own' })
    await people.update(id, { boss: id })
    expect((await exportedObject(db))['Person']).toEqual([{ _docID: id, _docIDNew: id, boss_id: id, name: 'own' }])
    const to = await restored(db, PEOPLE)
    expect(await documentsOf(to, 'Person')).toEqual([{ _docID: id, name: 'own', boss_id: id }])
    expect(await asked(to, '{ Person { _version { height } } }')).toEqual({ Person: [{ _version: [{ height: 2 }] }] })
  })

  it('around in a circle come back, and so do those into it and out of it', async () => {
    const db = await aDatabase(LIBRARY)
    const [authors, books] = [db.collection('Author'), db.collection('Book')]
    const [ann, ben] = await authors.create([{ name: 'Ann' }, { name: 'Ben' }])
    const circle = await books.create({ title: 'circle', author: ann ?? '' })
    await authors.update(ann ?? '', { favourite: circle })
    await books.create({ title: 'other', author: ann ?? '' })
    await authors.update(ben ?? '', { name: 'BEN', favourite: await books.create({ title: 'out' }) })
    const to = await restored(db, LIBRARY)
    const query = '{ Author(order: {name: ASC}) { name favourite { title author { name } } books(order: {title: ASC}) { title } } }'
    expect(await asked(to, query)).toEqual(await asked(db, query))
  })

  it('are the same after a backup of the backup', async () => {
    const db = await aDatabase(PEOPLE)
    const people = db.collection('Person')
    const ids = await people.create(['a', 'b', 'c'].map((name) => ({ name })))
    for (const [index, id] of ids.entries()) await people.update(id, { name: `${index}!`, boss: ids[(index + 1) % 3] ?? '' })
    const once = await restored(db, PEOPLE)
    const twice = await restored(once, PEOPLE)
    expect(await exported(twice)).toBe(await exported(once))
  })

  it('come back whatever links what, under the IDs that were foretold', async () => {
    // Whom each of some people has as boss, if anybody, and whether the name was changed.
    const person = fc.tuple(fc.option(fc.nat(6)), fc.boolean())
    await fc.assert(
      fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 7 }), async (persons) => {
        const db = await aDatabase(PEOPLE)
        const people = db.collection('Person')
        const ids = await people.create(persons.map((_, index) => ({ name: `${index}` })))
        for (const [index, [boss, isChanged]] of persons.entries()) {
          const patch = { ...(boss === null ? {} : { boss: ids[boss % ids.length] ?? '' }), ...(isChanged ? { name: `${index}!` } : {}) }
          await people.update(ids[index] ?? '', patch)
        }
        const to = await restored(db, PEOPLE)
        const query = '{ Person(order: {name: ASC}) { name boss { name boss { name } } } }'
        expect(await asked(to, query)).toEqual(await asked(db, query))
      }),
      { numRuns: 40 },
    )
  })

  it('to what is not there are null', async () => {
    const db = await aDatabase(PEOPLE)
    const people = db.collection('Person')
    const boss = await people.create({ name: 'boss' })
    await people.create([
      { name: 'a', boss },
      { name: 'b', boss: 'bae-00000000-0000-5000-8000-000000000000' },
    ])
    await people.delete(boss)
    expect((await exportedObject(db))['Person']?.map(({ boss_id: link }) => link)).toEqual([null, null])
    await restored(db, PEOPLE)
  })

  it('to a collection that is left out stay as they are', async () => {
    const db = await aDatabase(LIBRARY)
    const ann = await db.collection('Author').create({ name: 'Ann' })
    await db.collection('Book').create({ title: 'a', author: ann })
    await db.collection('Author').update(ann, { name: 'ANN' })
    expect(JSON.parse(await exported(db, { collections: ['Book'] }))).toEqual({
      Book: [expect.objectContaining({ author_id: ann, title: 'a' })],
    })
  })

  it('lead to documents that get another ID than was foretold, since the schema differs', async () => {
    const db = await aDatabase(LIBRARY)
    const ann = await db.collection('Author').create({ name: 'Ann' })
    const book = await db.collection('Book').create({ title: 'a', author: ann })
    await db.collection('Author').update(ann, { favourite: book })
    const to = await aDatabase(LIBRARY.replaceAll('name: String', 'name: String born: Int'))
    await to.backup.import(await exported(db))
    expect(await asked(to, '{ Author { name favourite { title author { name } } } }')).toEqual({
      Author: [{ name: 'Ann', favourite: { title: 'a', author: { name: 'Ann' } } }],
    })
    expect(await to.collection('Author').get(ann)).toBeUndefined()
  })

  it('are spelled as the dialect has them', async () => {
    const [from, to] = [await openTestNode(PEOPLE, { dialect: '1.0' }), await openTestNode(PEOPLE, { dialect: '1.0' })]
    const boss = await from.db.collection('Person').create({ name: 'boss' })
    await from.db.collection('Person').create({ name: 'a', boss })
    const text = await exported(from.db)
    expect(text).toContain(`"_bossID":"${boss}"`)
    await to.db.backup.import(text)
    expect(await exported(to.db)).toBe(text)
  })

  it('to documents that are there already are kept', async () => {
    const db = await aDatabase(LIBRARY)
    const ann = await db.collection('Author').create({ name: 'Ann' })
    await db.backup.import(JSON.stringify({ Book: [{ title: 'a', author: ann }] }))
    expect(await asked(db, '{ Author { books { title } } }')).toEqual({ Author: [{ books: [{ title: 'a' }] }] })
  })

  it('of one to one are refused twice, also when one of them is in a circle', async () => {
    const db = await aDatabase(LIBRARY)
    const ids = { ann: 'bae-00000000-0000-5000-8000-000000000001', book: 'bae-00000000-0000-5000-8000-000000000002' }
    const ann = { _docID: ids.ann, name: 'Ann', favourite: ids.book }
    const book = { _docID: ids.book, title: 'a', author: ids.ann }
    await expect(db.backup.import(JSON.stringify({ Author: [ann, { name: 'Ben', favourite: ids.book }], Book: [book] }))).rejects.toThrow(
      'already linked',
    )
    expect(await documentsOf(db, 'Book')).toEqual([])
    await db.backup.import(JSON.stringify({ Author: [ann, { name: 'Ben' }], Book: [book] }))
    expect(await asked(db, '{ Author(filter: {name: {_eq: "Ann"}}) { favourite { author { name } } } }')).toEqual({
      Author: [{ favourite: { author: { name: 'Ann' } } }],
    })
  })
})

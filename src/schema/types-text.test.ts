import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, describe, expect, it } from 'vitest'

import { openTestNode } from '../database/database.testkit.ts'
import type { CollectionVersion } from './collection-version.ts'
import { DIALECT_NAMES } from './dialect-name.ts'
import { parseSdl } from './sdl.ts'
import { typesText } from './types-text.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = join(root, 'test-results/types-text')
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const AUTHORS_AND_BOOKS = `
  type Author { name: String  books: [Book] @relation(name: "wrote")  address: Address @primary }
  type Address { street: String  author: Author }
  type Book { title: String  author: Author @relation(name: "wrote") }
`

const EVERY_KIND = `
  type Everything {
    flag: Boolean  whole: Int  part: Float  small: Float32  text: String  at: DateTime  raw: Blob  tree: JSON  other: ID
    flags: [Boolean]  wholes: [Int]  parts: [Float]  smalls: [Float32]  texts: [String]
    strictFlags: [Boolean!]  strictWholes: [Int!]  strictParts: [Float!]  strictSmalls: [Float32!]  strictTexts: [String!]
    points: Int @crdt(type: pncounter)  visits: Int @crdt(type: pcounter)
    vector: [Float32!] @constraints(size: 3)
    born: String @default(string: "*/ never")
  }
`

describe('the types of collections', () => {
  it('say of each field what a document takes and gives, and of each relation who stores it', () => {
    expect(typesText(parseSdl(AUTHORS_AND_BOOKS, []))).toBe(`\
// Made by "warrendb types" from the schema of a database. Changes are lost when it is made again.

/** A document of the collection "Address". Only in requests, since the other side stores the relation: author (Author). */
export interface Address {
  /** String. */
  street?: string | null
}

/** A document of the collection "Author". Only in requests, since the other side stores the relation: books ([Book]). */
export interface Author {
  /** Address, relation "address_author": another name for address_id where a document is written; none that is read has it. */
  address?: string | null
  /** ID, of the document that is address: in "Address", relation "address_author". */
  address_id?: string | null
  /** String. */
  name?: string | null
}

/** A document of the collection "Book". */
export interface Book {
  /** Author, relation "wrote": another name for author_id where a document is written; none that is read has it. */
  author?: string | null
  /** ID, of the document that is author: in "Author", relation "wrote". */
  author_id?: string | null
  /** String. */
  title?: string | null
}

/** The documents of each collection by its name: db.collection<Collections['…']>('…'). */
export interface Collections {
  Address: Address
  Author: Author
  Book: Book
}
`)
  })

  it('tell of defaults and of vectors that the database makes', () => {
    const sdl = `type Note {
      text: String @default(string: "new")  stars: Int @default(int: 3)
      vector: [Float32!] @embedding(fields: ["text"], provider: "openai", model: "small-one")
    }`
    const types = typesText(parseSdl(sdl, []))
    expect(types).toContain('/** String, default "new". */')
    expect(types).toContain('/** Int (a bigint where a number is not exact), default 3. */')
    expect(types).toContain('/** [Float32!], made from text by small-one. */')
    const now = parseSdl('type Note { at: DateTime @default(value: UTC_NOW) }', [], { dialect: '1.0' })
    expect(typesText(now)).toContain('/** DateTime (as of RFC 3339), default the time of its creation. */')
  })

  it('have the names of the dialect', () => {
    const types = typesText(parseSdl(AUTHORS_AND_BOOKS, []), { dialect: '1.0' })
    expect(types).toContain('  _authorID?: string | null')
    expect(types).toContain('another name for _authorID where')
    expect(types).not.toContain('author_id')
  })

  it('leave a name of the dialect to the field that has it already', () => {
    const types = typesText(parseSdl('type A { b: B @primary  _bID: Int }  type B { a: A }', []), { dialect: '1.0' })
    expect(types).toContain('  _bID?: number | bigint | null')
    expect(types).toContain('  b_id?: string | null')
  })

  it('are the same in whatever order the collections come', () => {
    const collections = [...parseSdl(AUTHORS_AND_BOOKS, []), ...parseSdl(EVERY_KIND, [])]
    expect(typesText(collections.toReversed())).toBe(typesText(collections))
  })

  it('are those of active collections, and of none that only stands inside others', () => {
    const old = { ...aCollection('Old'), isActive: false }
    const types = typesText([...parseSdl('type Book { title: String }  interface Part { size: Int }', []), old])
    expect(types.match(/export interface \w+/g)).toEqual(['export interface Book', 'export interface Collections'])
  })

  it('of a database without collections are none', () => {
    expect(typesText([])).toContain('export interface Collections {}')
  })
})

describe('the TypeScript compiler', () => {
  it('takes the types, and finds every wrong use of a field', { timeout: 60_000 }, () => {
    const names = ['string', 'class', 'Collections', 'DocumentValue', 'my-notes', 'my notes', '9lives', `it's "*/"`, '']
    const odd = names.map(aCollection)
    const types = typesText([...parseSdl(AUTHORS_AND_BOOKS, []), ...parseSdl(EVERY_KIND, []), ...odd])
    expect(types).toContain(String.raw`default "*\/ never"`)
    const uses = `
      import type { Collection, Database } from 'warrendb'
      import type { Author, Book, Collections, Everything } from './types.ts'

      export async function use(db: Database): Promise<void> {
        const authors: Collection<Author> = db.collection<Author>('Author')
        const id: string = await authors.create({ name: 'Ursula', address: null })
        const books = db.collection<Collections['Book']>('Book')
        await books.create([{ title: 'A', author: id }, { author_id: id }, {}])
        const book = await books.get(id)
        const shown: string | null | undefined = book?.title
        const docID: string | undefined = book?._docID
        await books.update(id, { title: null })
        const patch: Partial<Book> = {}
        patch.title = shown ?? docID ?? ''

        const all = db.collection<Everything>('Everything')
        await all.create({
          flag: true, whole: 2n ** 60n, part: 0.5, small: 1, text: '', at: '2026-11-22T10:30:00Z', raw: '00ff', other: id,
          tree: { a: [1, null, { b: 'x' }] },
          flags: [true, null], wholes: [1, 2n, null], parts: [null], smalls: [1], texts: ['', null],
          strictFlags: [true], strictWholes: [1, 2n], strictParts: [1], strictSmalls: [1], strictTexts: [''],
          points: 1, visits: 1n, vector: [1, 2, 3], born: 'x',
        })
        const everything = await all.get(id)
        const texts: readonly (string | null)[] | null | undefined = everything?.texts
        const strict: readonly string[] | null | undefined = everything?.strictTexts
        const names: (keyof Collections)[] = ${JSON.stringify(names)}

        // @ts-expect-error a text is no number
        await books.create({ title: 1 })
        // @ts-expect-error there is no such field
        await books.create({ titel: 'A' })
        // @ts-expect-error the other side stores the relation
        await authors.create({ books: [id] })
        // @ts-expect-error an ID is not set
        await books.create({ _docID: id })
        // @ts-expect-error there is no such field to read
        book?.name
        // @ts-expect-error what is read may be null
        const title: string = book?.title
        // @ts-expect-error an Int may be a bigint
        const whole: number | null | undefined = everything?.whole
        // @ts-expect-error a time is a text
        await all.create({ at: new Date() })
        // @ts-expect-error no element is null
        await all.create({ strictWholes: [1, null] })
        // @ts-expect-error JSON has no functions
        await all.create({ tree: { a: () => 1 } })
        // @ts-expect-error there is no such collection
        type None = Collections['None']
        export_(texts, strict, names, title, whole)
      }
      declare function export_(...values: unknown[]): void
    `
    // As a project of somebody else has it, for whom the package is what is in this checkout.
    const options = { noUnusedLocals: false, paths: { warrendb: ['../../src/public.ts'] } }
    mkdirSync(scratch, { recursive: true })
    writeFileSync(
      join(scratch, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', compilerOptions: options, include: ['*.ts'] }),
    )
    writeFileSync(join(scratch, 'types.ts'), types)
    writeFileSync(join(scratch, 'uses.ts'), uses)
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'node_modules/.bin/tsc'), '-p', scratch], {
      encoding: 'utf8',
    })
    expect(`${stdout}${stderr}`).toBe('')
    expect(status).toBe(0)
  })
})

it.each(DIALECT_NAMES)('a document that is read has the fields of its type and no others, in dialect %s', async (dialect) => {
  const schema = dialect === '0.19' ? `${AUTHORS_AND_BOOKS}${EVERY_KIND}` : AUTHORS_AND_BOOKS
  const { db } = await openTestNode(schema, { dialect })
  for (const { name } of await db.collections.describe()) {
    const collection = db.collection(name)
    const document = await collection.get(await collection.create({}))
    const { [name]: fields = [] } = fieldsIn(typesText(await db.collections.describe(), { dialect }))
    expect([...fields, '_docID'].toSorted()).toEqual(Object.keys(document ?? {}).toSorted())
  }
  await db.close()
})

/** The fields of each interface in a text, those left out that are only written. */
function fieldsIn(types: string): Readonly<Record<string, readonly string[]>> {
  const interfaces = [...types.matchAll(/export interface (\w+) \{\n([^}]*)\}/g)]
  return Object.fromEntries(
    interfaces.map(([, name, body = '']) => [
      name,
      [...body.matchAll(/\/\*\* (.*) \*\/\n {2}(\w+)\?:/g)].flatMap(([, says = '', field = '']) =>
        says.includes('none that is read') ? [] : [field],
      ),
    ]),
  )
}

/** A collection whose name no schema text could give it. */
function aCollection(name: string): CollectionVersion {
  const [collection] = parseSdl('type Any { a: Int }', [])
  if (collection === undefined) throw new Error('the text has a type')
  return {
    ...collection,
    name,
    fields: [...collection.fields, ...collection.fields.slice(1).map((field) => ({ ...field, name: `${name}-1` }))],
  }
}

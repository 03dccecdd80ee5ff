import { describe, expect, test } from 'vitest'

import { collectionSdl, connectedCollections, isSpelledIn } from './collection-sdl.ts'
import type { CollectionVersion } from './collection-version.ts'
import type { DialectName } from './dialect-name.ts'
import { patchSchema } from './patch-schema.ts'
import { parseSdl } from './sdl.ts'

/** What the text of all collections makes again. */
function again(collections: readonly CollectionVersion[], dialect: DialectName = '0.19'): readonly CollectionVersion[] {
  const sdl = collectionSdl(
    collections,
    collections.map(({ name }) => name),
    { dialect },
  )
  return parseSdl(sdl, [], { dialect })
}

function ids(collections: readonly CollectionVersion[]): Readonly<Record<string, string>> {
  return Object.fromEntries(collections.map(({ name, collectionId }) => [name, collectionId]))
}

/** Fields without what each node decides for itself. */
function shapes(collections: readonly CollectionVersion[]): unknown {
  return Object.fromEntries(
    collections.map(({ name, fields, isBranchable, isMaterialized, isEmbeddedOnly }) => [
      name,
      { fields: fields.map((field) => ({ ...field, embedding: undefined })), isBranchable, isMaterialized, isEmbeddedOnly },
    ]),
  )
}

const SCHEMAS: Readonly<Record<string, string>> = {
  'values of every kind': `type Everything {
    flag: Boolean  flags: [Boolean!]  count: Int @crdt(type: pncounter)  total: Float @crdt(type: pcounter)  small: Float32
    text: String @index(unique: true)  texts: [String]  time: DateTime  bytes: Blob  tree: JSON  other: ID
  }`,
  'no field': 'type Nothing {}',
  'type directives': 'type Log @branchable { line: String } type Sum @materialized(if: false) { n: Int }',
  defaults: String.raw`type Standard {
    a: Boolean @default(bool: true)  b: Int @default(int: -9007199254740993)  c: Float @default(float: 1e300)  d: String @default(string: "say \"no\"\n")
    e: DateTime @default(dateTime: "2026-01-01T00:00:00Z")  f: Blob @default(blob: "00ff")  g: JSON @default(json: "{\"a-b\": [1, \"x\"]}")  h: Float32 @default(float32: 0.5)
  }`,
  sizes: 'type Vector { v: [Float32!] @constraints(size: 3) }',
  'one to many': 'type User { books: [Book] name: String } type Book { author: User title: String }',
  'one to many, with @primary': 'type User { books: [Book] } type Book { author: User @primary title: String }',
  'one to one': 'type User { address: Address @primary name: String } type Address { user: User street: String }',
  'one side only': 'type User { name: String } type Book { author: User abc: Int editor: User @relation(name: "edits") }',
  'one side only, some with @primary':
    'type User { name: String } type Book { author: User @primary abc: Int aaa: User @relation(name: "edits") }',
  'a relation to itself': 'type Page { next: Page @primary previous: Page title: String }',
  'a circle':
    'type A { b: B @primary @relation(name: "ab") x: Int } type B { a: A @relation(name: "ab") c: C @primary @relation(name: "bc") } type C { b: B @relation(name: "bc") a: A }',
  'a circle that somebody leads into': 'type Z { a: A } type A { b: B @relation(name: "x") } type B { a: A @relation(name: "y") }',
  'a written ID': 'type User { name: String } type Book { author: User author_id: ID author1: String }',
  'a written ID on the other side': 'type User { address: Address @primary } type Address { user: User user_id: ID }',
  'parts of documents': 'interface Part { size: Int } type Whole { part: Part name: String }',
}

describe('the SDL of collections makes the same collections', () => {
  test.each(Object.entries(SCHEMAS))('with %s', (_, sdl) => {
    const collections = parseSdl(sdl, [])
    expect(ids(again(collections))).toEqual(ids(collections))
    expect(shapes(again(collections))).toEqual(shapes(collections))
  })

  test('whose vectors are made elsewhere', () => {
    const sdl = `type Text { body: String v: [Float32!] @embedding(fields: ["body"], provider: "ollama", model: "m", url: "http://elsewhere") }`
    const collections = parseSdl(sdl, [])
    expect(ids(again(collections))).toEqual(ids(collections))
    expect(again(collections)[0]?.fields.some(({ embedding }) => embedding !== undefined)).toBe(false)
  })

  test('in the dialect that has a word for the time of creation', () => {
    const collections = parseSdl('type Note { at: DateTime @default(value: UTC_NOW) n: Int @default(value: 3) }', [], { dialect: '1.0' })
    expect([isSpelledIn('0.19', collections), isSpelledIn('1.0', collections)]).toEqual([false, true])
    expect(shapes(again(collections, '1.0'))).toEqual(shapes(collections))
    expect(ids(again(collections))).toEqual(ids(collections))
  })

  test('as they were before patches', () => {
    const first = parseSdl('type Note { title: String }', [])
    const patched = patchSchema(first, [{ op: 'add', path: '/Note/Fields/-', value: { Name: 'done', Kind: 'Boolean' } }], {
      setActive: true,
    })
    const versions = [...new Map([...first, ...patched].map((version) => [version.versionId, version])).values()]
    expect(versions).toHaveLength(2)
    expect(ids(again(versions))).toEqual(ids(first))
  })
})

test('what relations connect comes along, in either direction, and nothing else', () => {
  const collections = parseSdl(
    'type User { name: String } type Book { author: User } type Shelf { book: Book } type Note { text: String }',
    [],
  )
  expect(connectedCollections(collections, ['User']).map(({ name }) => name)).toEqual(['Book', 'Shelf', 'User'])
  expect(connectedCollections(collections, ['Note']).map(({ name }) => name)).toEqual(['Note'])
})

import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { parseSdl } from '../schema/sdl.ts'
import { parseDocument, withDefaults } from './document-input.ts'

const SDL = `
  type Book { title: String pages: Int score: Float32 tags: [String!] size: [Int] @constraints(size: 2) read: Int @default(int: 3) author: Author }
  type Author { name: String books: [Book] bio: Bio }
  type Bio { text: String author: Author @primary }
  interface Note { text: String }
`
const collections = parseSdl(SDL, [])
const named = (name: string): CollectionVersion => {
  const collection = collections.find((candidate) => candidate.name === name)
  if (collection === undefined) throw new Error(name)
  return collection
}
const parse = (input: unknown, collection = 'Book', purpose: 'create' | 'update' = 'create'): object =>
  Object.fromEntries(parseDocument(named(collection), input, purpose))
const failureOf = (input: unknown, collection = 'Book'): { readonly message: string; readonly details: unknown } => {
  try {
    parse(input, collection)
  } catch (error) {
    if (isFailure(error, 'INVALID_DOCUMENT')) return { message: error.message, details: error.details }
    throw error
  }
  throw new Error('the document was accepted')
}

const AUTHOR = 'bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3'

describe('parseDocument', () => {
  it('reads values by the kind of their field', () => {
    expect(parse({ title: 'T', pages: 9007199254740993n, score: 0.1, tags: ['a'], size: [1, null] })).toEqual({
      title: 'T',
      pages: 9007199254740993n,
      score: Math.fround(0.1),
      tags: ['a'],
      size: [1, null],
    })
  })

  it('keeps explicit nulls and passes over what is undefined', () => {
    expect(parse({ title: null, pages: undefined })).toEqual({ title: null })
  })

  it('stores a relation under its ID field, by either name', () => {
    expect(parse({ author: AUTHOR })).toEqual({ author_id: AUTHOR })
    expect(parse({ author_id: AUTHOR })).toEqual({ author_id: AUTHOR })
    expect(parse({ author: null })).toEqual({ author_id: null })
  })

  it('refuses a relation that is given twice', () => {
    expect(failureOf({ author: AUTHOR, author_id: AUTHOR }).message).toMatch(
      '"author_id" is given twice, also as its relation; give one of them',
    )
  })

  it('refuses what is no document ID where one belongs', () => {
    expect(failureOf({ author: 'bae-1' })).toMatchObject({
      message: expect.stringContaining('"author" takes the ID of a document'),
      details: { collection: 'Book', field: 'author', value: 'bae-1' },
    })
    expect(failureOf({ author: 'bae-1' }).message).toMatch('; uuid: incorrect UUID length 1 in string "1"')
    expect(failureOf({ author: 'nonsense' }).message).not.toMatch('uuid')
  })

  it('refuses the side of a relation that does not store it', () => {
    expect(failureOf({ books: [AUTHOR] }, 'Author').message).toMatch(
      'cannot set relation from secondary side. Field: books; set it on the Book document, which stores the ID of the Author',
    )
    expect(failureOf({ bio_id: AUTHOR }, 'Author').message).toMatch(
      'cannot set relation from secondary side. Field: bio_id; set it on the Bio',
    )
  })

  it('refuses unknown fields with the nearest known one', () => {
    expect(failureOf({ titel: 'T' })).toMatchObject({
      message: 'the given field does not exist. Name: titel, Collection: Book (did you mean "title"?)',
      details: { collection: 'Book', field: 'titel', value: 'T' },
    })
    expect(failureOf(JSON.parse('{"__proto__": 1}')).message).toMatch('the given field does not exist. Name: __proto__')
  })

  it('refuses a document ID: it follows from the content', () => {
    expect(failureOf({ _docID: AUTHOR }).message).toMatch('"_docID" cannot be set')
  })

  it('refuses lists of another size than the constraint, but not null', () => {
    expect(failureOf({ size: [1, 2, 3] }).message).toMatch('array size mismatch. Field: size, Expected: 2, Actual: 3')
    expect(parse({ size: null })).toEqual({ size: null })
  })

  it('refuses what is no object, and documents of embedded types', () => {
    for (const input of [null, 'text', 3, [], undefined]) {
      expect(failureOf(input).message).toMatch('a document of "Book" is an object of values by field name, not')
    }
    expect(failureOf({ text: 'x' }, 'Note').message).toMatch('"Note" only stands inside other documents')
  })
})

describe('withDefaults', () => {
  it('adds the defaults of what was not given', () => {
    expect(withDefaults(named('Book'), new Map([['title', 'T']]))).toEqual(
      new Map<string, unknown>([
        ['title', 'T'],
        ['read', 3],
      ]),
    )
  })

  it('leaves what was given, null as well', () => {
    expect(withDefaults(named('Book'), new Map([['read', null]])).get('read')).toBeNull()
    expect(withDefaults(named('Book'), new Map([['read', 0]])).get('read')).toBe(0)
  })

  it('reads a default like any other value', () => {
    const [collection] = parseSdl(
      'type A { at: DateTime @default(dateTime: "2026-01-02T03:04:05.100Z") f: Float32 @default(float: 0.1) }',
      [],
    )
    const values = withDefaults(collection ?? named('Book'), new Map())
    expect(values.get('at')).toBe('2026-01-02T03:04:05.1Z')
    expect(values.get('f')).toBe(Math.fround(0.1))
  })
})

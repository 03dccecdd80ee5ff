import { describe, expect, it } from 'vitest'

import { parseSdl } from './sdl.ts'

describe('a schema text of dialect 1.0', () => {
  it.each([
    ['Int!', 'Int'],
    ['[Int]!', '[Int]'],
    ['[String!]!', '[String!]'],
  ])('cannot have %s, which the stored format has no kind for', (written, nullable) => {
    expect(() => parseSdl(`type A { x: ${written} }`, [], { dialect: '1.0' })).toThrow(
      `"${written}" is not supported: documents are stored in the format of DefraDB 0.19, where every field can be null (elements of a list need not); write "${nullable}"`,
    )
  })

  it('names the ID of a relation in an index as its requests do', () => {
    const text = (field: string): string =>
      `type Book @index(includes: [{field: "${field}", direction: DESC}, {field: "title"}]) { title: String author: Author } type Author { books: [Book] }`
    expect(parseSdl(text('_authorID'), [], { dialect: '1.0' })).toEqual(parseSdl(text('author_id'), []))
    expect(() => parseSdl(text('author_id'), [], { dialect: '1.0' })).toThrow(
      'no field "author_id" to index; in this dialect it is "_authorID"',
    )
    expect(() => parseSdl(text('_authorID'), [])).toThrow('Property: _authorID (did you mean "author_id"')
  })

  it('has lists of elements that are not null', () => {
    const text = 'type A { x: [Int!] }'
    expect(parseSdl(text, [], { dialect: '1.0' })).toEqual(parseSdl(text, []))
  })

  it.each(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'GROUP'])('keeps the name %s for itself, which 0.19 does not', (name) => {
    expect(() => parseSdl(`type A { ${name}: Int }`, [], { dialect: '1.0' })).toThrow(`"${name}" is a reserved name`)
    expect(parseSdl(`type A { ${name}: Int }`, [])).toHaveLength(1)
  })

  it('keeps the names of 0.19 as well, in which the same collection can be asked', () => {
    expect(() => parseSdl('type A { _count: Int }', [], { dialect: '1.0' })).toThrow('"_count" is a reserved name')
  })
})

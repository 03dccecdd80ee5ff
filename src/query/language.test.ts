import { describe, expect, it } from 'vitest'

import type { RequestError } from './result.ts'
import { queryTest, type QueryTest } from './source.testkit.ts'

const SCHEMA = `
  type Author {
    name: String  age: Int  born: DateTime  photo: Blob  meta: JSON  height: Float32
    tags: [String!]  vector: [Float64!]  books: [Book]  address: Address
  }
  type Address { street: String  author: Author @primary }
  type Book { title: String  pages: Int  author: Author  publisher: Publisher  chapters: [Chapter] }
  type Publisher { name: String  books: [Book] }
  type Chapter { title: String  words: Int  book: Book }`

/** Ann with two books, Bob with one and little else. */
async function library(): Promise<QueryTest & { readonly ids: Readonly<Record<'ann' | 'bob', string>> }> {
  const test = queryTest(SCHEMA)
  const [ann = '', bob = ''] = await test.create(
    'Author',
    {
      name: 'Ann',
      age: 30,
      born: '2000-01-01T00:00:00.000000001Z',
      photo: 'ff00',
      meta: { a: 'Hello' },
      height: 1.1,
      tags: ['x', 'y'],
      vector: [1, 2],
    },
    { name: 'Bob', born: '2000-01-01T02:00:00+02:00', photo: '00ff', meta: 'Hello', height: 2.5, tags: [], vector: [1] },
  )
  const [publisher] = await test.create('Publisher', { name: 'P' })
  const [first, , third] = await test.create(
    'Book',
    { title: 'A', pages: 10, author: ann, publisher },
    { title: 'B', pages: 20, author: ann },
    { title: 'C', pages: 30, author: bob, publisher },
  )
  await test.create(
    'Chapter',
    { title: '1', words: 5, book: first },
    { title: '2', words: 6, book: first },
    { title: '3', words: 7, book: third },
  )
  await test.create('Address', { street: 'S', author: ann })
  return { ...test, ids: { ann, bob } }
}

const titlesOf = (rows: unknown): readonly unknown[] =>
  (rows as readonly Readonly<Record<string, unknown>>[]).map(({ name, title }) => name ?? title)

describe('variables', () => {
  it.each<readonly [string, string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['a whole filter by default', 'query ($v: AuthorFilterArg = {name: {_eq: "Ann"}}) { Author(filter: $v) { name } }', {}, ['Ann']],
    ['a direction', 'query ($v: Ordering = DESC) { Author(order: {name: $v}) { name } }', {}, ['Bob', 'Ann']],
    ['an order without its list', 'query ($v: [AuthorOrderArg]) { Author(order: $v) { name } }', { v: { name: 'DESC' } }, ['Bob', 'Ann']],
    ['an order by an alias', 'query ($v: JSON) { Author(order: {_alias: $v}) { name n: name } }', { v: { n: 'ASC' } }, ['Ann', 'Bob']],
    ['a limit by default', 'query ($v: Int = 1) { Author(order: {name: ASC}, limit: $v) { name } }', {}, ['Ann']],
    ['null in place of a default', 'query ($v: Int = 1) { Author(order: {name: ASC}, limit: $v) { name } }', { v: null }, ['Ann', 'Bob']],
    [
      'nothing, which is no condition',
      'query ($v: Int) { Author(order: {name: ASC}, filter: {age: {_eq: $v}}) { name } }',
      {},
      ['Ann', 'Bob'],
    ],
    ['null, which is one', 'query ($v: Int) { Author(filter: {age: {_eq: $v}}) { name } }', { v: null }, ['Bob']],
    [
      'a list with null',
      'query ($v: [Int]) { Author(order: {name: ASC}, filter: {age: {_in: $v}}) { name } }',
      { v: [null, 30] },
      ['Ann', 'Bob'],
    ],
    ['one element without its list', 'query ($v: [String]) { Author(filter: {name: {_in: $v}}) { name } }', { v: 'Ann' }, ['Ann']],
    ['a part of a JSON filter', 'query ($v: JSON) { Author(filter: {meta: {a: {_eq: $v}}}) { name } }', { v: 'Hello' }, ['Ann']],
    ['a whole JSON filter', 'query ($v: JSON) { Author(filter: {meta: $v}) { name } }', { v: { _eq: 'Hello' } }, ['Bob']],
    [
      'a field to group by',
      'query ($v: [AuthorField!]) { Author(groupBy: $v, order: {name: ASC}) { name } }',
      { v: 'name' },
      ['Ann', 'Bob'],
    ],
  ])('stand for %s', async (_, request, variables, names) => {
    const test = await library()
    expect(titlesOf((await test.data(request, { variables }))['Author'])).toEqual(names)
  })

  it('stand inside inputs, with defaults, and are left out when not given', async () => {
    const test = await library()
    const request =
      'mutation ($t: String!, $p: Int = 4, $a: ID) { create_Book(input: {title: $t, pages: $p, author: $a}) { title pages author_id } }'
    expect(await test.data(request, { variables: { t: 'X' } })).toEqual({ create_Book: [{ title: 'X', pages: 4, author_id: null }] })
    const many = 'mutation ($i: [BookMutationInputArg!]) { create_Book(input: $i) { title } }'
    expect(await test.data(many, { variables: { i: { title: 'Y' } } })).toEqual({ create_Book: [{ title: 'Y' }] })
  })
})

describe('fragments, directives and type names', () => {
  it('stand on every level, also on commits', async () => {
    const test = await library()
    const request = `query ($no: Boolean = false) { commits(docID: "${test.ids.bob}", fieldName: "name") { ...C ... on Commit { height } ... @include(if: $no) { cid } } }
      fragment C on Commit { fieldName links { ...L } signature @skip(if: $no) { ...S } __typename }
      fragment L on CommitLink { name } fragment S on CommitSignature { type }`
    expect(await test.data(request)).toEqual({
      commits: [{ fieldName: 'name', links: [], signature: null, __typename: 'Commit', height: 1 }],
    })
  })

  it('say what type everything has', async () => {
    const test = await library()
    const request = `{ t: __typename Author(filter: {name: {_eq: "Ann"}}, groupBy: [name]) {
      __typename _group { __typename address { __typename } books(limit: 1) { __typename _version { __typename links { __typename } } } } } }`
    expect(await test.data(request)).toMatchObject({
      t: 'Query',
      Author: [
        {
          __typename: 'Author',
          _group: [
            {
              __typename: 'Author',
              address: { __typename: 'Address' },
              books: [{ __typename: 'Book', _version: [{ __typename: 'Commit' }] }],
            },
          ],
        },
      ],
    })
    expect(await test.data('mutation { __typename update_Author(docID: [], input: {}) { __typename } }')).toEqual({
      __typename: 'Mutation',
      update_Author: [],
    })
  })
})

describe('errors', () => {
  const errorsOf = async (test: QueryTest, request: string): Promise<readonly RequestError[]> => (await test.run(request)).errors ?? []

  it.each([
    ['{ Author { nme } }', 12, /Cannot query field "nme" on type "Author"/],
    ['{ Author(limit: $x) { name } }', 17, /Variable "\$x" is not defined/],
    ['{ Author { ...F } } fragment F on Book { title }', 12, /can never be of type "Book"/],
    [
      '{ Author(filter: {born: {_gt: "soon"}}) { name } }',
      31,
      /^Argument "filter" has invalid value \{born: \{_gt: "soon"\}\}\.\nDateTime takes/,
    ],
    ['{ Author(limit: 99999999999999999999) { name } }', 17, /^Argument "limit" has invalid value/],
    ['{ Author { name ', 17, /Syntax Error/],
  ])('of a request say where: %s', async (request, column, message) => {
    const [error, ...others] = await errorsOf(await library(), request)
    expect(error).toMatchObject({ message: expect.stringMatching(message) })
    expect(error?.locations?.[0]).toEqual({ line: 1, column })
    expect(others).toEqual([])
  })

  it('of single values leave the others, with the path and the place of each', async () => {
    const test = await library()
    const request = `{ Author(order: {name: ASC}) { name books(order: {title: ASC}) {
      title author { near: _similarity(vector: {vector: [1, 1]}) } } } _count(Author: {}) }`
    const bad = { message: 'source and vector must be of the same length. Source: 1, Vector: 2', extensions: { code: 'INVALID_REQUEST' } }
    expect(await test.run(request)).toEqual({
      data: {
        Author: [
          {
            name: 'Ann',
            books: [
              { title: 'A', author: { near: 3 } },
              { title: 'B', author: { near: 3 } },
            ],
          },
          { name: 'Bob', books: [{ title: 'C', author: { near: null } }] },
        ],
        _count: 2,
      },
      errors: [{ ...bad, path: ['Author', 1, 'books', 0, 'author', 'near'], locations: [{ line: 2, column: 22 }] }],
    })
  })

  it('of values that a filter needs fail the filter', async () => {
    const request =
      '{ Author(filter: {_alias: {near: {_gt: 1}}}) { near: _similarity(vector: {vector: [1, 1]}) } ok: Author(limit: 0) { name } }'
    expect(await (await library()).run(request)).toMatchObject({
      data: { Author: null, ok: [] },
      errors: [{ message: expect.stringContaining('must be of the same length'), path: ['Author'] }],
    })
  })

  it.each([
    '{ Author(#) { name } }',
    '{ Author { books(#) { title } } }',
    '{ Author { _count(books: {#}) } }',
    '{ Author { _count(tags: {#}) } }',
    '{ Author { _count(_version: {#}) } }',
    '{ _count(Author: {#}) }',
    '{ commits(#) { cid } }',
  ])('refuse to count less than none: %s', async (request) => {
    const test = await library()
    for (const name of ['limit', 'offset']) {
      const [error] = await errorsOf(test, request.replace('#', `${name}: -1`))
      expect(error?.message).toBe(`"${name}" counts from 0 and cannot be -1`)
      expect(await errorsOf(test, request.replace('#', `${name}: 0`))).toEqual([])
      expect(await errorsOf(test, request.replace('#', `${name}: 9223372036854775807`))).toEqual([])
    }
  })
})

describe('filters, orders and groups', () => {
  it.each<readonly [string, readonly string[]]>([
    ['{photo: {_like: "ff%"}}', ['Ann']],
    ['{photo: {_ilike: "FF%"}}', ['Ann']],
    ['{photo: {_nlike: "ff%"}}', ['Bob']],
    ['{photo: {_nilike: "FF%"}}', ['Bob']],
    ['{meta: {a: {_like: "Hel%"}}}', ['Ann']],
    ['{meta: {_like: "Hel%"}}', ['Bob']],
    ['{meta: {_nlike: "Hel%"}}', ['Ann']],
    ['{meta: {_ilike: "hel%"}}', ['Bob']],
    ['{age: {_in: [null]}}', ['Bob']],
    ['{age: {_nin: [null]}}', ['Ann']],
    ['{age: {_in: []}}', []],
    ['{age: null}', ['Bob']],
    ['{born: {_gt: "2000-01-01T00:00:00Z"}}', ['Ann']],
    ['{born: {_eq: "1999-12-31T23:00:00-01:00"}}', ['Bob']],
    ['{born: {_in: ["2000-01-01T01:00:00.000000001+01:00"]}}', ['Ann']],
    ['{born: {_le: "2000-01-01T00:00:00.000000000Z"}}', ['Bob']],
    ['{height: {_eq: 1.1}}', ['Ann']],
    ['{height: {_gt: 1.1}}', ['Bob']],
    ['{height: {_in: [1.1, 2.5]}}', ['Ann', 'Bob']],
    ['{address: null}', ['Bob']],
    ['{address_id: {_ne: null}}', ['Ann']],
    ['{books: {chapters: {words: {_gt: 6}}}}', ['Bob']],
    ['{_not: {books: {publisher: {name: {_eq: "P"}}, title: {_eq: "A"}}}}', ['Bob']],
    ['{}', ['Ann', 'Bob']],
  ])('the filter %s', async (filter, names) => {
    const test = await library()
    expect(titlesOf((await test.data(`{ Author(filter: ${filter}, order: {name: ASC}) { name } }`))['Author'])).toEqual(names)
  })

  it('order by IDs, own and of relations on either side', async () => {
    const test = await library()
    const ids = Object.values(test.ids).toSorted()
    const shown = async (request: string, key: string): Promise<readonly unknown[]> => {
      const [rows] = Object.values(await test.data(request))
      return (rows as readonly Readonly<Record<string, unknown>>[]).map((row) => row[key])
    }
    expect(await shown('{ Author(order: {_docID: DESC}) { _docID } }', '_docID')).toEqual(ids.toReversed())
    expect(new Set(await shown('{ Book(order: {author_id: ASC}) { author_id } }', 'author_id'))).toEqual(new Set(ids))
    expect(await shown('{ Author(order: {address_id: DESC}) { name } }', 'name')).toEqual(['Ann', 'Bob'])
    expect(await shown('{ Book(order: [{author: {address: {street: DESC}}}, {pages: DESC}]) { title } }', 'title')).toEqual(['B', 'A', 'C'])
  })

  it('group by a related ID, and the groups of relations again', async () => {
    const test = await library()
    const groups = await test.data(`{ Author(order: {name: ASC}) { name books(groupBy: [publisher_id], order: {publisher_id: DESC}) {
      publisher { name } _sum(_group: {field: pages}) _group { title chapters(order: {title: ASC}) { title } _version { height } _count(_version: {}) } } } }`)
    const version = { _version: [{ height: 1 }], _count: 1 }
    expect(groups).toEqual({
      Author: [
        {
          name: 'Ann',
          books: [
            { publisher: { name: 'P' }, _sum: 10, _group: [{ title: 'A', chapters: [{ title: '1' }, { title: '2' }], ...version }] },
            { publisher: null, _sum: 20, _group: [{ title: 'B', chapters: [], ...version }] },
          ],
        },
        { name: 'Bob', books: [{ publisher: { name: 'P' }, _sum: 30, _group: [{ title: 'C', chapters: [{ title: '3' }], ...version }] }] },
      ],
    })
  })

  it('aggregate what relations of relations have, filtered by others', async () => {
    const test = await library()
    const request = `{ Author(order: {name: ASC}) {
      books(order: {title: ASC}) { words: _sum(chapters: {field: words}) }
      all: _sum(books: {field: _sum})
      printed: _count(books: {filter: {publisher: {name: {_eq: "P"}}}})
    } _sum(Book: {field: pages, filter: {author: {name: {_eq: "Ann"}}}, order: {pages: DESC}, offset: 1}) }`
    expect(await test.data(request)).toEqual({
      Author: [
        { books: [{ words: 11 }, { words: 0 }], all: 11, printed: 1 },
        { books: [{ words: 7 }], all: 7, printed: 1 },
      ],
      _sum: 10,
    })
  })
})

describe('mutations', () => {
  it('write to what both the IDs and the filter name', async () => {
    const test = await library()
    const { ann, bob } = test.ids
    const update = (where: string): Promise<unknown> => test.data(`mutation { update_Author(${where}, input: {age: 1}) { name } }`)
    expect(await update(`docID: ["${ann}", "${bob}"], filter: {name: {_eq: "Bob"}}`)).toEqual({ update_Author: [{ name: 'Bob' }] })
    expect(await update(`docID: "${ann}", filter: {name: {_eq: "Bob"}}`)).toEqual({ update_Author: [] })
    expect(await update('docID: []')).toEqual({ update_Author: [] })
    expect(await update('docID: "nonsense"')).toEqual({ update_Author: [] })
    expect(await test.data(`mutation { delete_Author(docID: ["${ann}"], filter: {name: {_eq: "Bob"}}) { name } }`)).toEqual({
      delete_Author: [],
    })
    expect(await test.data('mutation { delete_Book(filter: {chapters: {words: {_gt: 6}}}) { title author { name } } }')).toEqual({
      delete_Book: [{ title: 'C', author: { name: 'Bob' } }],
    })
  })

  it('create nothing from nothing, and refuse to encrypt', async () => {
    const test = await library()
    for (const given of ['(input: [])', '(input: null)', ''])
      expect(await test.data(`mutation { create_Book${given} { title } }`)).toEqual({ create_Book: [] })
    for (const given of ['encrypt: true', 'encryptFields: [title]']) {
      const { errors } = await test.run(`mutation { create_Book(input: {title: "e"}, ${given}) { title } }`)
      expect(errors).toMatchObject([{ path: ['create_Book'], extensions: { code: 'UNSUPPORTED' } }])
    }
    expect(await test.data('mutation { create_Book(input: {title: "f"}, encrypt: false, encryptFields: []) { title } }')).toEqual({
      create_Book: [{ title: 'f' }],
    })
  })
})

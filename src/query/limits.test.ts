import { describe, expect, it } from 'vitest'

import { completeLimits, QUERY_LIMITS, type QueryLimits } from './limits.ts'
import { queryTest, type QueryTest } from './source.testkit.ts'

const SDL = `
  type Author { name: String age: Int tree: JSON scores: [Int] books: [Book] }
  type Book { title: String author: Author }`

/** An engine with the defaults but for these. */
const limited = (limits: Partial<QueryLimits>): QueryTest => queryTest(SDL, { limits: completeLimits(limits) })

/** What a request is refused with. */
async function refusal(test: QueryTest, request: string, variables?: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { data, errors = [] } = await test.run(request, variables === undefined ? {} : { variables })
  expect(errors).toHaveLength(1)
  expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([])
  return errors[0]
}

const exceeds = (limit: keyof QueryLimits, allowed: number, found?: number): unknown =>
  expect.objectContaining({
    message: expect.stringMatching(new RegExp(`queryLimits: \\{ ${limit}: … \\}$`)),
    extensions: { code: 'LIMIT_EXCEEDED', limit, allowed, found: found ?? allowed + 1 },
  })

const nested = (levels: number, around: (inner: string) => string, core: string): string =>
  Array.from({ length: levels }).reduce<string>(around, core)

describe('the limits of a request', () => {
  it.each<readonly [string, Partial<QueryLimits>, string, string]>([
    ['tokens', { textTokens: 6 }, '{ Author { name age } }', '{ Author { name } }'],
    ['nesting', { selectionDepth: 3 }, '{ Author { books { author { name } } } }', '{ Author { books { title } } }'],
    [
      'nesting in fragments',
      { selectionDepth: 2 },
      '{ ...A } fragment A on Query { Author { ... { books { title } } } }',
      '{ Author { name } }',
    ],
    ['fields', { selections: 3 }, '{ Author { name age books { title } } }', '{ Author { name age } }'],
    ['aliases', { aliases: 1 }, '{ a: Author { n: name } }', '{ a: Author { name } }'],
    ['root fields', { rootFields: 1 }, '{ Author { name } Book { title } }', '{ Author { name } }'],
    [
      'introspection',
      { introspectionDepth: 1 },
      '{ __type(name: "Author") { fields { args { name } } } }',
      '{ __type(name: "Author") { fields { name } } }',
    ],
    [
      'filter depth',
      { filterDepth: 2 },
      '{ Author(filter: {_not: {age: {_eq: 1}}}) { name } }',
      '{ Author(filter: {age: {_eq: 1}}) { name } }',
    ],
    [
      'conditions',
      { filterConditions: 1 },
      '{ Author(filter: {age: {_gt: 1, _lt: 3}}) { name } }',
      '{ Author(filter: {age: {_gt: 1}}) { name } }',
    ],
    [
      'conditions in a list',
      { filterConditions: 1 },
      '{ Author(filter: {_or: [{}, {}]}) { name } }',
      '{ Author(filter: {_or: [{}]}) { name } }',
    ],
    [
      'conditions on related documents',
      { filterConditions: 1 },
      '{ Author(filter: {books: {title: {_eq: "a", _ne: "b"}}}) { name } }',
      '{ Author(filter: {books: {title: {_eq: "a"}}}) { name } }',
    ],
    [
      'conditions of an aggregate',
      { filterConditions: 1 },
      '{ Author { _count(books: {filter: {title: {_eq: "a", _ne: "b"}}}) } }',
      '{ Author { _count(books: {filter: {title: {_eq: "a"}}}) } }',
    ],
    [
      'conditions on a list',
      { filterConditions: 1 },
      '{ Author { _count(scores: {filter: {_gt: 1, _lt: 3}}) } }',
      '{ Author { _count(scores: {filter: {_gt: 1}}) } }',
    ],
    [
      'values to look in',
      { listElements: 2 },
      '{ Author(filter: {age: {_in: [1, 2, 3]}}) { name } }',
      '{ Author(filter: {age: {_in: [1, 2]}}) { name } }',
    ],
    ['document IDs', { listElements: 2 }, '{ Author(docID: ["a", "b", "c"]) { name } }', '{ Author(docID: ["a", "b"]) { name } }'],
    ['order keys', { orderKeys: 1 }, '{ Author(order: [{age: ASC}, {name: ASC}]) { name } }', '{ Author(order: [{age: ASC}]) { name } }'],
    [
      'order keys of commits',
      { orderKeys: 1 },
      '{ commits(order: [{cid: ASC}, {height: ASC}]) { cid } }',
      '{ commits(order: [{cid: ASC}]) { cid } }',
    ],
    [
      'nesting of literals',
      { inputDepth: 3 },
      '{ Author(filter: {_and: [{age: {_eq: 1}}]}) { name } }',
      '{ Author(filter: {_not: {age: {_eq: 1}}}) { name } }',
    ],
  ])('hold for %s', async (_case, limits, tooMuch, enough) => {
    const [limit, allowed] = Object.entries(limits)[0] as [keyof QueryLimits, number]
    const test = limited(limits)
    expect(await test.run(enough)).not.toHaveProperty('errors')
    expect(await refusal(test, tooMuch)).toEqual(exceeds(limit, allowed))
  })

  it('hold for filters and values in variables', async () => {
    const filter = 'query ($f: AuthorFilterArg) { Author(filter: $f) { name } }'
    expect(await refusal(limited({ filterConditions: 1 }), filter, { f: { age: { _gt: 1, _lt: 3 } } })).toEqual(
      exceeds('filterConditions', 1),
    )
    expect(await refusal(limited({ inputDepth: 2 }), filter, { f: { _not: { age: { _eq: 1 } } } })).toEqual(exceeds('inputDepth', 2))
  })

  it('hold for documents that are shown, related ones counted wherever they stand', async () => {
    const test = limited({ resultDocuments: 7 })
    const [author] = await test.create('Author', { name: 'A' })
    await test.create('Book', { title: 'x', author }, { title: 'y', author })
    // One author, two books, and for each the author and two books again.
    const cartesian = '{ Author { books { author { books { title } } } } }'
    expect(await refusal(test, cartesian)).toEqual(
      expect.objectContaining({ path: ['Author'], extensions: expect.objectContaining({ limit: 'resultDocuments', allowed: 7 }) }),
    )
    expect(await test.run('{ Author { books { author { name } } } }')).not.toHaveProperty('errors')
    expect(
      await refusal(limited({ resultDocuments: 1 }), 'mutation { create_Author(input: [{name: "a"}, {name: "b"}]) { name } }'),
    ).toEqual(expect.objectContaining({ extensions: { code: 'LIMIT_EXCEEDED', limit: 'resultDocuments', allowed: 1, found: 2 } }))
  })

  it('hold for related documents that are only counted', async () => {
    const test = limited({ rows: 3 })
    const [author] = await test.create('Author', { name: 'A' })
    await test.create('Book', { title: 'x', author }, { title: 'y', author })
    expect(await test.data('{ Author { _count(books: {}) } }')).toEqual({ Author: [{ _count: 2 }] })
    expect(await refusal(test, '{ Author { books { author { _count(books: {}) } } } }')).toMatchObject({
      extensions: { limit: 'rows', allowed: 3 },
    })
  })

  it('hold for commits that are shown', async () => {
    const test = limited({ resultDocuments: 2 })
    await test.create('Author', { name: 'A', age: 3 })
    expect(await refusal(test, '{ commits { cid } }')).toEqual(
      expect.objectContaining({ extensions: { code: 'LIMIT_EXCEEDED', limit: 'resultDocuments', allowed: 2, found: 3 } }),
    )
    expect(await test.run('{ commits(limit: 2) { cid } }')).not.toHaveProperty('errors')
  })

  it('hold for filters of the document API', async () => {
    const test = limited({ filterConditions: 1 })
    const filter = { age: { _gt: 1, _lt: 3 } }
    await expect(test.engine.find(test.collection('Author'), filter, test.source)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    expect(() => test.engine.compileFilter(test.collection('Author'), filter)).toThrow('too many conditions: found 2, allowed 1')
  })

  it('leave introspection as deep as tools nest it', async () => {
    const type = nested(25, (inner) => `ofType { kind ${inner} }`, 'ofType { kind }')
    expect(await queryTest(SDL).run(`{ __schema { types { fields { args { type { ${type} } } } } } }`)).not.toHaveProperty('errors')
  })
})

describe('what would take forever is refused before it begins', () => {
  it('fragments that double with each line', async () => {
    const test = queryTest(SDL)
    const lines = Array.from(
      { length: 30 },
      (_, line) =>
        `fragment F${line} on Author { name ...G${line} } fragment G${line} on Author { ...F${line + 1} ... { ...F${line + 1} } }`,
    )
    const request = `{ Author { ...F0 } } ${lines.join(' ')} fragment F30 on Author { name }`
    expect(request.length).toBeLessThan(4_000)
    expect(await refusal(test, request)).toMatchObject({ extensions: { limit: 'selections' } })
  })

  it('fragments that contain one another', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `F${index}`)
    const request = `{ Author { ...F0 } } ${names.map((name) => `fragment ${name} on Author { ${names.map((other) => `...${other}`).join(' ')} }`).join(' ')}`
    expect(await refusal(queryTest(SDL), request)).toMatchObject({ extensions: { limit: 'selections' } })
  })

  it('a fragment that contains itself, with what validation says', async () => {
    const { errors } = await queryTest(SDL).run('{ Author { ...F } } fragment F on Author { name ...F }')
    expect(errors?.[0]?.message).toBe('Cannot spread fragment "F" within itself.')
  })
})

describe('nesting without end never ends the call stack', () => {
  const DEEP = 100_000
  const deepObject = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => ({ _not: inner }), {})
  const code = async (request: string, variables?: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const { data, errors } = await queryTest(SDL).run(request, variables === undefined ? {} : { variables })
    expect(Object.values(data ?? {})).toEqual(data === null ? [] : [null])
    return errors?.[0]?.extensions?.code
  }

  it.each([DEEP, 2_000])('of selections, inline fragments, literals and lists: %i levels', async (levels) => {
    for (const request of [
      nested(levels, (inner) => `{ Author ${inner}`, ''),
      `{ Author ${nested(levels, (inner) => `{ books { author ${inner} } }`, '{ name }')} }`,
      `{ Author { ${nested(levels, (inner) => `... { ${inner} }`, 'name')} } }`,
      `{ Author(filter: ${nested(levels, (inner) => `{_not: ${inner}}`, '{}')}) { name } }`,
      `{ Author(filter: {tree: {_eq: ${nested(levels, (inner) => `[${inner}]`, '1')}}}) { name } }`,
      `mutation { create_Author(input: {tree: ${nested(levels, (inner) => `{a: ${inner}}`, '1')}}) { name } }`,
      `query ($f: ${nested(levels, (inner) => `[${inner}]`, 'Int')}) { Author { name } }`,
    ]) {
      expect(['LIMIT_EXCEEDED', 'INVALID_REQUEST', undefined]).toContain(await code(request))
    }
  })

  it('of variables, also of one that contains itself', async () => {
    const request = 'query ($f: AuthorFilterArg) { Author(filter: $f) { name } }'
    expect(await code(request, { f: deepObject(DEEP) })).toBe('LIMIT_EXCEEDED')
    const endless: Record<string, unknown> = {}
    endless['_not'] = endless
    endless['_and'] = [endless, endless]
    expect(await code(request, { f: endless })).toBe('LIMIT_EXCEEDED')
    expect(await code('mutation ($t: JSON) { create_Author(input: {tree: $t}) { name } }', { t: deepObject(DEEP) })).toBe('LIMIT_EXCEEDED')
  })

  it('of filters of the document API, as objects and as text', async () => {
    const test = queryTest(SDL)
    const find = (filter: unknown): Promise<unknown> => test.engine.find(test.collection('Author'), filter, test.source)
    await expect(find(deepObject(DEEP))).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    await expect(find({ tree: deepObject(DEEP) })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    await expect(find(nested(DEEP, (inner) => `{_not: ${inner}}`, '{}'))).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })

  it('even where somebody lifted the limits', async () => {
    const test = limited({ inputDepth: Infinity, filterDepth: Infinity })
    const { errors } = await test.run('query ($f: AuthorFilterArg) { Author(filter: $f) { name } }', { variables: { f: deepObject(DEEP) } })
    expect(errors).toEqual([{ message: 'the request is nested too deeply', extensions: { code: 'INVALID_REQUEST' } }])
  })

  it('and many values are no depth', async () => {
    const test = queryTest(SDL)
    await test.create('Author', { name: 'A', scores: Array.from({ length: 200_000 }, () => 1) })
    expect(await test.data('{ _count(Author: {}) Author { _sum(scores: {}) } }')).toEqual({ _count: 1, Author: [{ _sum: 200_000 }] })
  })
})

describe('completeLimits', () => {
  it('keeps the defaults of what is not given', () => {
    expect(completeLimits({ selections: 5, aliases: undefined })).toEqual({ ...QUERY_LIMITS, selections: 5 })
  })

  it.each([
    [{ selection: 5 }, 'there is no limit "selection" (did you mean "selections"?)'],
    [{ zzz: 5 }, 'there is no limit "zzz"; there are textTokens, '],
    [{ rows: 0 }, 'queryLimits.rows is 0; it can be a whole number from 1, or Infinity for none'],
    [{ rows: '5' }, 'queryLimits.rows is "5"'],
    [{ rows: 1.5 }, 'queryLimits.rows is 1.5'],
    [{ rows: Number.NaN }, 'queryLimits.rows is NaN'],
  ])('refuses %j', (given, message) => {
    expect(() => completeLimits(given)).toThrow(message)
  })
})

import { describe, expect, it } from 'vitest'

import { queryTest, type QueryTest } from '../source.testkit.ts'

const PEOPLE = Array.from({ length: 40 }, (_, index) => ({
  name: `n${String(index).padStart(2, '0')}`,
  age: index % 10,
  city: index % 2 === 0 ? 'Oslo' : 'Bergen',
}))

/** Forty people, ten ages, two cities. */
async function people(index: string): Promise<QueryTest> {
  const test = queryTest(`type Person ${index} { name: String age: Int city: String tags: [Int] }`)
  await test.create('Person', ...PEOPLE)
  return test
}

interface Work {
  readonly found: readonly unknown[]
  readonly entries: number
  readonly documents: number
}

async function ask(test: QueryTest, request: string): Promise<Work> {
  const { source } = test
  source.entriesRead = 0
  source.documentsRead = 0
  const { Person } = await test.data(request)
  return { found: Person as readonly unknown[], entries: source.entriesRead, documents: source.documentsRead }
}

const BY_AGE = '@index(includes: [{ field: "age" }])'
const BY_CITY_AND_AGE = '@index(includes: [{ field: "city" }, { field: "age", direction: DESC }])'

describe('a filter on an indexed field', () => {
  it.each([
    ['one value', '{ age: { _eq: 3 } }', 4],
    ['several values', '{ age: { _in: [3, 4, 99] } }', 8],
    ['an open stretch', '{ age: { _gt: 7 } }', 8],
    ['a stretch with two ends', '{ age: { _ge: 2, _lt: 4 } }', 8],
    ['two conditions on one field', '{ _and: [{ age: { _ge: 2 } }, { age: { _le: 3 } }] }', 8],
    ['nothing', '{ age: { _lt: null } }', 0],
    ['nulls', '{ age: null }', 0],
    ['one of two values', '{ _or: [{ age: { _eq: 1 } }, { age: { _eq: 2 } }] }', 8],
  ])('reads the entries and documents of %s alone', async (_, filter, expected) => {
    const { found, entries, documents } = await ask(await people(BY_AGE), `{ Person(filter: ${filter}) { name } }`)
    expect([found.length, entries, documents]).toEqual([expected, expected, expected])
  })

  it('asks the entries before it reads a document', async () => {
    const test = await people('@index(includes: [{ field: "name" }])')
    const { found, entries, documents } = await ask(test, '{ Person(filter: { name: { _like: "%7" } }) { name } }')
    expect([found.length, entries, documents]).toEqual([4, 40, 4])
  })

  it.each(['{ _not: { age: { _eq: 3 } } }', '{ _or: [{ age: { _eq: 3 } }, { city: { _eq: "Oslo" } }] }', '{ city: { _eq: "Oslo" } }'])(
    'reads everything when an index cannot tell: %s',
    async (filter) => {
      const { entries, documents } = await ask(await people(BY_AGE), `{ Person(filter: ${filter}) { name } }`)
      expect([entries, documents]).toEqual([0, 40])
    },
  )

  it('is not served by an index when deleted documents are asked for', async () => {
    const { entries } = await ask(await people(BY_AGE), '{ Person(filter: { age: { _eq: 3 } }, showDeleted: true) { name } }')
    expect(entries).toBe(0)
  })

  it('prefers the documents that are named', async () => {
    const test = await people(BY_AGE)
    const [docId = ''] = await test.create('Person', { name: 'one more', age: 3 })
    const { found, entries, documents } = await ask(test, `{ Person(docID: "${docId}", filter: { age: { _eq: 3 } }) { name } }`)
    expect([found.length, entries, documents]).toEqual([1, 0, 1])
  })
})

describe('a composite index', () => {
  it('serves equal first parts and a stretch of the next', async () => {
    const filter = '{ city: { _eq: "Oslo" }, age: { _gt: 4 } }'
    const { found, entries, documents } = await ask(await people(BY_CITY_AND_AGE), `{ Person(filter: ${filter}) { name } }`)
    expect([found.length, entries, documents]).toEqual([8, 8, 8])
  })

  it('serves no filter on its second part alone', async () => {
    const { entries } = await ask(await people(BY_CITY_AND_AGE), '{ Person(filter: { age: { _eq: 4 } }) { name } }')
    expect(entries).toBe(0)
  })
})

describe('an order', () => {
  it.each([
    ['ASC', BY_AGE],
    ['DESC', BY_AGE],
    ['ASC', '@index(includes: [{ field: "age", direction: DESC }])'],
    ['DESC', '@index(includes: [{ field: "age", direction: DESC }])'],
    ['DESC', '@index(includes: [{ field: "age" }, { field: "city" }])'],
  ])('%s is that of an index %s, equals in the order of their IDs', async (direction, index) => {
    const request = `{ Person(order: { age: ${direction} }, limit: 7) { _docID age } }`
    const { found, documents } = await ask(await people(index), request)
    expect(found).toEqual((await ask(await people(''), request)).found)
    expect(documents).toBeLessThanOrEqual(8)
  })

  it('is served behind a part that is equal to one value', async () => {
    const request = '{ Person(filter: { city: { _eq: "Oslo" } }, order: [{ city: DESC }, { age: DESC }], limit: 3) { _docID age } }'
    const { found, entries, documents } = await ask(await people(BY_CITY_AND_AGE), request)
    expect(found).toEqual((await ask(await people(''), request)).found)
    expect([entries, documents]).toEqual([3, 3])
  })

  it.each(['[{ age: ASC }, { name: ASC }]', '[{ city: ASC }, { age: ASC }]'])('of %s is not that of the index', async (order) => {
    const request = `{ Person(order: ${order}) { _docID } }`
    const { found, entries } = await ask(await people(BY_CITY_AND_AGE), request)
    expect(found).toEqual((await ask(await people(''), request)).found)
    expect(entries).toBe(0)
  })

  it('stays right where an index had to cut long texts', async () => {
    const long = 'x'.repeat(1_500)
    const texts = ['b', 'a', 'c'].map((end) => ({ name: `${long}${end}` }))
    const test = queryTest('type Person { name: String @index }')
    await test.create('Person', ...texts)
    const { Person } = await test.data('{ Person(order: { name: ASC }, limit: 2) { name } }')
    expect(Person).toEqual([{ name: `${long}a` }, { name: `${long}b` }])
  })

  it('keeps pages apart', async () => {
    const test = await people('@index(includes: [{ field: "city" }])')
    const page = async (offset: number): Promise<readonly unknown[]> =>
      (await ask(test, `{ Person(filter: { city: { _eq: "Oslo" } }, limit: 5, offset: ${offset}) { name } }`)).found
    const all = [...(await page(0)), ...(await page(5)), ...(await page(10)), ...(await page(15))]
    expect(new Set(all.map((row) => JSON.stringify(row))).size).toBe(20)
  })
})

describe('a relation', () => {
  const BLOG = 'type Author { name: String @index posts: [Post] } type Post { title: String author: Author @index }'

  async function blog(): Promise<QueryTest> {
    const test = queryTest(BLOG)
    const authors = await test.create('Author', ...Array.from({ length: 12 }, (_, index) => ({ name: `a${index}` })))
    for (const author of authors) await test.create('Post', { title: `1 of ${author}`, author }, { title: `2 of ${author}`, author })
    test.source.documentsRead = 0
    return test
  }

  it('is followed through the index on the ID it is stored as', async () => {
    const test = await blog()
    const { Author } = await test.data('{ Author(filter: { name: { _eq: "a3" } }) { posts { title } } }')
    expect(Author).toEqual([{ posts: [expect.anything(), expect.anything()] }])
    expect(test.source.documentsRead).toBe(3)
  })

  it('finds by an indexed field of the other side, from both sides', async () => {
    const test = await blog()
    const { Post } = await test.data('{ Post(filter: { author: { name: { _eq: "a3" } } }) { title } }')
    expect([(Post as readonly unknown[]).length, test.source.documentsRead]).toEqual([2, 3])
  })
})

describe('JSON', () => {
  async function trees(): Promise<QueryTest> {
    const test = queryTest('type Person { name: String tree: JSON @index }')
    await test.create(
      'Person',
      { name: 'number', tree: { a: { b: 3 }, c: [1, 'x', { d: 1 }] } },
      { name: 'text', tree: { a: { b: '3' }, c: [] } },
      { name: 'null', tree: { a: { b: null }, c: 1 } },
      { name: 'none', tree: 7 },
      { name: 'nothing' },
    )
    return test
  }

  it.each([
    ['{ a: { b: { _eq: 3 } } }', ['number'], 1],
    ['{ a: { b: { _in: ["3", 3] } } }', ['number', 'text'], 2],
    ['{ c: { _any: { _eq: "x" } } }', ['number'], 1],
    ['{ c: { _all: { _eq: "x" } } }', ['text'], 2],
    ['{ _eq: 7 }', ['none'], 1],
    // What asks for a value that may be missing is not left to an index.
    ['{ a: { b: { _eq: null } } }', ['none', 'nothing', 'null'], 0],
    ['{ a: { b: { _ne: 3 } } }', ['none', 'nothing', 'null', 'text'], 0],
    ['{ c: { _any: { _ne: 1 } } }', ['number'], 0],
  ])('is found by %s', async (filter, names, entries) => {
    const test = await trees()
    test.source.entriesRead = 0
    const { Person } = await test.data(`{ Person(filter: { tree: ${filter} }) { name } }`)
    expect((Person as readonly { readonly name: string }[]).map(({ name }) => name).toSorted()).toEqual(names)
    expect(test.source.entriesRead).toBe(entries)
  })
})

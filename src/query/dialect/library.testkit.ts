import type { DialectName } from '../../schema/dialect-name.ts'
import { createQueryEngine } from '../engine.ts'
import type { RequestOptions, RequestResult } from '../result.ts'
import { queryTest, type QueryTest } from '../source.testkit.ts'

const SDL = `
  type Author { name: String age: Int books: [Book] address: Address @primary }
  type Book { title: String pages: Int when: DateTime tags: [String!] scores: [Int] vector: [Float!] tree: JSON author: Author }
  type Address { street: String author: Author }`

/** Stands in requests for the ID of an author. */
export const ADA = '@ada'

/** A request as tests of dialects write it. */
export interface DialectCase {
  readonly title: string
  /** The request, with `<0.19|1.0>` where the dialects differ. */
  readonly text: string
  readonly options?: RequestOptions
}

/** A library of a few documents, asked in one dialect. */
export interface Library extends QueryTest {
  /** The ID that `ADA` stands for. */
  readonly ada: string
  ask(text: string, options?: RequestOptions): Promise<RequestResult>
}

/** Opens it, always with the same documents. */
export async function library(dialect: DialectName): Promise<Library> {
  const test = queryTest(SDL)
  const engine = createQueryEngine(test.collections, { dialect })
  const [lane] = await test.create('Address', { street: 'Lane' })
  const [ada = '', bob] = await test.create('Author', { name: 'Ada', age: 40, address: lane }, { name: 'Bob', age: 20 })
  await test.create(
    'Book',
    { title: 'Nuts', pages: 100, author: ada, tags: ['a', 'b'], scores: [1, null, 5], vector: [1, 0], when: '2021-01-01T00:00:00Z' },
    { title: 'Bolts', pages: 300, author: ada, tags: ['c'], scores: [2], vector: [0, 1], tree: { city: 'Bern', rooms: 2, list: [1, 9] } },
    { title: 'Screws', pages: 200, author: bob, tags: [], tree: { _ne: 1, _neq: 2 } },
    { title: 'Loose', when: '2019-01-01T00:00:00Z', tree: { city: 'Basel', rooms: 1 } },
  )
  return {
    ...test,
    engine,
    ada,
    ask: (text, options = {}) => {
      const known = JSON.parse(JSON.stringify(options).replaceAll(ADA, ada)) as RequestOptions
      return engine.execute(text.replaceAll(ADA, ada), test.source, known)
    },
  }
}

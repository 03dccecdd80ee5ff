import { describe, expect, it } from 'vitest'

import { countedPacing } from '../util/pacer.testkit.ts'
import { WORTH_A_LOOK } from '../util/pacer.ts'
import { queryTest, type QueryTest } from './source.testkit.ts'

const SDL = `
  type Author { name: String books: [Book] }
  type Book @branchable { title: String pages: Int rank: Int @index scores: [Int!] author: Author }`

const BOOKS = 400
const AUTHORS = 4

/** Books of a few authors. */
async function library(test: QueryTest): Promise<void> {
  const authors = await test.create('Author', ...Array.from({ length: AUTHORS }, (_, index) => ({ name: `author ${index}` })))
  const books = Array.from({ length: BOOKS }, (_, index) => ({
    title: `book ${index}`,
    pages: (index * 7) % 100,
    rank: index,
    scores: [index],
    author: authors[index % AUTHORS],
  }))
  await test.create('Book', ...books)
}

/** How often all rows are gone through, at the least, beside their reading. */
const STAGES: readonly (readonly [string, string, number])[] = [
  ['reading and filtering', '{ Book(filter: {pages: {_gt: 1000}}) { title } }', 0],
  ['reading by an index', '{ Book(filter: {rank: {_ge: 0}, pages: {_gt: 1000}}) { title } }', 2],
  ['reading in the order of an index', '{ Book(order: {rank: DESC}) { _docID } }', 5],
  ['related documents that a filter asks for', '{ Book(filter: {author: {books: {rank: {_ge: 0}}}, pages: {_gt: 1000}}) { title } }', 4],
  ['an operation that is explained', 'query @explain(type: execute) { Book { title pages } }', 4],
  ['showing values', '{ Book { title pages } }', 5],
  ['failures', '{ Book { _docID } }', 2],
  ['order', '{ Book(order: {pages: ASC}, limit: 1) { _docID } }', 2],
  ['order by a selected field', '{ Book(order: {_alias: {p: ASC}}, limit: 1) { p: pages } }', 3],
  ['groups', '{ Book(groupBy: [pages]) { pages _group { _docID } } }', 6],
  ['grouped by related documents', '{ Book(groupBy: [author]) { author_id } }', 2],
  ['a filter on computed fields', '{ Book(filter: {_alias: {p: {_lt: 0}}}) { p: pages } }', 2],
  ['related documents', '{ Author { books { _docID } } }', 3],
  ['the related document', '{ Book { author { _docID } } }', 5],
  ['aggregates at the root', '{ _sum(Book: {field: pages}) }', 1],
  ['aggregates of related documents', '{ Author { _count(books: {}) } }', 2],
  ['aggregates of lists', '{ Book { _sum(scores: {}) } }', 4],
  ['similarity', '{ Book { _similarity(scores: {vector: [1]}) } }', 3],
  ['versions', '{ Book { _version { cid } } }', 5],
  ['versions with their commits', '{ Book { _version { links { cid } } } }', 9],
  ['commits', '{ commits { cid } }', 28],
  ['ordered commits', '{ commits(order: {cid: ASC}, limit: 1) { cid } }', 38],
  ['grouped commits', '{ commits(groupBy: [height]) { height _group { cid } } }', 37],
]

describe('a query over many documents', () => {
  it.each(STAGES)('rests at every few rows: %s', async (_stage, request, stages) => {
    const pacing = countedPacing()
    const test = queryTest(SDL, { pacing })
    await library(test)
    const { errors } = await test.run(request)
    expect(errors).toBeUndefined()
    // Work that goes through all rows and shares a step with none other.
    expect(pacing.rests).toBeGreaterThanOrEqual(Math.floor(((1 + stages) * BOOKS) / WORTH_A_LOOK))
  })

  it.each(STAGES)('reads and does nothing more once it is aborted: %s', async (_stage, request) => {
    const first = countedPacing()
    const whole = queryTest(SDL, { pacing: first })
    await library(whole)
    await whole.run(request)
    for (const share of [0, 0.3, 0.6, 0.95]) {
      const last = Math.max(1, Math.floor(first.rests * share))
      const controller = new AbortController()
      let readBefore = ''
      const reads = (): string =>
        JSON.stringify([test.source.scans, test.source.entriesRead, test.source.documentsRead, test.source.commitReads])
      const pacing = countedPacing((rests) => {
        if (rests !== last) return
        readBefore = reads()
        controller.abort()
      })
      const test = queryTest(SDL, { pacing })
      await library(test)
      expect(await test.run(request, { signal: controller.signal })).toEqual({
        data: null,
        errors: [{ message: 'the request was aborted', extensions: { code: 'ABORTED' } }],
      })
      expect(pacing.rests).toBe(last)
      expect(reads()).toBe(readBefore)
    }
  })

  it('rests while documents are looked for, and stops there too', async () => {
    const controller = new AbortController()
    const pacing = countedPacing((rests) => {
      if (rests === 5) controller.abort()
    })
    const test = queryTest(SDL, { pacing })
    await library(test)
    const found = test.engine.find(test.collection('Book'), {}, test.source, { signal: controller.signal })
    await expect(found).rejects.toMatchObject({ code: 'ABORTED' })
    expect(pacing.rests).toBe(5)
  })

  it('rests while a live query takes in the documents', async () => {
    const pacing = countedPacing()
    const test = queryTest(SDL, { pacing })
    await library(test)
    const live = test.engine.live('{ Book(order: {pages: ASC}) { title } }')
    const advanced = await live.advance({ documents: new Map(), histories: new Set() }, test.source)
    expect(advanced).toMatchObject({ kind: 'result', isLast: false })
    // Reading, the keys, their places, sorting, showing and keeping.
    expect(pacing.rests).toBeGreaterThanOrEqual(Math.floor((6 * BOOKS) / WORTH_A_LOOK))
  })

  it('takes the documents of a mutation in slices', async () => {
    const pacing = countedPacing()
    const test = queryTest(SDL, { pacing })
    const input = Array.from({ length: BOOKS }, (_, index) => ({ title: `book ${index}` }))
    const { errors } = await test.run('mutation ($input: [BookMutationInputArg!]!) { create_Book(input: $input) { _docID } }', {
      variables: { input },
    })
    expect(errors).toBeUndefined()
    expect(pacing.rests).toBeGreaterThanOrEqual((3 * BOOKS) / WORTH_A_LOOK)
  })

  it('does not rest for a few', async () => {
    const pacing = countedPacing()
    const test = queryTest(SDL, { pacing })
    await test.create('Author', { name: 'only' })
    await test.data('{ Author(order: {name: ASC}) { name } }')
    expect(pacing.rests).toBe(0)
  })
})

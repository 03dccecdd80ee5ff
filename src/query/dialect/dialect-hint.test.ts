import { describe, expect, it } from 'vitest'

import type { DialectName } from '../../schema/dialect-name.ts'
import { ADA, library } from './library.testkit.ts'

describe('a name of the other dialect', () => {
  it.each<readonly [DialectName, string, string]>([
    [
      '1.0',
      'mutation { create_Book(input: {title: "x"}) { title } }',
      'Cannot query field "create_Book" on type "Mutation". In dialect 1.0 it is "add_Book".',
    ],
    [
      '0.19',
      'mutation { add_Book(input: {title: "x"}) { title } }',
      'Cannot query field "add_Book" on type "Mutation". In dialect 0.19 it is "create_Book".',
    ],
    ['1.0', '{ _count(Book: {}) }', 'Cannot query field "_count" on type "Query". In dialect 1.0 it is "COUNT".'],
    ['0.19', '{ Book { COUNT(tags: {}) } }', 'Cannot query field "COUNT" on type "Book". In dialect 0.19 it is "_count".'],
    ['1.0', '{ Book { COUNT(_group: {}) } }', 'Unknown argument "_group" on field "COUNT" of type "Book". In dialect 1.0 it is "GROUP".'],
    ['1.0', '{ Book { author_id } }', 'Cannot query field "author_id" on type "Book". In dialect 1.0 it is "_authorID".'],
    ['0.19', '{ Book { _authorID } }', 'Cannot query field "_authorID" on type "Book". In dialect 0.19 it is "author_id".'],
    ['1.0', '{ commits { cid } }', 'Cannot query field "commits" on type "Query". In dialect 1.0 it is "_commits".'],
    ['0.19', '{ _commits { cid } }', 'Cannot query field "_commits" on type "Query". In dialect 0.19 it is "commits".'],
    ['1.0', `{ latestCommits(docID: "${ADA}") { cid } }`, 'Dialect 1.0 does not have it: ask "_commits" with docID, depth: 1'],
    ['1.0', '{ _commits { links { name } } }', 'Cannot query field "name" on type "CommitLink". In dialect 1.0 it is "fieldName".'],
    ['1.0', '{ Book(filter: {pages: {_ge: 3}}) { title } }', 'In field "_ge": Unknown field. In dialect 1.0 it is "_geq".'],
    ['0.19', '{ Book(filter: {pages: {_neq: 3}}) { title } }', 'In field "_neq": Unknown field. In dialect 0.19 it is "_ne".'],
    ['0.19', '{ Book(filter: {tags: {_eq: ["a"]}}) { title } }', 'Dialect 0.19 does not have it: a list is filtered by its elements'],
    [
      '1.0',
      '{ Book(groupBy: [author_id]) { title } }',
      'Value "author_id" does not exist in "BookField" enum. In dialect 1.0 it is "_authorID".',
    ],
    ['1.0', '{ SUM(Book: {field: _avg}) }', 'Value "_avg" does not exist in "BookNumericFieldsArg" enum. In dialect 1.0 it is "AVG".'],
    ['1.0', '{ Book(filter: {tree: {rooms: {_ge: 3}}}) { title } }', 'there is no operator "_ge"; in dialect 1.0 it is "_geq"'],
    ['1.0', '{ Book(filter: {_alias: {title: {_ne: "x"}}}) { title } }', 'there is no operator "_ne"; in dialect 1.0 it is "_neq"'],
  ])('is refused with the right one (%s): %s', async (dialect, text, message) => {
    const { data, errors } = await (await library(dialect)).ask(text)
    expect(data).toBeNull()
    expect(errors?.map((error) => error.message).join('\n')).toContain(message)
  })

  it('is refused in a variable too', async () => {
    const test = await library('1.0')
    const text = 'query ($filter: BookFilterArg) { Book(filter: $filter) { title } }'
    const { errors } = await test.ask(text, { variables: { filter: { pages: { _ge: 3 } } } })
    expect(errors?.[0]?.message).toContain('In dialect 1.0 it is "_geq".')
  })

  it('gets no hint where the right one could not stand', async () => {
    const test = await library('1.0')
    const { errors } = await test.ask('{ Address { publisher_id } }')
    expect(errors?.[0]?.message).toBe('Cannot query field "publisher_id" on type "Address".')
  })
})

describe('filters outside requests', () => {
  it('are spelled in the dialect as well, as objects and as text', async () => {
    const { engine, source, collection, ada } = await library('1.0')
    const book = collection('Book')
    const ids = await engine.find(book, { pages: { _geq: 200 }, _authorID: { _eq: ada } }, source)
    expect(ids).toHaveLength(1)
    expect(await engine.find(book, `{ pages: { _geq: 200 }, _authorID: { _eq: "${ada}" } }`, source)).toEqual(ids)
    const isLong = engine.compileFilter(book, { _or: [{ pages: { _geq: 300 } }, { tags: { _eq: [] } }] })
    const titles: boolean[] = []
    for await (const batch of source.documents(book, { showDeleted: false }))
      titles.push(...batch.map(({ record, docId }) => isLong(record, docId)))
    expect(titles.filter(Boolean)).toHaveLength(2)
  })

  it.each<readonly [object, string]>([
    [{ pages: { _ge: 200 } }, 'there is no "_ge" here; in dialect 1.0 it is "_geq"'],
    [{ author_id: { _eq: ADA } }, 'there is no "author_id" here; in dialect 1.0 it is "_authorID"'],
    [{ page: { _geq: 200 } }, 'there is no "page" here (did you mean "pages"'],
    [{ tree: { rooms: { _le: 2 } } }, 'there is no operator "_le"; in dialect 1.0 it is "_leq"'],
    [{ pages: { _geq: 'many' } }, 'cannot compare "_geq" with "many"'],
    [{ pages: 3 }, 'takes operators such as { _eq: 3 }'],
  ])('are refused in another one: %j', async (filter, message) => {
    const { engine, source, collection } = await library('1.0')
    await expect(engine.find(collection('Book'), filter, source)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(message),
    })
  })
})

import { describe, expect, it } from 'vitest'

import type { DialectName } from '../../schema/dialect-name.ts'
import type { RequestOptions, RequestResult } from '../result.ts'
import { ADA, library, type DialectCase, type Library } from './library.testkit.ts'

const READS: readonly DialectCase[] = [
  { title: 'plain fields and aliases', text: '{ Book(order: {title: ASC}) { title as: pages when } }' },
  { title: 'not equal', text: '{ Book(filter: {pages: {<_ne|_neq>: 100}}) { title } }' },
  { title: 'at least and at most', text: '{ Book(filter: {pages: {<_ge|_geq>: 100, <_le|_leq>: 300}}) { title } }' },
  { title: 'an order of times', text: '{ Book(filter: {when: {<_ge|_geq>: "2020-01-01T00:00:00Z"}}) { title } }' },
  {
    title: 'compounds',
    text: '{ Book(filter: {_or: [{_and: [{pages: {<_le|_leq>: 100}}, {title: {_like: "N%"}}]}, {_not: {pages: {<_ne|_neq>: 300}}}]}) { title } }',
  },
  { title: 'a condition on a related document', text: '{ Book(filter: {author: {age: {<_ge|_geq>: 40}}}) { title } }' },
  { title: 'a condition on many related documents', text: '{ Author(filter: {books: {pages: {<_le|_leq>: 100}}}) { name } }' },
  { title: 'the ID of a relation in a filter', text: `{ Book(filter: {<author_id|_authorID>: {<_ne|_neq>: null}}) { title } }` },
  {
    title: 'the ID on the side that does not store it',
    text: '{ Address(filter: {<author_id|_authorID>: {<_ne|_neq>: null}}) { street } }',
  },
  {
    title: 'the IDs of relations, selected on both sides',
    text: '{ Book { title <author_id|_authorID> } Address { <author_id|_authorID> } }',
  },
  { title: 'any element', text: '{ Book(filter: {scores: {_any: {<_ge|_geq>: 4}}}) { title } }' },
  { title: 'all elements and none', text: '{ Book(filter: {tags: {_all: {<_ne|_neq>: "c"}, _none: {_eq: "d"}}}) { title } }' },
  { title: 'a path in JSON', text: '{ Book(filter: {tree: {rooms: {<_ge|_geq>: 2}, _not: {city: {<_ne|_neq>: "Bern"}}}}) { title } }' },
  { title: 'JSON that must not be read as a filter', text: '{ Book(filter: {tree: {_eq: {_ne: 1, _neq: 2}}}) { title } }' },
  { title: 'elements of JSON', text: '{ Book(filter: {tree: {list: {_any: {<_le|_leq>: 1}}}}) { title } }' },
  {
    title: 'alternatives in JSON, and none at all',
    text: '{ a: Book(filter: {tree: {_or: [{rooms: {<_le|_leq>: 1}}, {city: {_eq: "Bern"}}]}}) { title } b: Book(filter: {tree: {_or: null}}) { title } }',
  },
  {
    title: 'conditions on what is selected',
    text: '{ Author(filter: {_alias: {total: {<_ge|_geq>: 2}}}) { name total: <_count|COUNT>(books: {}) } }',
  },
  {
    title: 'conditions on a selected field by its own name',
    text: '{ Author(filter: {_alias: {<_count|COUNT>: {_gt: 1}}}) { name <_count|COUNT>(books: {}) } }',
  },
  { title: 'an order by the ID of a relation', text: '{ Book(order: [{<author_id|_authorID>: DESC}, {title: ASC}]) { title } }' },
  { title: 'an order by a related document', text: '{ Book(order: [{author: {<address_id|_addressID>: DESC}}, {title: ASC}]) { title } }' },
  {
    title: 'an order by what is selected',
    text: '{ Author(order: [{_alias: {<_sum|SUM>: DESC}}]) { name <_sum|SUM>(books: {field: pages}) } }',
  },
  {
    title: 'aggregates over related documents',
    text: '{ Author(order: {name: ASC}) { <_count|COUNT>(books: {filter: {pages: {<_ge|_geq>: 200}}}) <_avg|AVG>(books: {field: pages}) <_min|MIN>(books: {field: pages, order: [{<author_id|_authorID>: ASC}]}) <_max|MAX>(books: {field: pages, limit: 1, offset: 1}) } }',
  },
  {
    title: 'aggregates over lists',
    text: '{ Book(order: {title: ASC}) { <_count|COUNT>(tags: {filter: {<_ne|_neq>: "a"}}) <_sum|SUM>(scores: {filter: {_or: [{<_ge|_geq>: 4}, {_eq: 1}]}}) <_max|MAX>(scores: {order: DESC, limit: 2}) } }',
  },
  {
    title: 'groups',
    text: '{ Book(groupBy: [<author_id|_authorID>]) { <author_id|_authorID> <_group|GROUP>(order: {title: ASC}, filter: {pages: {<_ne|_neq>: 1}}) { title } } }',
  },
  {
    title: 'groups in groups',
    text: '{ Book(groupBy: [<author_id|_authorID>]) { <author_id|_authorID> <_group|GROUP>(groupBy: [pages]) { pages <_group|GROUP> { title } } } }',
  },
  {
    title: 'aggregates of groups',
    text: '{ Book(groupBy: [<author_id|_authorID>]) { <author_id|_authorID> <_count|COUNT>(<_group|GROUP>: {filter: {pages: {<_ge|_geq>: 200}}}) <_sum|SUM>(<_group|GROUP>: {field: pages}) } }',
  },
  {
    title: 'aggregates of aggregates',
    text: '{ Book(groupBy: [<author_id|_authorID>]) { <_avg|AVG>(<_group|GROUP>: {field: <_sum|SUM>}) <_group|GROUP>(groupBy: [pages]) { <_sum|SUM>(<_group|GROUP>: {field: pages}) } } }',
  },
  { title: 'a count of versions', text: '{ Book(order: {title: ASC}) { <_count|COUNT>(_version: {}) } }' },
  {
    title: 'aggregates at the root',
    text: '{ <_count|COUNT>(Book: {filter: {pages: {<_le|_leq>: 100}}}, Author: {}) <_sum|SUM>(Book: {field: pages}) <_avg|AVG>(Book: {field: pages}) least: <_min|MIN>(Book: {field: pages}) <_max|MAX>(Book: {field: pages}) }',
  },
  { title: 'likeness of vectors', text: '{ Book(order: [{_alias: {near: DESC}}]) { title near: _similarity(vector: {vector: [1, 2]}) } }' },
  {
    title: 'commits',
    text: '{ <commits|_commits>(order: [{height: ASC}, {cid: ASC}]) { cid height docID fieldName delta links { cid <name|fieldName> } <_count|COUNT>(field: links) } }',
  },
  {
    title: 'commits of one document and field',
    text: '{ <commits|_commits>(fieldName: "pages", depth: 1, limit: 2) { fieldName __typename links { __typename } } }',
  },
  {
    title: 'grouped commits',
    text: '{ <commits|_commits>(groupBy: [fieldName], order: [{height: ASC}]) { fieldName <_group|GROUP> { height links { <name|fieldName> } } } }',
  },
  { title: 'versions of documents', text: '{ Book { _version { cid <_count|COUNT>(field: links) links { <name|fieldName> } } } }' },
  {
    title: 'variables of every kind',
    text: 'query ($by: [BookField!], $order: [BookOrderArg], $filter: BookFilterArg, $least: Int) { Book(groupBy: $by, order: $order, filter: $filter) { <author_id|_authorID> <_group|GROUP>(filter: {pages: {<_ge|_geq>: $least}}) { title } } }',
    options: {
      variables: {
        by: ['<author_id|_authorID>'],
        order: [{ '<author_id|_authorID>': 'DESC' }],
        filter: { '<author_id|_authorID>': { '<_ne|_neq>': null }, _or: [{ pages: { '<_ge|_geq>': 1 } }] },
        least: 200,
      },
    },
  },
  {
    title: 'fragments, directives and type names',
    text: '{ Author(order: {name: ASC}) { ...Numbers ... on Author @include(if: true) { <address_id|_addressID> } __typename } } fragment Numbers on Author { <_count|COUNT>(books: {}) name @skip(if: true) }',
  },
  {
    title: 'one of several operations',
    text: 'query A { Book { title } } query B { Book(filter: {pages: {<_le|_leq>: 100}}) { <author_id|_authorID> } }',
    options: { operationName: 'B' },
  },
]

const WRITES: readonly DialectCase[] = [
  {
    title: 'one new document',
    text: 'mutation { <create|add>_Author(input: {name: "Cy", age: 7}) { _docID name <_count|COUNT>(books: {}) } }',
  },
  {
    title: 'several new documents that refer to another one',
    text: `mutation { <create|add>_Book(input: [{title: "A", <author_id|_authorID>: "${ADA}"}, {title: "B", author: "${ADA}"}]) { _docID title <author_id|_authorID> author { name } } }`,
  },
  {
    title: 'new documents from variables',
    text: 'mutation ($input: [BookMutationInputArg!]) { made: <create|add>_Book(input: $input) { title <author_id|_authorID> tree } }',
    options: { variables: { input: [{ title: 'V', '<author_id|_authorID>': ADA, tree: { _ge: 1, _geq: 2, author_id: 3 } }] } },
  },
  {
    title: 'an update of what a filter finds',
    text: `mutation { update_Book(filter: {pages: {<_ge|_geq>: 300}}, input: {<author_id|_authorID>: "${ADA}", pages: 1}) { title pages author { name } } }`,
  },
  {
    title: 'an update that takes a relation away',
    text: 'mutation { update_Book(input: {<author_id|_authorID>: null}) { title <author_id|_authorID> } }',
  },
  {
    title: 'an upsert that finds nothing',
    text: `mutation { upsert_Book(filter: {pages: {<_ge|_geq>: 9000}}, create: {title: "New", <author_id|_authorID>: "${ADA}"}, update: {pages: 1}) { _docID title author { name } } }`,
  },
  {
    title: 'an upsert that finds a document',
    text: `mutation { upsert_Book(filter: {title: {_eq: "Nuts"}}, create: {title: "New"}, update: {<author_id|_authorID>: null}) { title <author_id|_authorID> } }`,
  },
  { title: 'a deletion', text: 'mutation { delete_Book(filter: {pages: {<_le|_leq>: 100}}) { title _deleted <author_id|_authorID> } }' },
]

describe('a request in either dialect', () => {
  it.each([...READS, ...WRITES])('has the same result: $title', async (written) => {
    const old = await library('0.19')
    const recent = await library('1.0')
    const expected = await askIn(old, '0.19', written)
    expect(expected.errors).toBeUndefined()
    expect(JSON.stringify(valuesOf(expected.data))).toMatch(/\d|"/)
    expect(valuesOf((await askIn(recent, '1.0', written)).data)).toEqual(valuesOf(expected.data))
    // What a write has left behind, and not only what it shows.
    const everything = '{ Author { _docID name age } Book(showDeleted: true) { _docID title pages tree _deleted author { name } } }'
    expect(await recent.ask(everything)).toEqual(await old.ask(everything))
  })

  const differing = [...READS, ...WRITES].filter(({ text }) => text.includes('|'))
  it.each(differing)('is refused in the other one: $title', async (written) => {
    for (const [spoken, other] of [
      ['0.19', '1.0'],
      ['1.0', '0.19'],
    ] as const) {
      const test = await library(spoken)
      const before = await test.ask('{ Book(showDeleted: true) { _docID pages } Author { _docID } }')
      expect((await askIn(test, other, written)).errors?.length).toBeGreaterThan(0)
      expect(await test.ask('{ Book(showDeleted: true) { _docID pages } Author { _docID } }')).toEqual(before)
    }
  })
})

describe('the keys of a response', () => {
  it('are the names that the request wrote', async () => {
    const test = await library('1.0')
    const { data } = await test.ask(
      `{ COUNT(Book: {}) Book(groupBy: [_authorID], filter: {_authorID: {_eq: "${ADA}"}}) { _authorID GROUP(order: {pages: ASC}) { title } AVG(GROUP: {field: pages}) } }`,
    )
    expect(data).toEqual({ COUNT: 4, Book: [{ _authorID: test.ada, GROUP: [{ title: 'Nuts' }, { title: 'Bolts' }], AVG: 200 }] })
    const { data: written } = await test.ask('mutation { add_Author(input: {name: "Cy"}) { name } }')
    expect(written).toEqual({ add_Author: [{ name: 'Cy' }] })
  })
})

/** Asks what a case says in a dialect. */
function askIn(test: Library, dialect: DialectName, { text, options = {} }: DialectCase): Promise<RequestResult> {
  const spell = (written: string): string => written.replace(/<(\w+)\|(\w+)>/g, dialect === '0.19' ? '$1' : '$2')
  return test.ask(spell(text), JSON.parse(spell(JSON.stringify(options))) as RequestOptions)
}

/** A result without its keys, which are all that may differ. */
function valuesOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.values(value).map(valuesOf)
}

import type { DocumentValue } from '../schema/document-value.ts'
import type { Document } from './database.ts'
import type { Random } from '../util/seed.testkit.ts'

/** What random queries are about: values and lists, relations of one to many and one to one, counters, a collection with a history of its own. */
export const LIBRARY = `
  type Author { name: String age: Int rating: Float books: [Book] address: Address }
  type Address { city: String author: Author @primary }
  type Book @branchable { title: String pages: Int price: Float isLent: Boolean tags: [String!] scores: [Int!] loans: Int @crdt(type: pncounter) author: Author }
`

/** The same with indexes that serve filters, orders and relations. */
export const INDEXED_LIBRARY: string = LIBRARY.replace('name: String', 'name: String @index')
  .replace('pages: Int', 'pages: Int @index(direction: DESC)')
  .replace('tags: [String!]', 'tags: [String!] @index')
  .replaceAll(/author: Author(?= @primary| \}\n)/g, 'author: Author @index')

/** A query, and whether any order of its lists is right. */
export interface RandomQuery {
  readonly text: string
  readonly isUnordered: boolean
}

/** A query with one to three root fields. */
export function randomQuery(random: Random): RandomQuery {
  const isUnordered = random.below(2) === 0
  const roots = Array.from(
    { length: 1 + (random.below(3) === 0 ? 1 + random.below(2) : 0) },
    (_, index) => `r${index}: ${randomRoot(random, isUnordered)}`,
  )
  return { text: `{ ${roots.join(' ')} }`, isUnordered }
}

/** The result with every list in an order of its own, for queries that state none. */
export function withoutOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOrder).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutOrder(member)]))
}

function randomRoot(random: Random, isUnordered: boolean): string {
  const of = <T>(items: readonly T[]): T => pick(random, items)
  const slice = isUnordered ? '' : of(['', 'limit: 2', 'limit: 3, offset: 1', 'offset: 2', 'limit: 0'])
  const bookOrder = isUnordered
    ? ''
    : `order: [${of(['{title: ASC}', '{pages: DESC}, {title: ASC}', '{price: ASC}, {pages: ASC}, {_docID: DESC}', '{author: {name: ASC}}, {title: DESC}', '{author: {age: DESC}}', '{_alias: {tagged: DESC}}'])}]`
  const bookFilter = of(['', '', `filter: ${randomBookFilter(random)}`, `filter: ${randomBookFilter(random)}`])
  const bookColumns = `_docID title tagged: _count(tags: {}) ${of([
    'pages price isLent',
    'tags best: _max(scores: {filter: {_lt: 8}}) loans',
    'author { _docID name }',
    'author_id author { name address { city } }',
    '_version { cid height docID }',
    '_version { cid links { name } schemaVersionId }',
    '_deleted __typename _avg(scores: {})',
  ])}`
  const authorOrder = isUnordered
    ? ''
    : `order: [${of(['{name: ASC}', '{age: DESC}, {name: ASC}', '{address: {city: ASC}}', '{_alias: {count: DESC}}'])}]`
  const authorFilter = of([
    '',
    'filter: {age: {_gt: 3}}',
    'filter: {books: {pages: {_gt: 4}}}',
    'filter: {address: {city: {_ne: "x"}}}',
    'filter: {_alias: {count: {_gt: 0}}}',
    'filter: {_or: [{rating: {_gt: 2}}, {books: null}]}',
  ])
  const kinds: readonly (() => string)[] = [
    () => `Book${inBrackets(bookFilter, bookOrder, slice, of(['', '', 'showDeleted: true']))} { ${bookColumns} }`,
    () => `Book${inBrackets(bookFilter, bookOrder, slice, of(['', 'showDeleted: true']))} { ${bookColumns} }`,
    // Without an order or bounds a fresh run may have any order.
    () => `Book${inBrackets(bookFilter, isUnordered || slice !== '' ? slice : 'order: {_docID: ASC}')} { ${bookColumns} }`,
    () =>
      `Author${inBrackets(authorFilter, authorOrder, slice)} { _docID name count: _count(books: {}) ${of([
        'age',
        `books${inBrackets(isUnordered ? '' : 'order: {title: ASC}, limit: 2')} { _docID title }`,
        '_sum(books: {field: pages})',
        '_avg(books: {field: price, filter: {pages: {_gt: 2}}})',
        'address { city }',
      ])} }`,
    () =>
      `Book(${inList(`groupBy: [${of(['pages', 'isLent', 'author', 'isLent, pages'])}]`, bookFilter, isUnordered ? '' : `order: {pages: ASC}`, slice)}) { ${of(
        [
          '_count(_group: {})',
          '_group { _docID title }',
          '_sum(_group: {field: pages}) _max(_group: {field: price})',
          '_group(filter: {pages: {_gt: 3}}) { _docID }',
        ],
      )} }`,
    () => `_count(Book: {${inList(bookFilter, slice)}})`,
    () =>
      `${of(['_sum', '_avg', '_min', '_max'])}(Book: {field: ${of(['pages', 'price', 'loans'])}, ${inList(bookFilter, isUnordered ? '' : 'order: {title: ASC}', slice)}})`,
    () => `_count(Book: {}, Author: {filter: {age: {_gt: 3}}})`,
    () => `commits${inBrackets(isUnordered ? '' : 'order: [{height: ASC}, {cid: ASC}]', slice)} { cid height fieldName docID delta }`,
    () => `commits(fieldName: "title", groupBy: [docID]${isUnordered ? '' : ', order: {docID: ASC}'}) { docID _group { cid height } }`,
  ]
  return of(kinds)()
}

/** A filter of books. */
export function randomBookFilter(random: Random): string {
  const of = <T>(items: readonly T[]): T => pick(random, items)
  const simple = (): string =>
    of([
      `{pages: {_gt: ${random.below(6)}}}`,
      `{pages: {_in: [1, 3, 5, null]}}`,
      '{isLent: {_eq: true}}',
      '{title: {_like: "%a%"}}',
      '{tags: {_any: {_eq: "red"}}}',
      '{scores: {_all: {_gt: 2}}}',
      '{price: {_le: 2.5}}',
      '{author: {age: {_gt: 3}}}',
      '{author: {address: {city: {_eq: "x"}}}}',
      '{author: null}',
      '{_alias: {tagged: {_ge: 1}}}',
    ])
  return of([
    simple,
    simple,
    () => `{_and: [${simple()}, ${simple()}]}`,
    () => `{_not: {_or: [{pages: {_eq: ${random.below(6)}}}, {isLent: {_eq: true}}]}}`,
  ])()
}

/** Values of a new book, or new values for some of its fields. Few values, so that documents meet each other. */
export function randomBook(random: Random, authors: readonly string[]): Document {
  const fields: Readonly<Record<string, () => DocumentValue>> = {
    pages: () => pick(random, [null, 1, 2, 3, 4, 5]),
    price: () => pick(random, [null, 0.1, 0.2, 0.3, 2.5, 7]),
    isLent: () => random.below(2) === 0,
    tags: () => pick(random, [null, [], ['red'], ['red', 'blue'], ['blue']]),
    scores: () => pick(random, [null, [], [3, 9], [1], [5, 5, 5]]),
    loans: () => random.below(5) - 2,
    author: () => (authors.length === 0 ? null : pick(random, [null, ...authors])),
  }
  const chosen = Object.keys(fields).filter(() => random.below(2) === 0)
  return {
    title: `${pick(random, ['a', 'b', 'ab', 'c'])}${random.below(30)}`,
    ...Object.fromEntries(chosen.map((name) => [name, fields[name]?.()])),
  }
}

export function randomAuthor(random: Random): Document {
  return { name: `n${random.below(8)}`, age: random.below(8), rating: pick(random, [null, 1.5, 2.5, 4]) }
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[random.below(items.length)]
  if (item === undefined) throw new RangeError('there is nothing to choose from')
  return item
}

function inList(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ')
}

function inBrackets(...parts: readonly string[]): string {
  const list = inList(...parts)
  return list === '' ? '' : `(${list})`
}

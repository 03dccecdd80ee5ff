import type { DocumentValue } from '../schema/document-value.ts'
import type { Document } from './database.ts'
import { compareText } from '../util/bytes.ts'
import type { Random } from '../util/seed.testkit.ts'

/** What random queries are about: values and lists, relations of one to many and one to one, counters, a collection with a history of its own. */
export const LIBRARY = `
  type Author { name: String age: Int rating: Float books: [Book] address: Address }
  type Address { city: String author: Author @primary }
  type Book @branchable { title: String pages: Int price: Float isLent: Boolean tags: [String!] scores: [Int!] loans: Int @crdt(type: pncounter) author: Author }
`

/** The same: without an index; with some that serve filters, orders and relations; with some that have related documents in an order of their own; with none for relations. */
export const LIBRARIES: readonly string[] = [
  LIBRARY,
  indexed(LIBRARY).replaceAll(/author: Author(?= @primary| \}\n)/g, 'author: Author @index'),
  indexed(LIBRARY)
    .replace('type Address', 'type Address @index(includes: [{field: "author"}, {field: "city", direction: DESC}])')
    .replace('type Book', 'type Book @index(includes: [{field: "author"}, {field: "price"}])'),
  indexed(LIBRARY),
]

function indexed(library: string): string {
  return library
    .replace('name: String', 'name: String @index')
    .replace('pages: Int', 'pages: Int @index(direction: DESC)')
    .replace('tags: [String!]', 'tags: [String!] @index')
}

/**
 * A query with one to three root fields. A list of documents that has neither an order nor bounds stands under a name that begins with `all`: an index may give it to a
 * fresh run in an order of its own.
 */
export function randomQuery(random: Random): string {
  const roots = Array.from({ length: 1 + (random.below(3) === 0 ? 1 + random.below(2) : 0) }, (_, index) => randomRoot(random, index))
  return `{ ${roots.join(' ')} }`
}

/** A fresh result as a watched query has it: what stands under `all…` in the order of IDs. */
export function asWatched(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => asWatched(item))
    return name.startsWith('all') ? items.toSorted((a, b) => compareText(idOf(a), idOf(b))) : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asWatched(member, key)]))
}

function idOf(document: unknown): string {
  if (typeof document === 'object' && document !== null && '_docID' in document) return String(document._docID)
  throw new TypeError(`a list under "all" has to select _docID: ${JSON.stringify(document)}`)
}

/** What a list of documents can be ordered by. */
const BOOK_ORDERS = [
  '{title: ASC}',
  '{pages: DESC}, {title: ASC}',
  '{price: ASC}, {pages: ASC}, {_docID: DESC}',
  '{author: {name: ASC}}, {title: DESC}',
  '{author: {age: DESC}}',
  '{_alias: {tagged: DESC}}',
]
const AUTHOR_ORDERS = ['{name: ASC}', '{age: DESC}, {name: ASC}', '{address: {city: ASC}}', '{_alias: {count: DESC}}']

function randomRoot(random: Random, index: number): string {
  const of = <T>(items: readonly T[]): T => pick(random, items)
  const slice = of(['', 'limit: 2', 'limit: 3, offset: 1', 'offset: 2', 'limit: 0'])
  const bookFilter = (): string => of(['', '', `filter: ${randomBookFilter(random)}`, `filter: ${randomBookFilter(random)}`])
  const bounds = (orders: readonly string[]): string =>
    of(['', '', 'limit: 2', 'offset: 1', inList(`order: [${of(orders)}]`, slice), inList(`order: [${of(orders)}]`, slice)])
  const booksOf = (key: string): string =>
    documents(key, 'books', bounds(['{title: ASC}', '{pages: DESC}']), [of([bookFilter(), 'filter: {pages: {_gt: 2}}'])], '_docID title')
  const bookColumns = `_docID title tagged: _count(tags: {}) ${of([
    'pages price isLent',
    'tags best: _max(scores: {filter: {_lt: 8}}) loans',
    'author { _docID name }',
    'author_id author { name address { city } }',
    `author { name ${booksOf('others')} }`,
    '_version { cid height docID }',
    '_version { cid links { name } schemaVersionId }',
    '_deleted __typename _avg(scores: {})',
  ])}`
  const authorFilter = of([
    '',
    'filter: {age: {_gt: 3}}',
    'filter: {books: {pages: {_gt: 4}}}',
    'filter: {address: {city: {_ne: "x"}}}',
    'filter: {_alias: {count: {_gt: 0}}}',
    'filter: {_or: [{rating: {_gt: 2}}, {books: null}]}',
  ])
  const books = (): string =>
    documents(`r${index}`, 'Book', bounds(BOOK_ORDERS), [bookFilter(), of(['', '', 'showDeleted: true'])], bookColumns)
  const authors = (): string =>
    documents(
      `r${index}`,
      'Author',
      bounds(AUTHOR_ORDERS),
      [authorFilter],
      `_docID name count: _count(books: {}) ${of([
        'age',
        `${booksOf('one')} ${booksOf('two')}`,
        `${booksOf('one')} ${booksOf('two')}`,
        '_sum(books: {field: pages})',
        '_avg(books: {field: price, filter: {pages: {_gt: 2}}})',
        `_sum(books: {${inList('field: price', bookFilter(), slice)}}) ${booksOf('one')}`,
        'address { city }',
      ])}`,
    )
  const kinds: readonly (() => string)[] = [
    books,
    books,
    books,
    authors,
    authors,
    authors,
    () =>
      `r${index}: Book(${inList(`groupBy: [${of(['pages', 'isLent', 'author', 'isLent, pages'])}]`, bookFilter(), of(['', 'order: {pages: ASC}']), slice)}) { ${of(
        [
          '_count(_group: {})',
          '_group { _docID title }',
          '_sum(_group: {field: pages}) _max(_group: {field: price})',
          '_group(filter: {pages: {_gt: 3}}) { _docID }',
        ],
      )} }`,
    () => `r${index}: _count(Book: {${inList(bookFilter(), slice)}})`,
    () =>
      `r${index}: ${of(['_sum', '_avg', '_min', '_max'])}(Book: {field: ${of(['pages', 'price', 'loans'])}, ${inList(bookFilter(), of(['', 'order: {title: ASC}']), slice)}})`,
    () => `r${index}: _count(Book: {}, Author: {filter: {age: {_gt: 3}}})`,
    () => `r${index}: commits${inBrackets(of(['', 'order: [{height: ASC}, {cid: ASC}]']), slice)} { cid height fieldName docID delta }`,
    () => `r${index}: commits(fieldName: "title", groupBy: [docID]${of(['', ', order: {docID: ASC}'])}) { docID _group { cid height } }`,
  ]
  return of(kinds)()
}

/** A list of documents under a key that tells whether its order is open. */
function documents(key: string, name: string, bounds: string, others: readonly string[], columns: string): string {
  return `${bounds === '' ? `all_${key}` : key}: ${name}${inBrackets(...others, bounds)} { ${columns} }`
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

import { oneIn, pick, someText } from '../util/random-values.testkit.ts'
import type { Random } from '../util/seed.testkit.ts'
import { API_PATH, TRANSACTION_HEADER } from './paths.ts'
import type { Route } from './route.ts'

/** What a request of an honest client may name. */
export interface Known {
  readonly docID: string
  readonly versionID: string
  readonly collectionID: string
  readonly transaction: string
  readonly backup: string
}

/** A schema for the samples. */
export const SAMPLE_SCHEMA =
  'type Book { title: String  pages: Int @index  shelf: Shelf } type Shelf { name: String @index(unique: true)  books: [Book] }'

/** Bodies of honest clients, by method and path. Each route that takes one has some. */
export const SAMPLE_BODIES: Readonly<Record<string, (known: Known) => readonly unknown[]>> = {
  'POST /graphql': ({ docID }) => [
    { query: '{ Book(filter: {pages: {_ge: 2}}, order: {title: ASC}, limit: 3) { title shelf { name } } }' },
    { query: 'query Q($n: Int) { Book(filter: {pages: {_eq: $n}}) { title _version { cid } } }', operationName: 'Q', variables: { n: 3 } },
    { query: 'mutation { create_Book(input: {title: "a", pages: 7}) { _docID } }' },
    { query: 'mutation ($p: Int) { update_Book(filter: {pages: {_gt: $p}}, input: {pages: $p}) { _docID } }', variables: { p: 2 } },
    { query: `mutation { delete_Book(docID: "${docID}") { _docID } }` },
    { query: 'subscription { Book { title } }' },
    { query: '{ Book { title } }', watch: true },
    { query: '{ __schema { types { name } } _count(Book: {}) }' },
  ],
  'POST /collections/{name}': () => [{ title: 'b', pages: 4 }, [{ title: 'c' }, { pages: 9007199254740991 }]],
  'PATCH /collections/{name}': () => [
    { filter: { pages: { _gt: 1 } }, updater: { title: 'd' } },
    { filter: '{pages: {_le: 100}}', updater: '{"pages": 5}' },
  ],
  'DELETE /collections/{name}': () => [{ filter: { title: { _eq: 'a' } } }, { filter: '{_not: {pages: {_in: [1, 2]}}}' }],
  'PATCH /collections/{name}/{docID}': () => [{ title: 'e' }, { pages: null }],
  'POST /collections/{name}/indexes': () => [
    { Name: 'by_title', Fields: [{ Name: 'title', Descending: true }] },
    { Fields: [{ Name: 'pages' }, { Name: 'title' }], Unique: true },
  ],
  'POST /schema': () => ['type Author { name: String  born: DateTime }', 'type Pen { colour: String @default(string: "blue") }'],
  'PATCH /schema': () => [
    { Patch: [{ op: 'add', path: '/Book/Fields/-', value: { Name: 'isbn', Kind: 'String' } }], SetAsDefaultVersion: true },
    { Patch: '[{"op": "add", "path": "/Shelf/Fields/-", "value": {"Name": "floor", "Kind": 4}}]' },
  ],
  'POST /schema/default': ({ versionID }) => [versionID],
  'PATCH /collections': ({ versionID }) => [`[{"op": "replace", "path": "/${versionID}/IsActive", "value": false}]`],
  'POST /backup/export': () => [
    { filepath: 'a.json', pretty: true, collections: ['Book'] },
    { filepath: 'b.json', format: 'json' },
  ],
  'POST /backup/import': () => [{ filepath: 'kept.json' }],
  'POST /backup': ({ backup }) => [backup, '{"Book": [{"title": "f"}], "Shelf": [{"name": "g"}]}'],
  'POST /p2p/connect': () => [{ address: '/ip4/127.0.0.1/tcp/9' }],
  'POST /p2p/disconnect': () => [{ peer: 'x' }],
  'POST /p2p/blocked': () => [{ peer: 'x' }],
  'DELETE /p2p/blocked': () => [{ peer: 'x' }],
  'POST /p2p/invite': () => [{ collections: ['Book'] }],
  'POST /p2p/invite/read': () => [{ invitation: '#invite=AQAp' }],
  'POST /p2p/replicators': () => [{ Info: { ID: 'x', Addrs: ['/ip4/127.0.0.1/tcp/9'] }, Collections: ['Book'] }],
  'DELETE /p2p/replicators': () => [{ Info: { ID: 'x' } }],
  'POST /p2p/collections': () => [['Book']],
  'DELETE /p2p/collections': () => [['Book']],
  'POST /p2p/documents': ({ docID }) => [[docID]],
  'DELETE /p2p/documents': ({ docID }) => [[docID]],
  'POST /p2p/documents/sync': ({ docID }) => [{ collectionName: 'Book', docIDs: [docID], timeout: 5 }],
}

export interface HostileRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
}

/** A request for the route that is as it should be, or differs from that in some way. */
export function hostileRequest(route: Route, known: Known, random: Random): HostileRequest {
  const method = oneIn(20, random) ? pick(['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'], random) : route.method
  const body = method === 'GET' ? undefined : someBody(route, known, random)
  return {
    method,
    path: somePath(route, known, random),
    headers: someHeaders(route, known, random),
    ...(body === undefined ? {} : { body }),
  }
}

function somePath({ path, parameters }: Route, known: Known, random: Random): string {
  if (oneIn(40, random)) return `/${encodeURI(someText(60, random).toWellFormed())}`
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const valid = { name: pick(['Book', 'Shelf'], random), docID: known.docID, id: known.transaction, index: 'Book_pages_ASC' }[name] ?? 'x'
    return oneIn(6, random) ? someName(random) : valid
  })
  const search = parameters
    .filter(({ required = false }) => !oneIn(required ? 10 : 2, random))
    .map(({ name }) => `${name}=${oneIn(4, random) ? someName(random) : encodeURIComponent(pick(valuesOf(name, known), random))}`)
  return `${API_PATH}${filled}${search.length === 0 ? '' : `?${search.join('&')}`}`
}

function valuesOf(name: string, known: Known): readonly string[] {
  const values: Readonly<Record<string, readonly string[]>> = {
    query: ['{ Book { title } }', 'mutation { create_Book(input: {title: "h"}) { title } }', 'subscription { Shelf { name } }'],
    variables: ['{"a": 1}', '{}'],
    operationName: ['', 'Q'],
    names: ['update,merge', 'close'],
    collections: ['Book', 'Book,Shelf', ''],
    version_id: [known.versionID],
    collection_id: [known.collectionID],
    root: [known.collectionID],
    cid: [known.versionID],
    'public-key': ['02'.repeat(33)],
    type: ['secp256k1', 'ed25519'],
    form: ['native'],
    name: ['Book'],
    collection: ['Shelf'],
  }
  return values[name] ?? ['true', 'false', '']
}

const NAMES = [
  '',
  '%00',
  '%ff%fe',
  '..',
  '.',
  '%2e%2e%2f',
  '__proto__',
  'constructor',
  'toString',
  '%F0%9F%98%80',
  '-1',
  '1e999',
  'null',
  '%',
  '*',
  '{name}',
]

function someName(random: Random): string {
  return oneIn(3, random) ? encodeURIComponent(someText(30, random).toWellFormed()) : pick([...NAMES, 'a'.repeat(3000)], random)
}

function someHeaders({ inTransaction }: Route, { transaction }: Known, random: Random): Readonly<Record<string, string>> {
  return {
    ...(oneIn(inTransaction ? 5 : 30, random)
      ? { [TRANSACTION_HEADER]: oneIn(2, random) ? transaction : pick(['', '0', 'x', '__proto__'], random) }
      : {}),
    ...(oneIn(12, random) ? { origin: pick(['https://evil.example', 'null', 'http://127.0.0.1:9181', 'x'], random) } : {}),
    ...(oneIn(20, random) ? { 'sec-fetch-site': pick(['cross-site', 'same-origin', 'none', ''], random) } : {}),
    ...(oneIn(8, random) ? { accept: pick(['text/event-stream', '*/*', 'x'], random) } : {}),
    ...(oneIn(4, random) ? { 'content-type': pick(['application/json', 'text/plain', 'multipart/form-data', 'x;'], random) } : {}),
    ...(oneIn(20, random) ? { 'content-length': pick(['0', '5', '99999999999999', 'x', '-1'], random) } : {}),
  }
}

function someBody(route: Route, known: Known, random: Random): Uint8Array<ArrayBuffer> | undefined {
  const samples = SAMPLE_BODIES[`${route.method} ${route.path}`]?.(known)
  if (samples === undefined) return oneIn(4, random) ? new TextEncoder().encode(someText(200, random)) : undefined
  let sample = pick(samples, random)
  for (let changes = pick([0, 0, 1, 1, 2, 4], random); changes > 0; changes--) sample = changed(sample, random)
  let text = typeof sample === 'string' ? sample : (JSON.stringify(sample) ?? '')
  for (let changes = pick([0, 0, 0, 1, 2], random); changes > 0; changes--) text = changedText(text, random)
  const bytes = new TextEncoder().encode(text)
  if (oneIn(20, random) && bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}

/** A value with one thing in it replaced, left out or doubled. */
function changed(value: unknown, random: Random): unknown {
  if (typeof value === 'string' && !oneIn(3, random)) return changedText(value, random)
  if (Array.isArray(value) && value.length > 0 && !oneIn(4, random)) {
    const at = random.below(value.length)
    const changes = [
      () => value.toSpliced(at, 1),
      () => value.with(at, changed(value[at], random)),
      () => [...value, ...value],
      () => value.toSpliced(at, 0, someValue(random)),
    ]
    return pick(changes, random)()
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0 && !oneIn(4, random)) {
    const entries = Object.entries(value)
    const at = random.below(entries.length)
    const [name, one] = pick(entries.slice(at, at + 1), random)
    const changes: readonly (() => readonly (readonly [string, unknown])[])[] = [
      () => entries.with(at, [name, changed(one, random)]),
      () => entries.with(at, [pick([name.toUpperCase(), '__proto__', someText(20, random)], random), one]),
      () => entries.toSpliced(at, 1),
      () => [...entries, [someText(20, random), someValue(random)]],
    ]
    return Object.fromEntries(pick(changes, random)())
  }
  return someValue(random)
}

function someValue(random: Random): unknown {
  const deep = JSON.parse('[{"a":'.repeat(100) + '1' + '}]'.repeat(100)) as unknown
  const values = [null, true, 0, -1, 1e308, 2 ** 53, 0.1, '', [], {}, [[]], { _eq: null }, 'Book', '\ud800', 'x'.repeat(20_000), deep]
  return oneIn(3, random) ? someText(40, random) : pick<unknown>(values, random)
}

const WORDS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '(',
  ')',
  ':',
  ',',
  '\\u0000',
  '_docID',
  'null',
  '__proto__',
  '99999999999999999999',
  '...',
  '@',
  '$n',
  '#',
  '_and',
  '1e999',
]

function changedText(text: string, random: Random): string {
  const at = random.below(text.length + 1)
  const end = Math.min(text.length, at + random.below(12))
  return pick(
    [
      () => text.slice(0, at),
      () => text.slice(0, at) + text.slice(end),
      () => text.slice(0, at) + pick(WORDS, random) + text.slice(at),
      () => text.slice(0, at) + pick(WORDS, random) + text.slice(end),
      () => text.slice(0, at) + text.slice(at, end).repeat(3) + text.slice(end),
      () => text.slice(0, at) + someText(10, random) + text.slice(end),
      () => text.slice(0, at) + pick(['{a', '[', '{"a":', '('], random).repeat(pick([3, 600, 30_000], random)) + text.slice(at),
    ],
    random,
  )()
}

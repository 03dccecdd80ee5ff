import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { openHttpDatabase } from './client.ts'
import { serveInProcess } from './http.testkit.ts'

const SCHEMA = `type Author { name: String  books: [Book] }
type Book { title: String  pages: Int  rating: Float  tags: [String!]  info: JSON  cover: Blob  printed: DateTime  sold: Int @crdt(type: pncounter)  author: Author }`

const BOOK = {
  title: 'Tides “and” ☂',
  pages: 9_007_199_254_740_993n,
  rating: 4.5,
  tags: ['sea', 'wind'],
  info: { shelf: { row: 3 }, loans: [1, null] },
  cover: '00ff',
  printed: '2024-02-29T12:30:00Z',
  sold: 2,
}

describe('a database over HTTP', () => {
  it('gives the documents that the database gives, every kind of value', async () => {
    await using node = await serveInProcess(SCHEMA)
    const { local, remote } = node
    const [author] = await remote.collection('Author').create([{ name: 'Iris' }])
    const docID = await remote.collection<object>('Book').create({ ...BOOK, author })
    const expected = await local.collection('Book').get(docID)
    expect(expected).toMatchObject({ ...BOOK, author_id: author })
    expect(await remote.collection('Book').get(docID)).toEqual(expected)
    const query = '{ Book { _docID title pages rating tags info cover printed sold author { name } } }'
    expect(await remote.execute(query)).toEqual(await local.execute(query))
  })

  it('updates and deletes one document and many', async () => {
    await using node = await serveInProcess('type Note { title: String  votes: Int @crdt(type: pncounter) }')
    const notes = node.remote.collection('Note')
    const ids = await notes.create([{ title: 'a' }, { title: 'b' }, { title: 'c' }])
    const [first = '', second = ''] = ids
    await notes.update(first, { votes: 3 })
    await notes.update(first, { votes: -1 })
    expect(await notes.get(first)).toMatchObject({ votes: 2 })
    expect(await notes.updateMany({ title: { _in: ['a', 'b'] } }, { title: 'd' })).toHaveLength(2)
    expect(await notes.delete(second)).toBe(true)
    expect(await notes.delete(second)).toBe(false)
    expect(await notes.get(second)).toBeUndefined()
    expect(await notes.get(second, { showDeleted: true })).toMatchObject({ _docID: second })
    expect(await notes.deleteMany({ title: { _eq: 'c' } })).toHaveLength(1)
    expect(await Array.fromAsync(notes.docIDs())).toEqual([first])
  })

  it('passes variables and the name of the operation', async () => {
    await using node = await serveInProcess('type Note { stars: Int }')
    await node.remote.collection('Note').create([{ stars: 1 }, { stars: 5 }])
    const text = 'query Few { Note { stars } } query Many($least: Int) { Note(filter: { stars: { _ge: $least } }) { stars } }'
    const { data } = await node.remote.execute(text, { operationName: 'Many', variables: { least: 2 } })
    expect(data).toEqual({ Note: [{ stars: 5 }] })
  })

  it('throws what the database throws, with its code, message and details', async () => {
    await using node = await serveInProcess('type Note { title: String @index(unique: true) }')
    const { local, remote } = node
    await remote.collection('Note').create({ title: 'a' })
    const cases = [
      (db: typeof local) => db.collection('Nothing').get('bae-1'),
      (db: typeof local) => db.collection('Note').create({ title: 'a' }),
      (db: typeof local) => db.collection('Note').create({ colour: 'red' }),
      (db: typeof local) => db.collection('Note').update('bae-00000000-0000-5000-8000-000000000000', { title: 'x' }),
      (db: typeof local) => db.schema.add('type Note { title: String }'),
      (db: typeof local) => db.schema.add('nonsense'),
      (db: typeof local) => db.schema.setActive('bafynothing'),
      (db: typeof local) => db.indexes.drop('Note', 'none'),
      (db: typeof local) => db.p2p.info(),
    ]
    for (const run of cases) {
      const here = await failureOf(async () => run(local))
      const there = await failureOf(async () => run(remote))
      expect(there).toEqual(here)
    }
    expect(await remote.execute('{ Nope }')).toEqual(await local.execute('{ Nope }'))
  })

  it('describes, adds and patches schemas, collections and indexes in the form of the interface', async () => {
    await using node = await serveInProcess(SCHEMA)
    const { local, remote } = node
    expect(await remote.schema.describe()).toEqual(await local.schema.describe())
    const [book] = await local.schema.describe({ name: 'Book' })
    expect(await remote.schema.describe({ versionID: book?.VersionID ?? '' })).toEqual([book])
    expect(await remote.collections.describe({ name: 'Book' })).toEqual(await local.collections.describe({ name: 'Book' }))
    const added = await remote.schema.add('type Shop { city: String }')
    expect(added).toEqual(await local.collections.describe({ name: 'Shop' }))

    const patched = await remote.schema.patch([{ op: 'add', path: '/Shop/Fields/-', value: { Name: 'zip', Kind: 'String' } }])
    expect(patched.filter(({ isActive, name }) => isActive && name === 'Shop')).toEqual(await local.collections.describe({ name: 'Shop' }))
    await remote.schema.setActive(added[0]?.versionId ?? '')
    expect(await local.collections.describe({ name: 'Shop' })).toHaveLength(1)
    expect(await remote.collections.describe({ name: 'Shop', includeInactive: true })).toHaveLength(2)

    const made = await remote.indexes.create('Shop', { name: 'by_city', fields: [{ name: 'city', descending: true }] })
    expect(await local.indexes.list('Shop')).toEqual([made])
    expect(await remote.indexes.list()).toEqual(await local.indexes.list())
    expect(await remote.indexes.list('Shop')).toEqual([made])
    expect(await remote.indexes.violations()).toEqual([])
    await remote.indexes.drop('Shop', 'by_city')
    expect(await local.indexes.list('Shop')).toEqual([])
  })

  it('keeps what a transaction does to itself until it is committed', async () => {
    await using node = await serveInProcess('type Account { balance: Int }')
    const { local, remote } = node
    const tx = await remote.beginTransaction()
    const docID = await tx.collection('Account').create({ balance: 1 })
    expect(await tx.execute('{ Account { balance } }')).toEqual({ data: { Account: [{ balance: 1 }] } })
    expect(await local.collection('Account').get(docID)).toBeUndefined()
    await tx.commit()
    expect(await local.collection('Account').get(docID)).toMatchObject({ balance: 1 })
    await expect(tx.commit()).rejects.toMatchObject({ code: 'NOT_FOUND', details: { what: 'transaction' } })

    await expect(
      remote.transaction(async (inside) => {
        await inside.collection('Account').update(docID, { balance: 5 })
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    expect(await local.collection('Account').get(docID)).toMatchObject({ balance: 1 })

    const readOnly = await remote.beginTransaction({ readOnly: true })
    await expect(readOnly.collection('Account').create({ balance: 2 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    await readOnly.discard()
    await readOnly.discard()
  })

  it('runs a transaction again that lost against another writer', async () => {
    await using node = await serveInProcess('type Account { balance: Int }')
    const { local, remote } = node
    const docID = await local.collection('Account').create({ balance: 1 })
    let runs = 0
    await remote.transaction(async (tx) => {
      const account = await tx.collection<{ balance: number }>('Account').get(docID)
      if (runs++ === 0) await local.collection('Account').update(docID, { balance: 10 })
      await tx.collection('Account').update(docID, { balance: (account?.balance ?? 0) + 1 })
    })
    expect(runs).toBe(2)
    expect(await local.collection('Account').get(docID)).toMatchObject({ balance: 11 })
  })

  it('goes on with a transaction that another client has begun', async () => {
    await using node = await serveInProcess('type Account { balance: Int }')
    const begun = await node.remote.beginTransaction()
    const id = node.remote.transactionID(begun) ?? ''
    const resumed = node.remote.resumeTransaction(id)
    await resumed.collection('Account').create({ balance: 7 })
    await begun.commit()
    expect(await node.local.execute('{ Account { balance } }')).toEqual({ data: { Account: [{ balance: 7 }] } })
  })

  it('watches a query, and ends when the loop is left', async () => {
    await using node = await serveInProcess('type Note { title: String }')
    const { local, remote } = node
    const seen: unknown[] = []
    for await (const { data } of remote.watch('{ Note { title } }')) {
      seen.push(data?.['Note'])
      if (seen.length === 1) await local.collection('Note').create({ title: 'new' })
      else break
    }
    expect(seen).toEqual([[], [{ title: 'new' }]])
  })

  it('subscribes to changes, and tells what is wrong with a request as its only result', async () => {
    await using node = await serveInProcess('type Note { title: String }')
    const { local, remote } = node
    const changes = remote.subscribe('subscription { Note { title } }')[Symbol.asyncIterator]()
    const first = changes.next()
    // The stream stands once its first bytes are there; writing again until then loses nothing the test looks at.
    const writing = setInterval(() => void local.collection('Note').create({ title: `n${Math.random()}` }), 5)
    try {
      expect(await first).toMatchObject({ value: { data: { Note: [{ title: expect.stringMatching(/^n0/) }] } } })
    } finally {
      clearInterval(writing)
    }
    await changes.return?.()
    const wrong = await Array.fromAsync(remote.subscribe('subscription { Nope { title } }'))
    expect(wrong).toHaveLength(1)
    expect(wrong[0]?.errors?.[0]?.message).toContain('Nope')
  })

  it('tells of events from the first listener on', async () => {
    await using node = await serveInProcess('type Note { title: String }')
    const { local, remote } = node
    const event = new Promise<unknown>((resolve) => {
      remote.events.addEventListener('update', ({ detail }) => resolve(detail), { once: true })
    })
    const writing = setInterval(() => void local.collection('Note').create({ title: `n${Math.random()}` }), 5)
    try {
      expect(await event).toMatchObject({ collection: 'Note', docID: expect.stringMatching(/^bae-/), cid: expect.stringMatching(/^baf/) })
    } finally {
      clearInterval(writing)
    }
  })

  it('calls a given `fetch` as a function, which browsers insist on, and tells when its stream of events begins and breaks', async () => {
    await using node = await serveInProcess('type Note { title: String }')
    const owners = new Set<unknown>()
    const told: boolean[] = []
    const broken = Promise.withResolvers<void>()
    const fetch = function (this: unknown, address: string | URL | Request, init?: RequestInit): Promise<Response> {
      owners.add(this)
      return node.handler.handle(new Request(address, init))
    }
    const onEvents = (isOpen: boolean): void => {
      told.push(isOpen)
      if (isOpen) void node.handler.close()
      else broken.resolve()
    }
    await using remote = openHttpDatabase({ fetch, onEvents })
    remote.events.addEventListener('schema', () => {})
    await broken.promise
    expect(told).toEqual([true, false])
    expect([...owners]).toEqual([undefined])
  })

  it('gives the status, and the identity of the node if it has one', async () => {
    const identity = { PublicKey: '02ab', DID: 'did:key:z6Mk' }
    await using node = await serveInProcess('type Note { title: String }', { identity })
    expect(await node.remote.status()).toEqual(await node.local.status())
    expect(await node.remote.identity()).toEqual(identity)
    await using anonymous = await serveInProcess(undefined)
    expect(await anonymous.remote.identity()).toBeUndefined()
  })

  it('purges only where that is allowed', async () => {
    await using careful = await serveInProcess(undefined)
    await expect(careful.remote.purge()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    let purged = 0
    await using node = await serveInProcess(undefined, { purge: async () => void purged++ })
    await node.remote.purge()
    expect(purged).toBe(1)
  })

  it('ends with its signal: a call is aborted, a stream ends', async () => {
    await using node = await serveInProcess('type Note { title: String }')
    const stop = new AbortController()
    stop.abort()
    await expect(node.remote.collection('Note').create({ title: 'a' }, { signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    const later = new AbortController()
    const results: unknown[] = []
    for await (const result of node.remote.watch('{ Note { title } }', { signal: later.signal })) {
      results.push(result)
      later.abort()
    }
    expect(results).toHaveLength(1)
  })

  it('says where nobody answers, and that it is closed', async () => {
    await using away = openHttpDatabase({ url: '127.0.0.1:1' })
    await expect(away.status()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('no WarrenDB node answers at http://127.0.0.1:1'),
    })
    await away.close()
    await expect(away.status()).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => openHttpDatabase({ url: 'ftp://x' })).toThrow('is no address of a node')
  })
})

async function failureOf(run: () => Promise<unknown>): Promise<object> {
  try {
    await run()
  } catch (error) {
    if (isFailure(error)) return { code: error.code, message: error.message, details: error.details }
    throw error
  }
  throw new Error('it did not fail')
}

describe('backups over HTTP', () => {
  it('go out and come in as they do in process, with progress', async () => {
    await using from = await serveInProcess(SCHEMA)
    await using to = await serveInProcess(SCHEMA)
    const [author] = await from.local.collection('Author').create([{ name: 'Iris' }])
    await from.local.collection<object>('Book').create({ ...BOOK, author })
    const told: unknown[] = []
    const onProgress = (progress: unknown): unknown => told.push(progress)
    const pieces = await Array.fromAsync(from.remote.backup.export({ onProgress }))
    expect(pieces.join('')).toBe((await Array.fromAsync(from.local.backup.export())).join(''))
    expect(told.at(-1)).toEqual({ done: 2, total: 2 })
    const plain = await from.ask('/api/v0/backup?collections=Author&pretty=true')
    expect(await plain.text()).toBe((await Array.fromAsync(from.local.backup.export({ collections: ['Author'], pretty: true }))).join(''))

    told.length = 0
    expect(await to.remote.backup.import(pieces.join(''), { onProgress })).toEqual({ documents: 2 })
    expect(told.length).toBeGreaterThan(0)
    expect(await to.local.execute('{ Book { pages author { name } } }')).toEqual({
      data: { Book: [{ pages: BOOK.pages, author: { name: 'Iris' } }] },
    })
    await expect(to.remote.backup.import(pieces.join(''))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await expect(to.remote.backup.import('{"Book": [')).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' })
    await expect(Array.fromAsync(to.remote.backup.export({ collections: ['Nope'] }))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await to.ask('/api/v0/backup?collections=Nope')).status).toBe(404)
  })
})

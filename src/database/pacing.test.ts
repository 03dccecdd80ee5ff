import { describe, expect, it } from 'vitest'

import { completeLimits } from '../query/limits.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { countedPacing, type CountedPacing } from '../util/pacer.testkit.ts'
import { WORTH_A_LOOK } from '../util/pacer.ts'
import { deliver, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'
import type { Database } from './database.ts'
import { ROWS_PER_COMMIT } from './write-documents.ts'

const NOTES = 'type Note @branchable { title: String n: Int }'
const COUNT = 200

const notes = (count = COUNT): readonly { title: string; n: number }[] =>
  Array.from({ length: count }, (_, index) => ({ title: `note ${index}`, n: index }))

const CREATE = 'mutation ($input: [NoteMutationInputArg!]!) { create_Note(input: $input) { _docID } }'

interface Watched extends TestNode {
  readonly db: Database
  readonly store: ReturnType<typeof watchedStore>
}

async function aNode(pacing: CountedPacing): Promise<Watched> {
  const store = watchedStore(await openMemoryStore())
  return { ...(await openTestNode(NOTES, { store, pacing })), store }
}

/** A node, and a signal that fires in the rest of its that `stopAfter` counts to; `readsThen` are the reads of the storage until that moment. */
async function aStoppedNode(): Promise<Watched & { readonly signal: AbortSignal; stopAfter(rests: number): void; readsThen(): number }> {
  const controller = new AbortController()
  let stopAt = Number.POSITIVE_INFINITY
  let readsThen = 0
  const pacing = countedPacing((rests) => {
    if (rests !== stopAt) return
    controller.abort()
    readsThen = node.store.reads
  })
  const node = await aNode(pacing)
  return {
    ...node,
    signal: controller.signal,
    stopAfter: (rests) => {
      stopAt = pacing.rests + rests
    },
    readsThen: () => readsThen,
  }
}

/** Rests for so many rows, when every look rests. */
const restsFor = (rows: number): number => Math.floor(rows / WORTH_A_LOOK)

/** A write of many documents; it begins with them there unless it makes them. */
const WRITES: readonly (readonly [string, 'empty' | 'filled', (db: Database, signal?: AbortSignal) => Promise<unknown>])[] = [
  ['create', 'empty', (db, signal) => db.collection('Note').create(notes(), signal === undefined ? {} : { signal })],
  ['updateMany', 'filled', (db, signal) => db.collection('Note').updateMany({}, { title: 'x' }, signal === undefined ? {} : { signal })],
  ['deleteMany', 'filled', (db, signal) => db.collection('Note').deleteMany({}, signal === undefined ? {} : { signal })],
  ['a create mutation', 'empty', (db, signal) => run(db, CREATE, signal, { input: notes() })],
  ['an update mutation', 'filled', (db, signal) => run(db, 'mutation { update_Note(input: {title: "x"}) { _docID } }', signal)],
  ['a delete mutation', 'filled', (db, signal) => run(db, 'mutation { delete_Note { _docID } }', signal)],
]

/** Rejects with what a result reports. */
async function run(db: Database, request: string, signal?: AbortSignal, variables = {}): Promise<unknown> {
  const { data, errors = [] } = await db.execute(request, { variables, ...(signal === undefined ? {} : { signal }) })
  if (errors.length > 0) expect(data).toBeNull()
  for (const { message, extensions } of errors) throw Object.assign(new Error(message), { code: extensions?.code })
  return data
}

describe('a write of many documents', () => {
  it.each(WRITES)('rests at every few of them: %s', async (_write, before, write) => {
    const pacing = countedPacing()
    const { db } = await aNode(pacing)
    if (before === 'filled') await db.collection('Note').create(notes())
    const rested = pacing.rests
    await write(db)
    // Each is made, its three changes are put with the others of the batch, and its event is sent.
    expect(pacing.rests - rested).toBeGreaterThanOrEqual(restsFor(COUNT * ROWS_PER_COMMIT) + restsFor(COUNT * 3) + restsFor(COUNT))
  })

  it.each(WRITES)('stores nothing when it is aborted: %s', async (_write, before, write) => {
    for (const last of [1, 40]) {
      const { db, store, signal, stopAfter, readsThen } = await aStoppedNode()
      if (before === 'filled') await db.collection('Note').create(notes())
      const { applies } = store
      const all = await db.execute('{ Note(showDeleted: true) { title n _deleted } }')
      stopAfter(last)
      await expect(write(db, signal)).rejects.toMatchObject({ code: 'ABORTED' })
      expect(store.reads).toBe(readsThen())
      expect(store.applies).toBe(applies)
      expect(await db.execute('{ Note(showDeleted: true) { title n _deleted } }')).toEqual(all)
      // The writer goes on with the next.
      await db.collection('Note').create({ title: 'after', n: -1 })
      expect(store.applies).toBe(applies + 1)
    }
  })

  it('rests when many single ones share a batch', async () => {
    const pacing = countedPacing()
    const { db, store } = await aNode(pacing)
    const { applies } = store
    await Promise.all(notes().map((note) => db.collection('Note').create(note)))
    expect(store.applies).toBe(applies + 1)
    expect(pacing.rests).toBeGreaterThanOrEqual(restsFor(COUNT * 3))
  })

  it('keeps its place before what was called after it', async () => {
    const { db } = await aNode(countedPacing())
    const [first = ''] = await db.collection('Note').create(notes(1))
    const done: string[] = []
    await Promise.all([
      db
        .collection('Note')
        .create(notes().slice(1))
        .then(() => done.push('many')),
      db
        .collection('Note')
        .update(first, { n: 7 })
        .then(() => done.push('one')),
      db.execute('mutation { update_Note(filter: {n: {_gt: 7}}, input: {title: "late"}) { _docID } }').then(() => done.push('mutation')),
    ])
    expect(done).toEqual(['many', 'one', 'mutation'])
    expect((await db.execute('{ _count(Note: {filter: {title: {_eq: "late"}}}) }')).data).toEqual({ _count: COUNT - 8 })
  })

  it('rests in the commit of a transaction and in a merge', async () => {
    const pacing = countedPacing()
    const from = await aNode(pacing)
    await from.db.transaction(async (transaction) => {
      await transaction.collection('Note').create(notes())
      pacing.mark()
    })
    expect(pacing.sinceMark).toBeGreaterThanOrEqual(2 * restsFor(COUNT * 3) + restsFor(COUNT))
    const merging = countedPacing()
    const to = await aNode(merging)
    await deliver(from, to)
    expect(merging.rests).toBeGreaterThanOrEqual(restsFor(COUNT * ROWS_PER_COMMIT) + restsFor(COUNT * 2))
    expect(await to.db.execute('{ Note { title } }')).toEqual(await from.db.execute('{ Note { title } }'))
  })
})

describe('an index', () => {
  it('is built and dropped in slices', async () => {
    const pacing = countedPacing()
    const { db } = await aNode(pacing)
    await db.collection('Note').create(notes())
    const before = pacing.rests
    await db.indexes.create('Note', { name: 'by_n', fields: [{ name: 'n' }] })
    // Each document is decoded, its entry is made, and put with the others of the batch.
    expect(pacing.rests - before).toBeGreaterThanOrEqual(3 * restsFor(COUNT))
    const built = pacing.rests
    await db.indexes.drop('Note', 'by_n')
    expect(pacing.rests - built).toBeGreaterThanOrEqual(restsFor(COUNT))
  })

  it('is not there when building it was aborted', async () => {
    const { db, store, signal, stopAfter } = await aStoppedNode()
    await db.collection('Note').create(notes())
    const { applies } = store
    stopAfter(5)
    const building = db.indexes.create('Note', { fields: [{ name: 'n' }] }, { signal })
    await expect(building).rejects.toMatchObject({ code: 'ABORTED' })
    expect(store.applies).toBe(applies)
    expect(await db.indexes.list('Note')).toEqual([])
  })
})

describe('a query', () => {
  it.each(['{ Note { title } }', '{ Note(order: {n: DESC}) { title } }', '{ Note { _version { links { cid } } } }', '{ commits { cid } }'])(
    'reads nothing more from the storage once it is aborted: %s',
    async (request) => {
      for (const last of [1, 14, 25]) {
        const { db, store, signal, stopAfter, readsThen } = await aStoppedNode()
        await db.collection('Note').create(notes())
        const before = store.reads
        stopAfter(last)
        expect(await db.execute(request, { signal })).toEqual({
          data: null,
          errors: [{ message: 'the request was aborted', extensions: { code: 'ABORTED' } }],
        })
        expect(store.reads).toBe(readsThen())
        expect(readsThen()).toBeGreaterThan(before)
      }
    },
  )

  it('reads nothing at all when it was aborted before', async () => {
    const { db, store } = await aNode(countedPacing())
    const { reads } = store
    const { errors } = await db.execute('{ Note { title } }', { signal: AbortSignal.abort() })
    expect(errors?.[0]?.extensions?.code).toBe('ABORTED')
    expect(store.reads).toBe(reads)
  })

  it('opens the history of one document in slices', async () => {
    const pacing = countedPacing()
    const { db } = await aNode(pacing)
    const docID = await db.collection('Note').create({ title: 'old', n: 0 })
    for (let n = 1; n < COUNT; n++) await db.collection('Note').update(docID, { n })
    const rested = pacing.rests
    expect((await db.execute(`{ commits(docID: "${docID}", fieldName: "n") { height } }`)).data).toMatchObject({
      commits: { length: COUNT },
    })
    // Opened, walked, shown.
    expect(pacing.rests - rested).toBeGreaterThanOrEqual(3 * restsFor(COUNT))
  })
})

describe('reading one document by its ID', () => {
  it('reads one record, however many there are', async () => {
    const records: number[] = []
    const store = watchedStore(await openMemoryStore())
    const { getMany, get } = store
    store.getMany = async (keys) => {
      records.push(keys.length)
      return getMany(keys)
    }
    store.get = async (key) => {
      records.push(1)
      return get(key)
    }
    const { db } = await openTestNode(NOTES, { store })
    const ids = await db.collection('Note').create(notes())
    const id = ids[17] ?? ''
    const reads: Readonly<Record<string, () => Promise<unknown>>> = {
      'the argument docID': () => db.execute(`{ Note(docID: "${id}") { n } }`),
      'a filter on _docID': () => db.execute(`{ Note(filter: {_docID: {_eq: "${id}"}, n: {_ge: 0}}) { n } }`),
      'collection.get': () => db.collection('Note').get(id),
    }
    for (const [name, read] of Object.entries(reads)) {
      records.length = 0
      const { scans } = store
      expect(JSON.stringify(await read()), name).toContain('"n":17')
      expect([records, store.scans - scans], name).toEqual([[1], 0])
    }
  })
})

describe('queryLimits of a database', () => {
  it('hold for its requests, also after its collections changed', async () => {
    const { db } = await openTestNode(NOTES, { queryLimits: completeLimits({ resultDocuments: 2 }) })
    await db.schema.add('type Other { name: String }')
    await db.collection('Note').create(notes(3))
    const { errors } = await db.execute('{ Note { title } }')
    expect(errors?.[0]?.extensions).toEqual({ code: 'LIMIT_EXCEEDED', limit: 'resultDocuments', allowed: 2, found: 3 })
    expect(await db.execute('{ Note(limit: 2) { title } }')).not.toHaveProperty('errors')
  })

  it('that a mutation goes beyond, store nothing', async () => {
    const { db } = await openTestNode(NOTES, { queryLimits: completeLimits({ resultDocuments: 2 }) })
    const { data, errors } = await db.execute(CREATE, { variables: { input: notes(3) } })
    expect([data, errors?.[0]?.extensions?.code]).toEqual([null, 'LIMIT_EXCEEDED'])
    expect((await db.execute('{ Note { title } }')).data).toEqual({ Note: [] })
  })
})

import { describe, expect, it } from 'vitest'

import { keys } from '../document/keys.ts'
import { decodeRecord, encodeRecord } from '../document/record-codec.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { openCollection } from './collection.ts'
import { deliver, keptOpen, watchedStore } from './database.testkit.ts'
import { openEngineCore } from './engine.ts'
import { follow, openSettlingNode, settled } from './follower.testkit.ts'
import { addSchema } from './schema-api.ts'
import { databaseSession } from './session.ts'
import { watch } from './watch.ts'

const NOTES = 'type Note { title: String stars: Int }'
const BOOKS = 'type Author { name: String books: [Book] } type Book { title: String author: Author }'

describe('a watched query', () => {
  it('gives its result, and again when a change touches it', async () => {
    const { db } = await openSettlingNode(NOTES)
    const notes = db.collection('Note')
    const [a = '', b = ''] = await notes.create([
      { title: 'a', stars: 1 },
      { title: 'b', stars: 5 },
    ])
    const watched = follow(db.watch('{ Note(filter: {stars: {_gt: 3}}, order: {title: ASC}) { title } }'))
    await settled()
    expect(watched.results).toEqual([{ data: { Note: [{ title: 'b' }] } }])
    await notes.update(a, { stars: 4 })
    await settled()
    expect(watched.last).toEqual({ data: { Note: [{ title: 'a' }, { title: 'b' }] } })
    await notes.update(b, { title: '0' })
    await settled()
    expect(watched.last).toEqual({ data: { Note: [{ title: '0' }, { title: 'a' }] } })
    await notes.delete(a)
    await settled()
    expect(watched.last).toEqual({ data: { Note: [{ title: '0' }] } })
    expect(watched.results.length).toBe(4)
  })

  it('is asked for as any other query is: with fragments, variables, an operation and several fields', async () => {
    const { db } = await openSettlingNode(NOTES)
    const query = `
      query other { Note { title } }
      query wanted($least: Int) { few: Note(filter: {stars: {_ge: $least}}) { ...shown } _count(Note: {}) __type(name: "Note") { name } }
      fragment shown on Note { __typename name: title }
    `
    const watched = follow(db.watch(query, { operationName: 'wanted', variables: { least: 2 } }))
    await settled()
    await db.collection('Note').create([
      { title: 'a', stars: 1 },
      { title: 'b', stars: 2 },
    ])
    await settled()
    expect(watched.results.map(({ data }) => data)).toEqual([
      { few: [], _count: 0, __type: { name: 'Note' } },
      { few: [{ __typename: 'Note', name: 'b' }], _count: 2, __type: { name: 'Note' } },
    ])
  })

  it('says nothing of changes that leave the result as it is', async () => {
    const { db } = await openSettlingNode(`${NOTES} ${BOOKS}`)
    const [a = ''] = await db.collection('Note').create([{ title: 'a', stars: 1 }])
    const titles = follow(db.watch('{ Note { title } }'))
    const joined = follow(db.watch('{ Author { name books { title } } }'))
    await settled()
    await db.collection('Note').update(a, { stars: 2 })
    await db.collection('Note').update(a, { title: 'a' })
    await db.collection('Book').create({ title: 'of nobody' })
    await settled()
    expect([titles.results.length, joined.results.length]).toEqual([1, 1])
  })

  it('shows the objects of untouched documents again', async () => {
    const { db } = await openSettlingNode(NOTES)
    const [a = ''] = await db.collection('Note').create([{ title: 'a' }, { title: 'b' }])
    const watched = follow(db.watch('{ Note(order: {title: ASC}) { title stars } }'))
    await settled()
    await db.collection('Note').update(a, { stars: 1 })
    await settled()
    const [before, after] = watched.results.map(({ data }) => data?.['Note'] as readonly unknown[])
    expect(after?.[0]).not.toBe(before?.[0])
    expect(after?.[1]).toBe(before?.[1])
  })

  it('takes in merges, and transactions as one change', async () => {
    const [here, there] = [await openSettlingNode(NOTES), await openSettlingNode(NOTES)]
    const watched = follow(here.db.watch('{ Note(order: {title: ASC}) { title } }'))
    await settled()
    await here.db.transaction(async (tx) => {
      await tx.collection('Note').create({ title: 'b' })
      await tx.collection('Note').create({ title: 'c' })
    })
    await settled()
    await there.db.collection('Note').create({ title: 'a' })
    await deliver(there, here)
    await settled()
    expect(watched.results.map(({ data }) => data?.['Note'])).toEqual([
      [],
      [{ title: 'b' }, { title: 'c' }],
      [{ title: 'a' }, { title: 'b' }, { title: 'c' }],
    ])
  })

  it('shows one state in all of its fields', async () => {
    const { db } = await openSettlingNode(BOOKS)
    const watched = follow(db.watch('{ Book { _docID } Author { _count(books: {}) } all: _count(Book: {}) }'))
    const author = await db.collection('Author').create({ name: 'x' })
    const creating: Promise<string>[] = []
    for (let turn = 0; turn < 20; turn++) {
      creating.push(db.collection('Book').create({ title: `${turn}`, author }))
      if (turn % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(creating)
    await settled()
    for (const { data } of watched.results) {
      const { Book: books, all, Author: authors } = data as { Book: readonly object[]; all: number; Author: readonly { _count: number }[] }
      expect(all).toBe(books.length)
      expect(authors[0]?._count ?? 0).toBe(books.length)
    }
    expect(watched.last?.data).toMatchObject({ all: 20 })
    expect(watched.results.length).toBeGreaterThan(2)
  })

  it('misses nothing that is stored while it begins to read', async () => {
    const core = await openEngineCore(await openMemoryStore())
    const session = databaseSession(core)
    await addSchema(session, NOTES, 'refuse')
    let opened = 0
    const slow: typeof core = {
      ...core,
      snapshots: {
        ...core.snapshots,
        open: async (atOnce) => {
          const snapshot = await core.snapshots.open(atOnce)
          opened += 1
          if (opened <= 4) await openCollection<object>(session, 'Note').create({ title: `${opened}` })
          return snapshot
        },
      },
    }
    const query = '{ Note { title } history: commits(fieldName: "_C") { height } }'
    const watched = follow(watch(slow, query, {}, new AbortController().signal))
    await settled()
    await watched.leave()
    // The history makes it read a snapshot for each change.
    expect([opened, watched.results.length]).toEqual([5, 5])
    for (const [index, { data }] of watched.results.entries()) {
      expect([data?.['Note'], data?.['history']].map((list) => (list as readonly unknown[]).length)).toEqual([index, index])
    }
  })

  it('gives a slow reader the latest state alone', async () => {
    const { db } = await openSettlingNode(NOTES)
    const iterator = db.watch('{ _count(Note: {}) }')[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toEqual({ data: { _count: 0 } })
    for (let turn = 0; turn < 5; turn++) await db.collection('Note').create({ title: `${turn}` })
    expect((await iterator.next()).value).toEqual({ data: { _count: 5 } })
    await iterator.return?.()
  })

  it('reads everything again for a reader who was away for longer than changes are kept', async () => {
    const store = watchedStore(await openMemoryStore())
    const { db } = await openSettlingNode(NOTES, { store })
    const iterator = db.watch('{ _count(Note: {}) }')[Symbol.asyncIterator]()
    await iterator.next()
    await db.collection('Note').create(Array.from({ length: 10_001 }, (_, index) => ({ title: `${index}` })))
    const { scans } = store
    expect((await iterator.next()).value).toEqual({ data: { _count: 10_001 } })
    expect(store.scans).toBeGreaterThan(scans)
    await iterator.return?.()
  })

  it('follows the collections: a new field can be watched for, and a field that goes is an error', async () => {
    const { db } = await openSettlingNode(NOTES)
    await db.collection('Note').create({ title: 'a' })
    const [version] = await db.collections.describe({ name: 'Note' })
    await db.schema.patch([{ op: 'add', path: '/Note/Fields/-', value: { Name: 'done', Kind: 'Boolean' } }])
    const watched = follow(db.watch('{ Note { title done } }'))
    await settled()
    await db.execute('mutation { update_Note(input: {done: true}) { title } }')
    await settled()
    expect(watched.results.map(({ data }) => data?.['Note'])).toEqual([[{ title: 'a', done: null }], [{ title: 'a', done: true }]])
    await db.schema.setActive(version?.versionId ?? '')
    await settled()
    expect(watched.last?.errors?.[0]?.message).toMatch(/done/)
    expect(watched.isOver).toBe(true)
  })
})

describe('a query that cannot be watched', () => {
  it.each([
    ['{ Nota { title } }', /Cannot query field "Nota"/],
    ['{ Note { title ', /Syntax Error/],
    ['mutation { create_Note(input: {title: "a"}) { title } }', /only a query can be watched; a mutation is for "execute"/],
    ['subscription { Note { title } }', /only a query can be watched; a subscription is for "subscribe"/],
    ['{ Note(limit: -1) { title } }', /"limit" counts from 0/],
  ])('%s has that as its only result', async (query, message) => {
    const { db } = await openSettlingNode(NOTES)
    const watched = follow(db.watch(query))
    await settled()
    expect(watched.isOver).toBe(true)
    expect(watched.results.map(({ errors }) => errors?.[0]?.message)).toEqual([expect.stringMatching(message)])
    expect(await db.execute('{ Note { title } }')).toEqual({ data: { Note: [] } })
  })

  it('is told apart from a value that cannot be read, which stands in the errors until it can', async () => {
    const store = await openMemoryStore()
    const first = await openSettlingNode(NOTES, { store: keptOpen(store) })
    const [collectionId = ''] = first.replica.collectionIds()
    const [bad = ''] = await first.db.collection('Note').create([{ title: 'bad', stars: 1 }, { title: 'good' }])
    await first.db.close()
    const key = keys.document(collectionId, bad)
    const record = decodeRecord((await store.get(key)) ?? new Uint8Array())
    const title = record.fields.get('title')
    const fields = new Map([...record.fields, ['title', { data: Uint8Array.of(0xff), priority: 1, heads: title?.heads ?? [] }]])
    const { status, schemaVersionId, heads } = record
    await store.apply([{ key, value: encodeRecord({ status, schemaVersionId, heads, fields }) }])

    const { db } = await openSettlingNode(NOTES, { store })
    const shown = follow(db.watch('{ Note { title } }'))
    const ordered = follow(db.watch('{ Note(order: {title: DESC}, limit: 1) { stars } }'))
    await settled()
    const titles = shown.last?.data?.['Note'] as readonly { readonly title: string | null }[]
    expect(titles.map(({ title }) => title).toSorted()).toEqual(['good', null])
    expect(shown.last?.errors).toEqual((await db.execute('{ Note { title } }')).errors)
    expect(shown.last?.errors?.[0]?.path?.[0]).toBe('Note')
    expect(ordered.last).toEqual(await db.execute('{ Note(order: {title: DESC}, limit: 1) { stars } }'))
    expect(ordered.last?.data).toEqual({ Note: null })
    await db.collection('Note').update(bad, { title: 'mended' })
    await settled()
    expect(ordered.last).toEqual({ data: { Note: [{ stars: 1 }] } })
    expect(shown.last?.errors).toBeUndefined()
  })
})

describe('the end of a watched query', () => {
  it('comes when its loop is left, when its signal fires, and when the database closes', async () => {
    const { db } = await openSettlingNode(NOTES)
    const controller = new AbortController()
    const left = follow(db.watch('{ Note { title } }'))
    const aborted = follow(db.watch('{ Note { title } }', { signal: controller.signal }))
    const closed = follow(db.watch('{ Note { title } }'))
    await settled()
    await left.leave()
    controller.abort()
    await settled()
    expect([left.isOver, aborted.isOver, closed.isOver]).toEqual([true, true, false])
    await db.close()
    await settled()
    expect(closed.isOver).toBe(true)
    expect(closed.results.length).toBe(1)
    expect(() => db.watch('{ Note { title } }')).toThrow(/is closed/)
  })

  it('leaves no listener and no snapshot behind', async () => {
    const store = watchedStore(await openMemoryStore())
    const core = await openEngineCore(store)
    await addSchema(databaseSession(core), `${NOTES} ${BOOKS}`, 'refuse')
    const listeners = new Set<unknown>()
    let snapshots = 0
    const counted: typeof core = {
      ...core,
      onStored: (listener) => {
        listeners.add(listener)
        const unlisten = core.onStored(listener)
        return () => {
          listeners.delete(listener)
          unlisten()
        }
      },
      snapshots: {
        ...core.snapshots,
        open: async (atOnce) => {
          const snapshot = await core.snapshots.open(atOnce)
          snapshots += 1
          return {
            ...snapshot,
            release: () => {
              snapshots -= 1
              snapshot.release()
            },
          }
        },
      },
    }
    const open = new AbortController().signal
    const watched = ['{ Note { title } }', '{ Book { author { name } } }', '{ nonsense }', '{ commits { cid } }'].map((query) =>
      follow(watch(counted, query, {}, open)),
    )
    await settled()
    expect([listeners.size, snapshots]).toEqual([3, 0])
    // One is left while it reads.
    const early = watch(counted, '{ Note { title } }', {}, open)[Symbol.asyncIterator]()
    const first = early.next()
    await early.return?.()
    await first
    for (const follower of watched) await follower.leave()
    expect([listeners.size, snapshots]).toEqual([0, 0])
  })
})

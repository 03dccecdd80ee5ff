import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { openTestNode, watchedStore } from './database.testkit.ts'
import { createCatalog } from './catalog.ts'
import { createSnapshots } from './snapshot.ts'

const NOTES = 'type Note { title: String stars: Int }'

describe('a transaction', () => {
  it('sees its own writes, and nobody else does before it is committed', async () => {
    const { db } = await openTestNode(NOTES)
    const tx = await db.beginTransaction()
    const docID = await tx.collection('Note').create({ title: 'mine' })
    expect(await tx.execute('{ Note { title } }')).toEqual({ data: { Note: [{ title: 'mine' }] } })
    expect(await db.execute('{ Note { title } }')).toEqual({ data: { Note: [] } })
    await tx.commit()
    expect(await db.collection('Note').get(docID)).toMatchObject({ title: 'mine' })
  })

  it('sees the state at its beginning, whatever is written meanwhile', async () => {
    const { db } = await openTestNode(NOTES)
    const notes = db.collection('Note')
    const [kept, gone] = await notes.create([{ title: 'a' }, { title: 'b' }])
    const tx = await db.beginTransaction({ readOnly: true })
    await notes.update(kept ?? '', { title: 'changed' })
    await notes.delete(gone ?? '')
    await notes.create({ title: 'new' })
    expect(await tx.execute('{ Note(order: {title: ASC}) { title } }')).toEqual({ data: { Note: [{ title: 'a' }, { title: 'b' }] } })
    expect(await tx.execute('{ Note(order: {title: ASC}, limit: 1) { title } }')).toEqual({ data: { Note: [{ title: 'a' }] } })
    await tx.commit()
    expect(await db.execute('{ Note(order: {title: ASC}) { title } }')).toEqual({
      data: { Note: [{ title: 'changed' }, { title: 'new' }] },
    })
  })

  it('stores all of its writes at once, and tells of them then', async () => {
    const store = watchedStore(await openMemoryStore())
    const { db } = await openTestNode(NOTES, { store })
    const told: string[] = []
    db.events.addEventListener('update', ({ detail }) => told.push(detail.docID))
    const before = store.applies
    const tx = await db.beginTransaction()
    const docID = await tx.collection('Note').create({ title: 'a' })
    await tx.collection('Note').update(docID, { stars: 2 })
    await tx.collection('Note').create({ title: 'b' })
    expect([store.applies - before, told.length]).toEqual([0, 0])
    await tx.commit()
    expect([store.applies - before, told.length]).toEqual([1, 3])
  })

  it('leaves nothing when it is discarded, and can do nothing after its end', async () => {
    const { db, store } = await openTestNode(NOTES)
    const before = await store.scan({})
    const tx = await db.beginTransaction()
    await tx.collection('Note').create({ title: 'never' })
    await tx.discard()
    expect(await store.scan({})).toEqual(before)
    await expect(tx.commit()).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(tx.collection('Note').create({ title: 'late' })).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('keeps what it wrote before a write of it that failed', async () => {
    const { db } = await openTestNode(NOTES)
    await db.transaction(async (tx) => {
      await tx.collection('Note').create({ title: 'good' })
      await expect(tx.collection('Note').create([{ title: 'half' }, { title: 'good' }])).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    })
    expect(await db.execute('{ Note { title } }')).toEqual({ data: { Note: [{ title: 'good' }] } })
  })

  it('loses against a writer who changed what it read', async () => {
    const { db } = await openTestNode(NOTES)
    const docID = await db.collection('Note').create({ title: 'n', stars: 1 })
    const [a, b] = [await db.beginTransaction(), await db.beginTransaction()]
    for (const tx of [a, b]) await tx.collection('Note').update(docID, { stars: 2 })
    await a.commit()
    await expect(b.commit()).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('loses against the change of a document that a query of it gave', async () => {
    const { db } = await openTestNode(NOTES)
    const docID = await db.collection('Note').create({ title: 'seen', stars: 1 })
    const tx = await db.beginTransaction()
    await tx.execute('{ Note { title stars } }')
    await tx.collection('Note').create({ title: 'because of that' })
    await db.collection('Note').update(docID, { stars: 2 })
    await expect(tx.commit()).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('does not lose against a new document that a query of it could not see', async () => {
    const { db } = await openTestNode(NOTES)
    const tx = await db.beginTransaction()
    await tx.execute('{ Note { title } }')
    await tx.collection('Note').create({ title: 'first' })
    await db.collection('Note').create({ title: 'came between' })
    await expect(tx.commit()).resolves.toBeUndefined()
  })

  it('loses when both have created the same document', async () => {
    const { db } = await openTestNode(NOTES)
    const tx = await db.beginTransaction()
    await tx.collection('Note').create({ title: 'same' })
    await db.collection('Note').create({ title: 'same' })
    await expect(tx.commit()).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('does not lose against changes of other documents', async () => {
    const { db } = await openTestNode(NOTES)
    const [one, two] = await db.collection('Note').create([{ title: '1' }, { title: '2' }])
    const tx = await db.beginTransaction()
    await tx.collection('Note').update(one ?? '', { stars: 1 })
    await db.collection('Note').update(two ?? '', { stars: 2 })
    await expect(tx.commit()).resolves.toBeUndefined()
  })

  it('is run again when it lost, until it wins', async () => {
    const { db } = await openTestNode(NOTES)
    const docID = await db.collection('Note').create({ title: 'n', stars: 0 })
    const increment = (): Promise<void> =>
      db.transaction(
        async (tx) => {
          const note = await tx.collection<{ stars: number }>('Note').get(docID)
          await tx.collection('Note').update(docID, { stars: (note?.stars ?? 0) + 1 })
        },
        { retries: 20 },
      )
    await Promise.all(Array.from({ length: 8 }, increment))
    expect(await db.collection('Note').get(docID)).toMatchObject({ stars: 8 })
  })

  it('cannot write when it is read-only', async () => {
    const { db } = await openTestNode(NOTES)
    await db.transaction(
      async (tx) => {
        await expect(tx.collection('Note').create({ title: 'x' })).rejects.toThrow(/read-only/)
        const { errors } = await tx.execute('mutation { create_Note(input: {title: "x"}) { _docID } }')
        expect(errors?.[0]?.message).toMatch(/read-only/)
      },
      { readOnly: true },
    )
  })

  it('can add a schema and use it, unseen until it is committed', async () => {
    const { db } = await openTestNode(NOTES)
    const tx = await db.beginTransaction()
    await tx.schema.add('type Tag { name: String }')
    await tx.collection('Tag').create({ name: 'red' })
    expect(() => db.collection('Tag')).toThrow(/no collection "Tag"/)
    await tx.commit()
    expect(await db.execute('{ Tag { name } }')).toEqual({ data: { Tag: [{ name: 'red' }] } })
  })
})

describe('a snapshot', () => {
  it('has the collections of its state, also when it is opened while they change', async () => {
    const [before, after] = [createCatalog([]), createCatalog([])]
    let catalog = before
    const snapshots = createSnapshots(await openMemoryStore(), () => catalog)
    const key = Uint8Array.of(1)
    const first = await snapshots.open()
    const applied = snapshots.apply([{ key, value: key }], () => {
      catalog = after
    })
    const second = await snapshots.open()
    await applied
    expect(await first.get(key)).toBeUndefined()
    expect(first.catalog).toBe(before)
    expect(second.catalog).toBe(after)
    expect(await second.get(key)).toEqual(key)
  })

  it('equals a copy of the store at its opening, whatever is written and however it is read', async () => {
    const key = fc.nat(7).map((byte) => Uint8Array.of(byte))
    const change = fc.record({ key, value: fc.option(key, { nil: undefined }) })
    const range = fc.record({ from: key, to: key }, { requiredKeys: [] })
    const options = fc.record({ reverse: fc.boolean(), limit: fc.integer({ min: 1, max: 5 }) }, { requiredKeys: [] })
    await fc.assert(
      fc.asyncProperty(fc.array(change), fc.array(fc.array(change)), range, options, async (first, later, scanned, how) => {
        const [store, copy] = [await openMemoryStore(), await openMemoryStore()]
        for (const one of [store, copy]) await one.apply(first)
        const snapshots = createSnapshots(store, () => createCatalog([]))
        const snapshot = await snapshots.open()
        const writing = later.map((changes) => snapshots.apply(changes))
        const during = await snapshot.scan(scanned, how)
        await Promise.all(writing)
        const all = Array.from({ length: 8 }, (_, byte) => Uint8Array.of(byte))
        expect(during).toEqual(await copy.scan(scanned, how))
        expect(await snapshot.scan(scanned, how)).toEqual(await copy.scan(scanned, how))
        expect(await snapshot.getMany(all)).toEqual(await copy.getMany(all))
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'

import { DatabaseError, isFailure } from '../errors.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { openTestNode, watchedStore } from './database.testkit.ts'

const NOTES = 'type Note { title: String stars: Int }'

/** Opens a node whose store can be watched. */
async function aWatchedNode(): Promise<Awaited<ReturnType<typeof openTestNode>> & { readonly watched: ReturnType<typeof watchedStore> }> {
  const watched = watchedStore(await openMemoryStore())
  return { ...(await openTestNode(NOTES, { store: watched })), watched }
}

describe('documents', () => {
  it('come back as they were written', async () => {
    const { db } = await openTestNode(NOTES)
    const notes = db.collection('Note')
    const docID = await notes.create({ title: 'hello', stars: 3 })
    expect(await notes.get(docID)).toEqual({ _docID: docID, title: 'hello', stars: 3 })
    await notes.update(docID, { stars: null })
    expect(await notes.get(docID)).toEqual({ _docID: docID, title: 'hello', stars: null })
    await db.close()
  })

  it('have an ID that follows from their content', async () => {
    const [a, b] = [await openTestNode(NOTES), await openTestNode(NOTES)]
    const note = { title: 'same', stars: 1 }
    expect(await a.db.collection('Note').create(note)).toBe(await b.db.collection('Note').create(note))
  })

  it('cannot be created twice, nor again after they were deleted', async () => {
    const { db } = await openTestNode(NOTES)
    const notes = db.collection('Note')
    const docID = await notes.create({ title: 'once' })
    await expect(notes.create({ title: 'once' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS', details: { id: docID } })
    expect(await notes.delete(docID)).toBe(true)
    expect(await notes.delete(docID)).toBe(false)
    await expect(notes.create({ title: 'once' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    expect(await notes.get(docID)).toBeUndefined()
    expect(await notes.get(docID, { showDeleted: true })).toMatchObject({ title: 'once' })
  })

  it('that are not there cannot be updated', async () => {
    const { db } = await openTestNode(NOTES)
    const docID = 'bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3'
    await expect(db.collection('Note').update(docID, { title: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { id: docID } })
  })

  it('are created all or none', async () => {
    const { db } = await openTestNode(NOTES)
    const notes = db.collection('Note')
    await notes.create({ title: 'b' })
    await expect(notes.create([{ title: 'a' }, { title: 'b' }, { title: 'c' }])).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    expect(await Array.fromAsync(notes.docIDs())).toHaveLength(1)
  })

  it('of an unknown collection are refused with a suggestion', async () => {
    const { db } = await openTestNode(NOTES)
    expect(() => db.collection('Notes')).toThrow(/"Notes".*did you mean "Note"/)
  })
})

describe('writes', () => {
  it('that wait together are stored together', async () => {
    const { db, watched } = await aWatchedNode()
    const before = watched.applies
    await Promise.all(Array.from({ length: 100 }, (_, index) => db.collection('Note').create({ title: `note ${index}` })))
    expect(watched.applies - before).toBeLessThanOrEqual(2)
    expect(await Array.fromAsync(db.collection('Note').docIDs())).toHaveLength(100)
  })

  it('that fail harm none of their neighbours', async () => {
    const { db } = await openTestNode(NOTES)
    const notes = db.collection('Note')
    const outcomes = await Promise.allSettled(['a', 'b', 'a', 'c'].map((title) => notes.create({ title })))
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(await Array.fromAsync(notes.docIDs())).toHaveLength(3)
  })

  it('that the storage refuses leave nothing, and the next one works', async () => {
    const { db, watched } = await aWatchedNode()
    const notes = db.collection('Note')
    watched.failWith = new DatabaseError('STORAGE_FULL', 'no room', {})
    const updates: string[] = []
    db.events.addEventListener('update', ({ detail }) => updates.push(detail.docID))
    await expect(notes.create({ title: 'lost' })).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect(updates).toEqual([])
    watched.failWith = undefined
    const docID = await notes.create({ title: 'lost' })
    expect(updates).toEqual([docID])
    expect(await Array.fromAsync(notes.docIDs())).toEqual([docID])
  })

  it('are told only once they are stored', async () => {
    const { db, store } = await openTestNode(NOTES)
    const seen: Promise<number>[] = []
    db.events.addEventListener('update', () => seen.push(store.scan({}).then((entries) => entries.length)))
    const empty = (await store.scan({})).length
    await db.collection('Note').create({ title: 'told' })
    expect(await Promise.all(seen)).toEqual([empty + 2])
  })
})

describe('requests', () => {
  it('write and read through GraphQL', async () => {
    const { db } = await openTestNode(NOTES)
    const created = await db.execute('mutation { create_Note(input: { title: "one", stars: 5 }) { _docID title } }')
    expect(created.errors).toBeUndefined()
    const found = await db.execute('query { Note(filter: { stars: { _gt: 4 } }) { title stars } }')
    expect(found).toEqual({ data: { Note: [{ title: 'one', stars: 5 }] } })
  })

  it('that write are stored whole or not at all', async () => {
    const { db } = await openTestNode(NOTES)
    const result = await db.execute(
      'mutation { a: create_Note(input: { title: "same" }) { _docID } b: create_Note(input: { title: "same" }) { _docID } }',
    )
    expect(result.errors?.[0]).toMatchObject({ extensions: { code: 'ALREADY_EXISTS' } })
    expect(await db.execute('{ Note { title } }')).toEqual({ data: { Note: [] } })
  })

  it('report a full storage in their errors', async () => {
    const { db, watched } = await aWatchedNode()
    watched.failWith = new DatabaseError('STORAGE_FULL', 'no room', {})
    const result = await db.execute('mutation { create_Note(input: { title: "x" }) { _docID } }')
    expect(result).toEqual({ data: null, errors: [{ message: 'no room', extensions: { code: 'STORAGE_FULL' } }] })
  })
})

describe('a database', () => {
  it('has its collections and documents after it was opened again', async () => {
    const { db, store } = await openTestNode(NOTES)
    const docID = await db.collection('Note').create({ title: 'kept' })
    const again = await openTestNode(NOTES, { store })
    expect(await again.db.collection('Note').get(docID)).toMatchObject({ title: 'kept' })
    expect(await again.db.collections.describe()).toEqual(await db.collections.describe())
  })

  it('refuses a schema that differs from the stored one, and says so', async () => {
    const { store } = await openTestNode(NOTES)
    await expect(openTestNode('type Note { title: String colour: String }', { store })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  })

  it('refuses everything once it is closed', async () => {
    const { db } = await openTestNode(NOTES)
    await db.close()
    await db.close()
    await expect(db.execute('{ Note { title } }')).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => db.collection('Note')).toThrow(/closed/)
  })

  it('stops a write whose signal has fired', async () => {
    const { db } = await openTestNode(NOTES)
    const failure: unknown = await db
      .collection('Note')
      .create({ title: 'x' }, { signal: AbortSignal.abort() })
      .catch((error: unknown) => error)
    expect(isFailure(failure, 'ABORTED')).toBe(true)
  })
})

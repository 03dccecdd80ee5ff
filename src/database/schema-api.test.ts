import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { openTestNode } from './database.testkit.ts'

const NOTES = 'type Note { title: String stars: Int @default(int: 3) }'
const DONE = { op: 'add', path: '/Note/Fields/done', value: { Kind: 'Boolean' } }

describe('a schema patch', () => {
  it('gives documents a field that has no value in those written before', async () => {
    const { db } = await openTestNode(NOTES)
    const before = await db.collection('Note').create({ title: 'before' })
    await db.schema.patch([DONE])
    await db.collection('Note').create({ title: 'after', done: true })
    await db.collection('Note').update(before, { stars: 4 })
    expect(await db.execute('{ Note(order: {title: ASC}) { title stars done } }')).toEqual({
      data: {
        Note: [
          { title: 'after', stars: 3, done: true },
          { title: 'before', stars: 4, done: null },
        ],
      },
    })
    expect(await db.execute('{ Note(filter: {done: {_eq: null}}) { title } }')).toEqual({ data: { Note: [{ title: 'before' }] } })
  })

  it('keeps what the active version does not show', async () => {
    const { db } = await openTestNode(NOTES)
    const [first] = await db.collections.describe()
    const [, second] = await db.schema.patch(JSON.stringify([DONE]))
    const docID = await db.collection('Note').create({ title: 'n', done: true })
    await db.schema.setActive(first?.versionId ?? '')
    expect(await db.collection('Note').get(docID)).toEqual({ _docID: docID, title: 'n', stars: 3 })
    await expect(db.collection('Note').update(docID, { done: false })).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' })
    await db.collection('Note').update(docID, { title: 'm' })
    await db.schema.setActive(second?.versionId ?? '')
    expect(await db.collection('Note').get(docID)).toEqual({ _docID: docID, title: 'm', stars: 3, done: true })
  })

  it('is there after the database was opened again, with the schema it was first opened with', async () => {
    const store = await openMemoryStore()
    const { db } = await openTestNode(NOTES, { store })
    await db.schema.patch([DONE])
    const versions = await db.collections.describe({ includeInactive: true })
    const again = await openTestNode(NOTES, { store })
    expect(await again.db.collections.describe({ includeInactive: true })).toEqual(versions)
    expect(await again.db.execute('{ Note { done } }')).toEqual({ data: { Note: [] } })
  })

  it('changes nothing when it is refused', async () => {
    const { db, store } = await openTestNode(NOTES)
    const before = await store.scan({})
    await expect(db.schema.patch([DONE, { op: 'remove', path: '/Note/Fields/title' }])).rejects.toMatchObject({ code: 'INVALID_SCHEMA' })
    await expect(db.schema.patch('no patch')).rejects.toMatchObject({ code: 'INVALID_SCHEMA' })
    await expect(db.schema.setActive('bafkrei')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await store.scan({})).toEqual(before)
  })

  it('can add a relation, to documents that are there already', async () => {
    const { db } = await openTestNode(`${NOTES} type Tag { name: String }`)
    const tag = await db.collection('Tag').create({ name: 'red' })
    const note = await db.collection('Note').create({ title: 'n' })
    await db.schema.patch([{ op: 'add', path: '/Note/Fields/tag', value: { Kind: 'Tag' } }])
    await db.collection('Note').update(note, { tag })
    expect(await db.execute('{ Note { title tag_id tag { name } } }')).toEqual({
      data: { Note: [{ title: 'n', tag_id: tag, tag: { name: 'red' } }] },
    })
  })

  it('belongs to its transaction', async () => {
    const { db } = await openTestNode(NOTES)
    const tx = await db.beginTransaction()
    await tx.schema.patch([DONE])
    await tx.collection('Note').create({ title: 'n', done: true })
    expect(await tx.schema.describe({ name: 'Note' })).toHaveLength(2)
    expect(await db.schema.describe({ name: 'Note' })).toHaveLength(1)
    expect((await db.execute('{ Note { done } }')).errors).toHaveLength(1)
    await tx.commit()
    expect(await db.execute('{ Note { done } }')).toEqual({ data: { Note: [{ done: true }] } })
  })

  it('is told of', async () => {
    const { db } = await openTestNode(NOTES)
    let told = 0
    db.events.addEventListener('schema', () => told++)
    await db.schema.patch([DONE], { setActive: false })
    await db.schema.patch([{ op: 'test', path: '/Note/Name', value: 'Note' }])
    expect(told).toBe(1)
  })
})

describe('schemas and collections', () => {
  it('are described by name, root and version', async () => {
    const { db } = await openTestNode(NOTES)
    await db.schema.patch([DONE], { setActive: false })
    const [active] = await db.collections.describe({ name: 'Note' })
    const all = await db.collections.describe({ includeInactive: true })
    expect([active?.isActive, all.length]).toEqual([true, 2])
    const schemas = await db.schema.describe({ root: active?.collectionId ?? '' })
    expect(schemas.map(({ VersionID }) => VersionID)).toEqual(all.map(({ versionId }) => versionId))
    await expect(db.schema.describe({ versionID: 'bafkrei' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('have no collection while none of its versions is active', async () => {
    const { db } = await openTestNode(NOTES)
    const docID = await db.collection('Note').create({ title: 'n' })
    const [version] = await db.collections.describe()
    const flag = (value: boolean): object => ({ op: 'replace', path: `/${version?.versionId ?? ''}/IsActive`, value })
    await db.collections.patch([flag(false)])
    expect(() => db.collection('Note')).toThrow('no collection "Note"')
    await db.collections.patch([flag(true)])
    expect(await db.collection('Note').get(docID)).toMatchObject({ title: 'n' })
  })
})

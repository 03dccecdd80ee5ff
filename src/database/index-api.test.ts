import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { openTestNode, watchedStore } from './database.testkit.ts'
import { entriesIn, INDEXED, PLAIN } from './indexes.testkit.ts'

describe('creating an index', () => {
  it('puts the documents that are there into it, in a number of reads that follows from their pages', async () => {
    const store = watchedStore(await openMemoryStore())
    const node = await openTestNode(PLAIN, { store })
    const users = node.db.collection('User')
    await users.create(Array.from({ length: 1_200 }, (_, age) => ({ name: `user ${age}`, age })))
    await users.delete((await users.create({ name: 'gone', age: 0 })) ?? '')
    const [reads, applies] = [store.reads, store.applies]
    expect(await node.db.indexes.create('User', { fields: [{ name: 'age', descending: true }], unique: true })).toEqual({
      name: 'User_age_ASC',
      id: 1,
      fields: [{ name: 'age', descending: true }],
      unique: true,
    })
    // Pages of 128, 500, 500 and the rest, and the claims of each.
    expect(store.reads - reads).toBe(8)
    expect(store.applies - applies).toBe(1)
    const entries = await entriesIn(node, 'User_age_ASC')
    expect(entries.map(([age]) => age)).toEqual(Array.from({ length: 1_200 }, (_, age) => 1_199 - age))
    await expectConsistent(store)
  })

  it('lets others run between its pages', async () => {
    const node = await openTestNode(PLAIN)
    await node.db.collection('User').create(Array.from({ length: 1_200 }, (_, age) => ({ age })))
    const order: string[] = []
    const created = node.db.indexes.create('User', { fields: [{ name: 'age' }] }).then(() => order.push('created'))
    await new Promise((resolve) => setTimeout(resolve))
    order.push('others')
    await created
    expect(order).toEqual(['others', 'created'])
  })

  it('that documents violate leaves nothing behind', async () => {
    const node = await openTestNode(PLAIN)
    await node.db.collection('User').create([
      { name: 'John', age: 1 },
      { name: 'John', age: 2 },
    ])
    await expect(node.db.indexes.create('User', { fields: [{ name: 'name' }], unique: true })).rejects.toThrow(
      /^can not index a doc's field\(s\) that violates unique index\. DocID: bae-\S+, name: John; document/,
    )
    expect(await node.db.indexes.list('User')).toEqual([])
    await expectConsistent(node.store)
  })

  it('stops at its signal', async () => {
    const node = await openTestNode(PLAIN)
    await node.db.collection('User').create({ name: 'John' })
    const request = node.db.indexes.create('User', { fields: [{ name: 'name' }] }, { signal: AbortSignal.abort() })
    await expect(request).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await node.db.indexes.list()).toEqual({ User: [] })
  })

  it('refuses what is no index, saying why', async () => {
    const { db } = await openTestNode(PLAIN)
    await db.indexes.create('User', { name: 'mine', fields: [{ name: 'name' }] })
    const attempt = (...request: Parameters<typeof db.indexes.create>): Promise<unknown> =>
      db.indexes.create(...request).catch(({ code, message }) => `${code}: ${message}`)
    expect(await attempt('User', { fields: [{ name: 'nane' }] })).toBe(
      'INVALID_SCHEMA: creating an index on a non-existing property. Property: nane (did you mean "name"?)',
    )
    expect(await attempt('User', { name: 'mine', fields: [{ name: 'age' }] })).toBe(
      'ALREADY_EXISTS: index with name already exists. Name: mine; give the new index another name, or drop the old one',
    )
    expect(await attempt('User', { fields: [] })).toMatch(/^INVALID_ARGUMENT: an index names its fields/)
    expect(await attempt('User', { fields: [{ name: 'age' }, { name: 'age' }] })).toBe(
      'INVALID_SCHEMA: the index has the field "age" twice',
    )
    expect(await attempt('User', { name: '1st', fields: [{ name: 'age' }] })).toMatch(/^INVALID_SCHEMA: "1st" is no name of an index/)
    const many = Array.from({ length: 17 }, (_, number) => ({ name: `f${number}` }))
    expect(await attempt('User', { fields: many })).toBe('INVALID_SCHEMA: the index has 17 fields; the most is 16')
    expect(await attempt('Usr', { fields: [{ name: 'age' }] })).toMatch(/^NOT_FOUND: no collection "Usr" \(did you mean "User"\?\)/)
  })

  it('names it after its first field, and stands a relation under its ID', async () => {
    const { db } = await openTestNode('type User { name: String devices: [Device] } type Device { owner: User }')
    const created = [
      await db.indexes.create('Device', { fields: [{ name: 'owner' }] }),
      await db.indexes.create('Device', { fields: [{ name: 'owner_id' }] }),
    ]
    expect(created.map(({ name, id, fields }) => [name, id, fields[0]?.name])).toEqual([
      ['Device_owner_id_ASC', 1, 'owner_id'],
      ['Device_owner_id_ASC_2', 2, 'owner_id'],
    ])
    expect(await db.indexes.list()).toEqual({ User: [], Device: created })
  })

  it('conflicts with a document that a transaction wrote without it, and with one written beside its transaction', async () => {
    const node = await openTestNode(PLAIN)
    const late = await node.db.beginTransaction()
    await late.collection('User').create({ name: 'late' })
    await node.db.indexes.create('User', { fields: [{ name: 'name' }] })
    await expect(late.commit()).rejects.toMatchObject({ code: 'CONFLICT' })

    const own = await node.db.beginTransaction()
    await own.indexes.create('User', { fields: [{ name: 'age' }] })
    await node.db.collection('User').create({ name: 'beside' })
    await expect(own.commit()).rejects.toMatchObject({ code: 'CONFLICT' })
    await expectConsistent(node.store)
  })

  it('can be part of a transaction, and is undone with it', async () => {
    const node = await openTestNode(PLAIN)
    await node.db.collection('User').create({ name: 'John' })
    const tx = await node.db.beginTransaction()
    await tx.indexes.create('User', { fields: [{ name: 'name' }], unique: true })
    await expect(tx.collection('User').create({ name: 'John', age: 1 })).rejects.toMatchObject({ code: 'NOT_UNIQUE' })
    expect(await node.db.indexes.list('User')).toEqual([])
    await tx.discard()
    await expectConsistent(node.store)
  })
})

describe('dropping an index', () => {
  it('deletes everything of it, and lets its name be taken again', async () => {
    const node = await openTestNode(INDEXED)
    const users = node.db.collection('User')
    await users.create({ name: 'John', age: 21 })
    await node.db.indexes.drop('User', 'User_name_ASC')
    await users.create({ name: 'John', age: 22 })
    await expectConsistent(node.store)
    expect((await node.db.indexes.list('User')).map(({ name }) => name)).toEqual(['User_age_ASC', 'User_tags_ASC', 'User_notes_ASC'])
    expect(await node.db.indexes.create('User', { fields: [{ name: 'name' }] })).toMatchObject({ name: 'User_name_ASC', id: 5 })
  })

  it('refuses a name that no index has, suggesting one', async () => {
    const { db } = await openTestNode(INDEXED)
    await expect(db.indexes.drop('User', 'User_nam_ASC')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/^index with name doesn't exists\. Name: User_nam_ASC \(did you mean "User_name_ASC"/),
    })
    await expect(db.indexes.drop('User', 'x')).rejects.toThrow('Name: x; "User" has "User_')
    await db.schema.add('type Other { name: String }')
    await expect(db.indexes.create('Other', { fields: [{ name: 'height' }] })).rejects.toThrow(
      'Property: height; there are "_docID", "name"',
    )
    await expect(db.indexes.drop('Other', 'x')).rejects.toThrow(`index with name doesn't exists. Name: x; "Other" has no index`)
  })
})

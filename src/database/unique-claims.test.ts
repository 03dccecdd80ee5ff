import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { deliver, openTestNode, watchedStore } from './database.testkit.ts'
import { docIdsWith, entriesIn, INDEXED, PLAIN, violationsOf } from './indexes.testkit.ts'

describe('a unique index', () => {
  it('refuses a second document with the value, naming both, and nothing is written', async () => {
    const node = await openTestNode(PLAIN)
    await node.db.indexes.create('User', { fields: [{ name: 'name' }, { name: 'age' }], unique: true })
    const users = node.db.collection('User')
    const john = await users.create({ name: 'John', age: 21 })
    const fred = await users.create({ name: 'Fred', age: 21 })
    const message = `can not index a doc's field(s) that violates unique index. DocID: ${fred}, name: John, age: 21; document "${john}"`
    await expect(users.update(fred, { name: 'John' })).rejects.toMatchObject({
      code: 'NOT_UNIQUE',
      message: expect.stringContaining(message),
      details: { collection: 'User', index: 'User_name_ASC', docID: fred, other: john },
    })
    expect(await users.get(fred)).toMatchObject({ name: 'Fred' })
    await expect(users.create({ name: 'John', age: 21, tags: ['other'] })).rejects.toMatchObject({ code: 'NOT_UNIQUE' })
    await expectConsistent(node.store)
  })

  it('refuses the value twice in one batch, in one transaction and at once', async () => {
    const node = await openTestNode(INDEXED)
    const users = node.db.collection('User')
    const twice = [
      { name: 'John', age: 1 },
      { name: 'John', age: 2 },
    ]
    await expect(users.create(twice)).rejects.toMatchObject({ code: 'NOT_UNIQUE' })
    await expect(
      node.db.transaction(async (tx) => {
        for (const user of twice) await tx.collection('User').create(user)
      }),
    ).rejects.toMatchObject({ code: 'NOT_UNIQUE' })
    expect(await entriesIn(node, 'User_age_ASC')).toEqual([])
    const outcomes = await Promise.allSettled(twice.map((user) => users.create(user)))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await expectConsistent(node.store)
  })

  it('tells of a mutation what it violates, and stores no part of it', async () => {
    const node = await openTestNode(INDEXED)
    const john = await node.db.collection('User').create({ name: 'John' })
    const mutation =
      'mutation { a: create_User(input: { name: "Fred" }) { _docID } b: create_User(input: { name: "John", age: 1 }) { _docID } }'
    const { data, errors } = await node.db.execute(mutation)
    expect(data).toBeNull()
    expect(errors?.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^can not index a doc's field\(s\) that violates unique index\. DocID: bae-\S+, name: John; document/),
    ])
    expect(await entriesIn(node, 'User_name_ASC')).toEqual([['John', john]])
    await expectConsistent(node.store)
  })

  it('lets one of two transactions have the value', async () => {
    const node = await openTestNode(INDEXED)
    const [first, second] = [await node.db.beginTransaction(), await node.db.beginTransaction()]
    await first.collection('User').create({ name: 'John', age: 1 })
    await second.collection('User').create({ name: 'John', age: 2 })
    await first.commit()
    await expect(second.commit()).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await docIdsWith(node, 'User_name_ASC', 'John')).toHaveLength(1)
    await expectConsistent(node.store)
  })

  it('lets the value go with the document that had it', async () => {
    const node = await openTestNode(INDEXED)
    const users = node.db.collection('User')
    const john = await users.create({ name: 'John', age: 1 })
    await users.update(john, { name: 'Johnny' })
    const other = await users.create({ name: 'John', age: 2 })
    await users.delete(other)
    await users.update(john, { name: 'John' })
    expect(await docIdsWith(node, 'User_name_ASC', 'John')).toEqual([john])
    await expectConsistent(node.store)
  })

  it('lets several documents have null, no element, and one of them an element twice', async () => {
    const node = await openTestNode('type User { name: String @index(unique: true) tags: [String!] @index(unique: true) n: Int }')
    const users = node.db.collection('User')
    await users.create([{ n: 1 }, { n: 2, name: null }, { n: 3, tags: [] }, { n: 4, tags: [] }, { n: 5, tags: ['a', 'a'] }])
    await expect(users.create({ n: 6, tags: ['b', 'a'] })).rejects.toMatchObject({ code: 'NOT_UNIQUE' })
    expect(await node.db.indexes.violations()).toEqual([])
  })

  it('keeps both documents of a merge, tells of them, and lists them until one has changed', async () => {
    const [a, b] = [await openTestNode(INDEXED), await openTestNode(INDEXED)]
    const told = violationsOf(b)
    const theirs = await a.db.collection('User').create({ name: 'John', age: 1 })
    const users = b.db.collection('User')
    const ours = await users.create({ name: 'John', age: 2 })
    await deliver(a, b)
    expect(told).toEqual([{ collection: 'User', index: 'User_name_ASC', docIDs: [ours, theirs] }])
    expect(await docIdsWith(b, 'User_name_ASC', 'John')).toEqual([ours, theirs].toSorted())
    expect(await b.db.indexes.violations('User')).toEqual([{ ...told[0], docIDs: [ours, theirs].toSorted() }])

    // What does not touch the value is no new violation.
    await users.update(ours, { age: 3 })
    await users.update(theirs, { age: 4 })
    await expectConsistent(b.store)
    await users.update(ours, { name: 'Fred' })
    expect(await b.db.indexes.violations()).toEqual([])
    await expect(users.update(ours, { name: 'John' })).rejects.toMatchObject({ code: 'NOT_UNIQUE', details: { other: theirs } })
    await users.delete(theirs)
    await users.update(ours, { name: 'John' })
    await expectConsistent(b.store)
  })

  it('costs a merge that takes it from many documents no scan', async () => {
    const store = watchedStore(await openMemoryStore())
    const [a, b] = [
      await openTestNode('type User { tags: [Int!] n: Int }'),
      await openTestNode('type User { tags: [Int!] @index(unique: true) n: Int }', { store }),
    ]
    const tags = Array.from({ length: 50 }, (_, number) => number)
    const ids = await a.db.collection('User').create([1, 2, 3].map((n) => ({ n, tags })))
    const told = violationsOf(b)
    await deliver(a, b)
    expect(told.map(({ docIDs }) => docIDs.length)).toEqual([2, 2])
    for (const id of ids) await a.db.collection('User').delete(id)
    const { scans } = store
    await deliver(a, b)
    expect(store.scans - scans).toBe(0)
    await expectConsistent(store)
    await b.db.collection('User').create({ tags })
  })

  it('hands the value on among many, however they leave', async () => {
    const node = await openTestNode(INDEXED)
    for (const age of [1, 2, 3, 4]) {
      const peer = await openTestNode(INDEXED)
      await peer.db.collection('User').create({ name: 'John', age })
      await deliver(peer, node)
    }
    const users = node.db.collection('User')
    for (let left = 4; left > 0; left--) {
      const [first = ''] = await docIdsWith(node, 'User_name_ASC', 'John')
      await expect(users.create({ name: 'John' })).rejects.toMatchObject({ code: 'NOT_UNIQUE' })
      await users.delete(first)
      await expectConsistent(node.store)
    }
    await users.create({ name: 'John' })
  })
})

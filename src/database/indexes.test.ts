import { describe, expect, it } from 'vitest'

import { KEY_BYTES, sealEncryption } from '../block/encryption-block.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { entryDocId, entryRange, readEntry } from '../document/index-key.ts'
import { MAX_ENTRIES } from '../document/index-entries.ts'
import { indexLayout, type IndexLayout } from '../document/index-layout.ts'
import { keys } from '../document/keys.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { deliver, keptOpen, openTestNode, watchedStore, type TestNode } from './database.testkit.ts'
import type { IndexViolation } from './database.ts'
import { encryptHistory } from './encrypted-history.testkit.ts'

const SCHEMA = 'type User { name: String @index(unique: true) age: Int @index tags: [String!] @index notes: JSON @index }'
const PLAIN = 'type User { name: String age: Int tags: [String!] }'

async function layoutOf({ db }: TestNode, index: string): Promise<IndexLayout> {
  const [version] = await db.collections.describe()
  const described = version?.indexes.find(({ name }) => name === index)
  const layout = version === undefined || described === undefined ? undefined : indexLayout(version, described)
  if (layout === undefined) throw new Error(`no index ${index}`)
  return layout
}

/** Values and documents of an index, in its order. */
async function entriesIn(node: TestNode, index: string): Promise<readonly (readonly unknown[])[]> {
  const layout = await layoutOf(node, index)
  const entries = await node.store.scan(entryRange(layout, []))
  return entries.map(({ key }) => [...readEntry(layout, key).parts.map(({ value }) => value), entryDocId(key)])
}

async function docIdsWith(node: TestNode, index: string, value: string | number): Promise<readonly string[]> {
  const layout = await layoutOf(node, index)
  const entries = await node.store.scan(entryRange(layout, [{ path: [], through: 'value', value }]))
  return entries.map(({ key }) => entryDocId(key))
}

function violationsOf({ db }: TestNode): IndexViolation[] {
  const told: IndexViolation[] = []
  db.events.addEventListener('index:violation', ({ detail }) => told.push(detail))
  return told
}

describe('the entries of an index', () => {
  it('follow what is created, updated and deleted', async () => {
    const node = await openTestNode(SCHEMA)
    const users = node.db.collection('User')
    const john = await users.create({ name: 'John', age: 21 })
    const fred = await users.create({ name: 'Fred', age: 30 })
    expect(await entriesIn(node, 'User_age_ASC')).toEqual([
      [21, john],
      [30, fred],
    ])
    await users.update(john, { age: 40, notes: { a: [1, 2] } })
    await users.delete(fred)
    expect(await entriesIn(node, 'User_age_ASC')).toEqual([[40, john]])
    expect(await entriesIn(node, 'User_notes_ASC')).toEqual([
      [1, john],
      [2, john],
    ])
    await expectConsistent(node.store)
  })

  it('are written only where they differ', async () => {
    const store = await openMemoryStore()
    const written: number[] = []
    const node = await openTestNode(SCHEMA, {
      store: {
        ...keptOpen(store),
        apply: (changes) => {
          written.push(changes.filter(({ key }) => (key[0] ?? 0) >= 0x20).length)
          return store.apply(changes)
        },
      },
    })
    const john = await node.db.collection('User').create({ name: 'John', age: 21, tags: ['a', 'b'] })
    await node.db.collection('User').update(john, { tags: ['b', 'c'] })
    await node.db.collection('User').update(john, { age: 21 })
    // Four built indexes; name and its claim, age, two tags, no notes; one tag for another; nothing.
    expect(written).toEqual([4, 6, 2, 0])
  })

  it('cost a collection without indexes no read', async () => {
    const store = watchedStore(await openMemoryStore())
    const { db } = await openTestNode(PLAIN, { store })
    const before = store.reads
    const john = await db.collection('User').create({ name: 'John' })
    await db.collection('User').update(john, { name: 'Fred' })
    await db.collection('User').delete(john)
    expect(store.reads - before).toBe(3)
  })

  it('are not made of encrypted documents before their key is here', async () => {
    const writer = await openTestNode(SCHEMA)
    const john = await writer.db.collection('User').create({ name: 'John', age: 21 })
    const [collectionId = ''] = writer.replica.collectionIds()
    const secret = sealEncryption({ key: crypto.getRandomValues(new Uint8Array(KEY_BYTES)), docId: john })
    const history = (await writer.replica.commitsSince(collectionId, john, [])).filter(isDocumentCommit)
    const node = await openTestNode(SCHEMA)
    await node.replica.merge(collectionId, await encryptHistory(history, secret, 'whole'), { peer: 'test' })
    expect(await entriesIn(node, 'User_age_ASC')).toEqual([])
    await node.replica.addKeys([secret.bytes])
    expect(await entriesIn(node, 'User_age_ASC')).toEqual([[21, john]])
    await expectConsistent(node.store)
  })

  it('of a document with too many are none, and the write is refused', async () => {
    const node = await openTestNode('type User { tags: [Int!] @index }')
    const tags = Array.from({ length: MAX_ENTRIES + 1 }, (_, number) => number)
    const users = node.db.collection('User')
    await expect(users.create({ tags })).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
      message: expect.stringContaining('4097 entries or more in index "User_tags_ASC"; the most is 4096'),
    })
    const fitting = await users.create({ tags: tags.slice(1) })
    expect(await entriesIn(node, 'User_tags_ASC')).toHaveLength(MAX_ENTRIES)
    await users.delete(fitting)
    expect(await entriesIn(node, 'User_tags_ASC')).toHaveLength(0)
  })

  it('of a merged document with too many are none, until it is smaller', async () => {
    const [a, b] = [
      await openTestNode('type User { tags: [Int!] name: String }'),
      await openTestNode('type User { tags: [Int!] @index name: String }'),
    ]
    const docID = await a.db.collection('User').create({ tags: Array.from({ length: MAX_ENTRIES + 1 }, (_, number) => number) })
    await deliver(a, b)
    const layout = await layoutOf(b, 'User_tags_ASC')
    const overflows = keys.indexOverflowsOf(layout.collectionId, layout.id)
    expect(await b.store.scan(overflows)).toHaveLength(1)
    await b.db.collection('User').update(docID, { name: 'still too large, and no worse' })
    await expectConsistent(b.store)
    await b.db.collection('User').update(docID, { tags: [1] })
    expect(await b.store.scan(overflows)).toHaveLength(0)
    expect(await entriesIn(b, 'User_tags_ASC')).toEqual([[1, docID]])
    await expectConsistent(b.store)
  })
})

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
    const node = await openTestNode(SCHEMA)
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

  it('lets one of two transactions have the value', async () => {
    const node = await openTestNode(SCHEMA)
    const [first, second] = [await node.db.beginTransaction(), await node.db.beginTransaction()]
    await first.collection('User').create({ name: 'John', age: 1 })
    await second.collection('User').create({ name: 'John', age: 2 })
    await first.commit()
    await expect(second.commit()).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await docIdsWith(node, 'User_name_ASC', 'John')).toHaveLength(1)
    await expectConsistent(node.store)
  })

  it('lets the value go with the document that had it', async () => {
    const node = await openTestNode(SCHEMA)
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
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
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

  it('hands the value on among many, however they leave', async () => {
    const node = await openTestNode(SCHEMA)
    for (const age of [1, 2, 3, 4]) {
      const peer = await openTestNode(SCHEMA)
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
    const node = await openTestNode(SCHEMA)
    const users = node.db.collection('User')
    await users.create({ name: 'John', age: 21 })
    await node.db.indexes.drop('User', 'User_name_ASC')
    await users.create({ name: 'John', age: 22 })
    await expectConsistent(node.store)
    expect((await node.db.indexes.list('User')).map(({ name }) => name)).toEqual(['User_age_ASC', 'User_tags_ASC', 'User_notes_ASC'])
    expect(await node.db.indexes.create('User', { fields: [{ name: 'name' }] })).toMatchObject({ name: 'User_name_ASC', id: 5 })
  })

  it('refuses a name that no index has, suggesting one', async () => {
    const { db } = await openTestNode(SCHEMA)
    await expect(db.indexes.drop('User', 'User_nam_ASC')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/^index with name doesn't exists\. Name: User_nam_ASC \(did you mean "User_name_ASC"/),
    })
    await db.schema.add('type Other { name: String }')
    await expect(db.indexes.drop('Other', 'x')).rejects.toThrow(`index with name doesn't exists. Name: x; "Other" has no index`)
  })
})

describe('an index and the versions of its collection', () => {
  const addField = (kind: string): readonly object[] => [{ op: 'add', path: '/User/Fields/mail', value: { Kind: kind } }]

  it('stays when a version has the same, and is not built anew', async () => {
    const store = await openMemoryStore()
    const changed: number[] = []
    const apply: typeof store.apply = (changes) => {
      changed.push(changes.filter(({ key }) => (key[0] ?? 0) >= 0x20).length)
      return store.apply(changes)
    }
    const node = await openTestNode(SCHEMA, { store: { ...keptOpen(store), apply } })
    await node.db.collection('User').create({ name: 'John' })
    await node.db.schema.patch(addField('String'))
    expect(changed.at(-1)).toBe(0)
    await expectConsistent(store)
  })

  it('comes and goes with the version that has it', async () => {
    const node = await openTestNode(SCHEMA)
    const users = node.db.collection('User')
    const [first] = await node.db.collections.describe()
    const john = await users.create({ name: 'John', age: 1 })
    const second = (await node.db.schema.patch(addField('String'))).find(({ isActive }) => isActive)
    await node.db.indexes.create('User', { name: 'mail', fields: [{ name: 'mail' }] })
    await node.db.indexes.drop('User', 'User_age_ASC')
    await users.update(john, { age: 2, mail: 'a@b' })
    expect(await entriesIn(node, 'mail')).toEqual([['a@b', john]])

    await node.db.schema.setActive(first?.versionId ?? '')
    expect(await entriesIn(node, 'User_age_ASC')).toEqual([[2, john]])
    await expectConsistent(node.store)
    expect(await node.db.indexes.create('User', { fields: [{ name: 'tags' }] })).toMatchObject({ id: 6 })
    await node.db.schema.setActive(second?.versionId ?? '')
    expect(await entriesIn(node, 'mail')).toEqual([['a@b', john]])
    await expectConsistent(node.store)
  })

  it('has the values that were left aside until the version knows them', async () => {
    const [a, b] = [await openTestNode(SCHEMA), await openTestNode(SCHEMA)]
    for (const { db } of [a, b]) {
      await db.schema.patch(addField('String'), { setActive: false })
    }
    const versions = await a.db.collections.describe({ includeInactive: true })
    const second = versions.find(({ isActive }) => !isActive)?.versionId ?? ''
    await a.db.schema.setActive(second)
    const john = await a.db.collection('User').create({ name: 'John', mail: 'a@b' })
    await deliver(a, b)
    await b.db.schema.setActive(second)
    await b.db.indexes.create('User', { name: 'mail', fields: [{ name: 'mail' }] })
    expect(await entriesIn(b, 'mail')).toEqual([['a@b', john]])
    await expectConsistent(b.store)
  })

  it('is built anew for a field that is another thing in the other version', async () => {
    const node = await openTestNode(SCHEMA)
    const [first] = await node.db.collections.describe()
    const texts = (await node.db.schema.patch(addField('String'))).find(({ isActive }) => isActive)
    await node.db.indexes.create('User', { name: 'mail', fields: [{ name: 'mail' }] })
    const john = await node.db.collection('User').create({ name: 'John', mail: 'a@b' })
    await node.db.schema.setActive(first?.versionId ?? '')
    await node.db.schema.patch(addField('Int'))
    await node.db.indexes.create('User', { name: 'mail', fields: [{ name: 'mail' }] })
    await node.db.collection('User').update(john, { mail: 5 })
    expect(await entriesIn(node, 'mail')).toEqual([[5, john]])
    await expectConsistent(node.store)
    await node.db.schema.setActive(texts?.versionId ?? '')
    expect(await entriesIn(node, 'mail')).toEqual([['a@b', john]])
    await expectConsistent(node.store)
  })

  it('is built when a collection is active again that was not', async () => {
    const node = await openTestNode(SCHEMA)
    const john = await node.db.collection('User').create({ name: 'John', age: 1 })
    const [version] = await node.db.collections.describe()
    const activity = (value: boolean): readonly object[] => [{ op: 'replace', path: `/${version?.versionId}/IsActive`, value }]
    await node.db.collections.patch(activity(false))
    await node.db.collections.patch(activity(true))
    expect(await entriesIn(node, 'User_age_ASC')).toEqual([[1, john]])
    await expectConsistent(node.store)
  })
})

describe('a database that was made before indexes had entries', () => {
  it('builds them when it is opened, once', async () => {
    const store = watchedStore(keptOpen(await openMemoryStore()))
    const before = await openTestNode(SCHEMA, { store })
    const john = await before.db.collection('User').create({ name: 'John', age: 1 })
    const entries = await store.scan({ from: Uint8Array.of(0x20) })
    await before.db.close()
    await store.apply(entries.map(({ key }) => ({ key, value: undefined })))

    const { applies } = store
    const again = await openTestNode(SCHEMA, { store })
    expect(store.applies - applies).toBe(1)
    expect(await entriesIn(again, 'User_age_ASC')).toEqual([[1, john]])
    await expectConsistent(store)
    await again.db.close()
    await openTestNode(SCHEMA, { store })
    expect(store.applies - applies).toBe(1)
  })
})

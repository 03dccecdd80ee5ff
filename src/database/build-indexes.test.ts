import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { deliver, keptOpen, openTestNode, watchedStore } from './database.testkit.ts'
import { entriesIn, INDEXED } from './indexes.testkit.ts'

describe('an index and the versions of its collection', () => {
  const addField = (kind: string): readonly object[] => [{ op: 'add', path: '/User/Fields/mail', value: { Kind: kind } }]

  it('stays when a version has the same, and is not built anew', async () => {
    const store = await openMemoryStore()
    const changed: number[] = []
    const apply: typeof store.apply = (changes) => {
      changed.push(changes.filter(({ key }) => (key[0] ?? 0) >= 0x20).length)
      return store.apply(changes)
    }
    const node = await openTestNode(INDEXED, { store: { ...keptOpen(store), apply } })
    await node.db.collection('User').create({ name: 'John' })
    await node.db.schema.patch(addField('String'))
    expect(changed.at(-1)).toBe(0)
    await expectConsistent(store)
  })

  it('comes and goes with the version that has it', async () => {
    const node = await openTestNode(INDEXED)
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
    const [a, b] = [await openTestNode(INDEXED), await openTestNode(INDEXED)]
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
    const node = await openTestNode(INDEXED)
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
    const node = await openTestNode(INDEXED)
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
    const before = await openTestNode(INDEXED, { store })
    const john = await before.db.collection('User').create({ name: 'John', age: 1 })
    const entries = await store.scan({ from: Uint8Array.of(0x20) })
    await before.db.close()
    await store.apply(entries.map(({ key }) => ({ key, value: undefined })))

    const { applies } = store
    const again = await openTestNode(INDEXED, { store })
    expect(store.applies - applies).toBe(1)
    expect(await entriesIn(again, 'User_age_ASC')).toEqual([[1, john]])
    await expectConsistent(store)
    await again.db.close()
    await openTestNode(INDEXED, { store })
    expect(store.applies - applies).toBe(1)
  })
})

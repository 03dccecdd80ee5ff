import { describe, expect, it } from 'vitest'

import { KEY_BYTES, sealEncryption } from '../block/encryption-block.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { MAX_ENTRIES } from '../document/index-entries.ts'
import { keys } from '../document/keys.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { deliver, keptOpen, openTestNode, watchedStore } from './database.testkit.ts'
import { encryptHistory } from './encrypted-history.testkit.ts'
import { entriesIn, INDEXED, layoutOf, PLAIN } from './indexes.testkit.ts'

describe('the entries of an index', () => {
  it('follow what is created, updated and deleted', async () => {
    const node = await openTestNode(INDEXED)
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
    const node = await openTestNode(INDEXED, {
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
    const writer = await openTestNode(INDEXED)
    const john = await writer.db.collection('User').create({ name: 'John', age: 21 })
    const [collectionId = ''] = writer.replica.collectionIds()
    const secret = sealEncryption({ key: crypto.getRandomValues(new Uint8Array(KEY_BYTES)), docId: john })
    const history = (await writer.replica.commitsSince(collectionId, john, [])).filter(isDocumentCommit)
    const node = await openTestNode(INDEXED)
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

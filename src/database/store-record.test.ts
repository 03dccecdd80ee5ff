import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { KEY_BYTES, sealEncryption } from '../block/encryption-block.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { MAX_ENTRIES } from '../document/index-entries.ts'
import { keys } from '../document/keys.ts'
import { isFailure } from '../errors.ts'
import { openMemoryStore } from '../storage/memory.ts'
import { testSeed } from '../util/seed.testkit.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { deliver, keptOpen, openTestNode, watchedStore } from './database.testkit.ts'
import { encryptHistory } from './encrypted-history.testkit.ts'
import { expectIndexesConsistent } from './index-consistency.testkit.ts'
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

  it('are what the documents make them, whatever is done', async () => {
    const fields = ['text', 'number', 'when', 'tags', 'tree'] as const
    const values = fc.record(
      {
        text: fc.constantFrom('a', 'b', 'x'.repeat(1_100), null),
        number: fc.constantFrom(0, -0, 1.5, -2, null),
        when: fc.constantFrom('2024-01-01T00:00:00Z', '2024-01-01T01:00:00+01:00', null),
        tags: fc.array(fc.constantFrom(1, 2, null), { maxLength: 3 }),
        tree: fc.constantFrom({ a: [1, 'x'] }, { a: { b: null } }, {}, null, 5),
      },
      { requiredKeys: [] },
    )
    const someFields = fc.uniqueArray(fc.record({ name: fc.constantFrom(...fields), descending: fc.boolean() }), {
      minLength: 1,
      selector: ({ name }) => name,
    })
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('create' as const), values }) },
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('update' as const), which: fc.nat(), values }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('index' as const), fields: someFields, unique: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), which: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('receive' as const), values }) },
    )
    const schema = 'type Item { text: String number: Float when: DateTime tags: [Int] tree: JSON }'
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const [node, peer] = [await openTestNode(schema), await openTestNode(schema)]
        const [items, theirs] = [node.db.collection<object>('Item'), peer.db.collection<object>('Item')]
        const ids: string[] = []
        const at = (which: number): string => ids[which % Math.max(1, ids.length)] ?? 'bae-00112233-4455-6677-8899-aabbccddeeff'
        for (const taken of steps) {
          try {
            if (taken.kind === 'create') ids.push(await items.create(taken.values))
            else if (taken.kind === 'update') await items.update(at(taken.which), taken.values)
            else if (taken.kind === 'delete') await items.delete(at(taken.which))
            else if (taken.kind === 'index') await node.db.indexes.create('Item', taken)
            else if (taken.kind === 'drop') await node.db.indexes.drop('Item', `Item_${fields[taken.which % fields.length]}_ASC`)
            else {
              ids.push(await theirs.create(taken.values))
              await deliver(peer, node)
            }
          } catch (error) {
            // There already, not there, or not unique: then nothing may be left of it.
            if (!isFailure(error) || !['ALREADY_EXISTS', 'NOT_FOUND', 'NOT_UNIQUE'].includes(error.code)) throw error
          }
          await expectIndexesConsistent(node.store)
        }
        await expectConsistent(node.store)
      }),
      { numRuns: 60, seed: testSeed() },
    )
  })
})

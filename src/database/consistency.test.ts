import { describe, expect, it } from 'vitest'

import { blockCid } from '../block/cid.ts'
import { keys } from '../document/keys.ts'
import { decodeHeads, decodeRecord, encodeHeads, encodeRecord } from '../document/record-codec.ts'
import type { Change } from '../storage/store.ts'
import { encodeText, equalBytes, prefixRange } from '../util/bytes.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { openTestNode, type TestNode } from './database.testkit.ts'

interface Planted {
  readonly node: TestNode
  readonly docID: string
  readonly collectionId: string
  /** The record before the last write. */
  readonly before: Uint8Array
}

/** A consistent store in which a fault can be planted: a document and a DAG of a collection, of two writes each. */
async function aStore(): Promise<Planted> {
  const node = await openTestNode('type Page @branchable { title: String @index(unique: true) views: Int @crdt(type: pncounter) }')
  const [collectionId = ''] = node.replica.collectionIds()
  const docID = await node.db.collection('Page').create({ title: 'one', views: 1 })
  const before = (await node.store.get(keys.document(collectionId, docID))) ?? new Uint8Array()
  await node.db.collection('Page').update(docID, { title: 'two', views: 10 })
  return { node, docID, collectionId, before }
}

const FAULTS: readonly (readonly [name: string, plant: (planted: Planted) => Promise<readonly Change[]>, message: RegExp])[] = [
  [
    'a record of an earlier state',
    async ({ collectionId, docID, before }) => [put(keys.document(collectionId, docID), before)],
    /heads of Page/,
  ],
  ['no record beside commits', async ({ collectionId, docID }) => [drop(keys.document(collectionId, docID))], /nothing leads to/],
  [
    'a value that no commit has set',
    async ({ node, collectionId, docID, before }) => {
      const bytes = (await node.store.get(keys.document(collectionId, docID))) ?? new Uint8Array()
      const { status, schemaVersionId, heads, fields } = decodeRecord(bytes)
      const stale = decodeRecord(before).fields.get('views')?.data ?? new Uint8Array()
      const wrong = new Map(
        [...fields].map(([name, field]) => [
          name,
          name === 'views' ? { data: stale, priority: field.priority, heads: field.heads } : field,
        ]),
      )
      return [put(keys.document(collectionId, docID), encodeRecord({ status, schemaVersionId, heads, fields: wrong }))]
    },
    /record of Page/,
  ],
  ['a missing commit', async (planted) => [drop(await commitKey(planted, 'first'))], /parent.*not stored/],
  ['a missing head', async (planted) => [drop(await commitKey(planted, 'last'))], /heads of Page/],
  [
    'a commit under the key of another',
    async (planted) => {
      const [first, last] = [await commitKey(planted, 'first'), await commitKey(planted, 'last')]
      return [put(first, (await planted.node.store.get(last)) ?? new Uint8Array())]
    },
    /key of a commit/,
  ],
  [
    'a commit of no document',
    async () => [put(keys.commit('bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3', blockCid(encodeText('x'))), encodeText('x'))],
    /nothing leads to/,
  ],
  ['a key of an unknown kind', async () => [put(Uint8Array.of(0x7f, 1), encodeText('x'))], /nothing leads to/],
  [
    'no heads beside the blocks of a collection',
    async ({ collectionId }) => [drop(keys.collectionHeads(collectionId))],
    /heads of the DAG/,
  ],
  [
    'a missing block of a collection',
    async ({ node, collectionId }) => {
      const heads = decodeHeads((await node.store.get(keys.collectionHeads(collectionId))) ?? encodeHeads([]))
      const blocks = await node.store.scan(keys.collectionBlocksOf(collectionId))
      const [parent] = blocks.filter(({ key }) => !heads.some(({ cid }) => equalBytes(key, keys.collectionBlock(collectionId, cid))))
      return [drop(parent?.key ?? new Uint8Array())]
    },
    /parent.*not stored/,
  ],
  [
    'an entry of an index that no document has',
    async (planted) => [put(keys.indexEntry(planted.collectionId, 1, encodeText('x'), planted.docID), new Uint8Array())],
    /keys of indexes/,
  ],
  ['a missing entry of an index', async (planted) => [drop(await entryKey(planted))], /keys of indexes/],
  ['a missing claim', async (planted) => [drop(keys.indexClaim(await entryKey(planted)))], /keys of indexes/],
  [
    'a claim by a document without the value',
    async (planted) => [put(keys.indexClaim(await entryKey(planted)), Uint8Array.of(0, 0, 0, 1, ...new Uint8Array(16)))],
    /document of a claim/,
  ],
  [
    'a claim by more documents than there are',
    async (planted) => [put(keys.indexClaim(await entryKey(planted)), Uint8Array.of(0, 0, 0, 2))],
    /count of a claim/,
  ],
  [
    'a mark on a field that is merged',
    async (planted) => {
      const { collectionId, docID } = planted
      const cid = keys.cidOf(await commitKey(planted, 'last'))
      return [put(keys.leftAside(collectionId, docID, cid), encodeText(JSON.stringify(['another version', 'title'])))]
    },
    /left aside/,
  ],
]

describe('the check of a store', () => {
  it('finds nothing wrong with a store as it is written', async () => {
    const { node } = await aStore()
    expect(await expectConsistent(node.store)).toEqual({
      collections: 1,
      documents: 1,
      commits: 2,
      marks: 0,
      collectionBlocks: 2,
      settings: 0,
      encryptionKeys: 0,
    })
  })

  it.each(FAULTS)('finds %s', async (_name, plant, message) => {
    const planted = await aStore()
    await planted.node.store.apply(await plant(planted))
    await expect(expectConsistent(planted.node.store)).rejects.toThrow(message)
  })
})

function put(key: Uint8Array, value: Uint8Array): Change {
  return { key, value }
}

function drop(key: Uint8Array): Change {
  return { key, value: undefined }
}

async function commitKey({ node, collectionId, docID }: Planted, which: 'first' | 'last'): Promise<Uint8Array> {
  const commits = await node.replica.commitsSince(collectionId, docID, [])
  const commit = which === 'first' ? commits.at(0) : commits.at(-1)
  if (commit === undefined) throw new Error(`${docID} has no commits`)
  return keys.commit(docID, commit.composite.cid)
}

async function entryKey({ node, collectionId }: Planted): Promise<Uint8Array> {
  const [entry] = await node.store.scan(prefixRange(keys.indexEntries(collectionId, 1)))
  if (entry === undefined) throw new Error('the index has no entries')
  return entry.key
}

import { describe, expect, it } from 'vitest'

import type { Commit } from '../block/block.ts'
import { sealBlock } from '../block/codec.ts'
import { sealCommit } from '../block/commit.ts'
import { sealEncryption } from '../block/encryption-block.ts'
import { isDocumentCommit } from '../block/replicated-commit.ts'
import { concatBytes } from '../util/bytes.ts'
import { deliver, openTestNode, type TestNode } from './database.testkit.ts'
import { encrypt, encryptHistory } from './encrypted-history.testkit.ts'
import { follow, settled } from './follower.testkit.ts'

const SCHEMA = 'type Card { name: String votes: Int @crdt(type: pncounter) }'

describe('an encrypted document', () => {
  it('is for the network alone until its key is here, and then has all its values', async () => {
    const { node, docID, key, told } = await aNodeWithSecrets('whole')
    const cards = node.db.collection('Card')
    expect(await node.db.execute('{ Card(showDeleted: true) { name } }')).toEqual({ data: { Card: [] } })
    expect(await cards.get(docID, { showDeleted: true })).toBeUndefined()
    await expect(cards.update(docID, { name: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await cards.delete(docID)).toBe(false)
    expect(told).toEqual([])

    await node.replica.addKeys([key])
    expect(await cards.get(docID)).toEqual({ _docID: docID, name: 'second', votes: 7 })
    expect(told).toEqual([docID])
    await expect(cards.update(docID, { name: 'x' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('comes with its key to those who watch and subscribe', async () => {
    const { node, key } = await aNodeWithSecrets('whole')
    const watched = follow(node.db.watch('{ Card(showDeleted: true) { name votes } }'))
    const told = follow(node.db.subscribe('subscription { Card { name votes } }'))
    await settled()
    expect([watched.last, told.last]).toEqual([{ data: { Card: [] } }, undefined])
    await node.replica.addKeys([key])
    await settled()
    expect([watched.last, told.last]).toEqual([
      { data: { Card: [{ name: 'second', votes: 7 }] } },
      { data: { Card: [{ name: 'second', votes: 7 }] } },
    ])
  })

  it('goes through a node without the key to one that has it, to the same heads', async () => {
    const { node, docID, key } = await aNodeWithSecrets('whole')
    const reader = await openTestNode(SCHEMA)
    await reader.replica.addKeys([key])
    await deliver(node, reader, (commits) => [...commits, ...commits].toReversed())
    expect(await reader.db.collection('Card').get(docID)).toEqual({ _docID: docID, name: 'second', votes: 7 })
    await node.replica.addKeys([key])
    await node.replica.addKeys([key])
    expect(await recordOf(node)).toEqual(await recordOf(reader))
  })

  it('shows what is not encrypted, and the rest with its key, counted once', async () => {
    const { node, docID, key } = await aNodeWithSecrets('votes')
    const cards = node.db.collection('Card')
    expect(await cards.get(docID)).toEqual({ _docID: docID, name: 'second', votes: null })
    await node.replica.addKeys([key])
    expect(await cards.get(docID)).toEqual({ _docID: docID, name: 'second', votes: 7 })
  })

  it('stays closed to another key, and to bytes that are none', async () => {
    const { node, docID } = await aNodeWithSecrets('votes')
    const other = sealEncryption({ key: new Uint8Array(32), docId: docID })
    await node.replica.addKeys([other.bytes])
    expect(await node.db.collection('Card').get(docID)).toMatchObject({ votes: null })
    await expect(node.replica.addKeys([Uint8Array.of(1, 2)])).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
  })

  it('is refused when the opened content is not what its document ID says', async () => {
    const plain = await aHistory()
    const secret = sealEncryption({ key: crypto.getRandomValues(new Uint8Array(32)), docId: plain.docID })
    const [first] = plain.commits
    if (first === undefined) throw new Error('no commit')
    const forged = await encrypt(withName(first, 'forged'), secret, () => true)
    const node = await openTestNode(SCHEMA)
    await node.replica.addKeys([secret.bytes])
    const [collectionId = ''] = node.replica.collectionIds()
    const report = await node.replica.merge(collectionId, [forged], { peer: 'test' })
    expect(report.rejected[0]?.reason).toMatch(/is not that of its content/)
  })
})

/** A node without the key that has merged a document whose fields (all, or `votes`) are encrypted. */
async function aNodeWithSecrets(
  what: 'whole' | 'votes',
): Promise<{ readonly node: TestNode; readonly docID: string; readonly key: Uint8Array; readonly told: readonly string[] }> {
  const { docID, commits } = await aHistory()
  const secret = sealEncryption({
    key: crypto.getRandomValues(new Uint8Array(32)),
    docId: docID,
    ...(what === 'votes' ? { fieldName: 'votes' } : {}),
  })
  const node = await openTestNode(SCHEMA)
  const told: string[] = []
  node.db.events.addEventListener('merge', ({ detail }) => told.push(detail.docID))
  const [collectionId = ''] = node.replica.collectionIds()
  const report = await node.replica.merge(collectionId, await encryptHistory(commits, secret, what), { peer: 'test' })
  expect(report).toMatchObject({ merged: 2, rejected: [], missing: [] })
  return { node, docID, key: secret.bytes, told }
}

/** Two commits of one document, in clear. */
async function aHistory(): Promise<{ readonly docID: string; readonly commits: readonly Commit[] }> {
  const { db, replica } = await openTestNode(SCHEMA)
  const docID = await db.collection('Card').create({ name: 'first', votes: 3 })
  await db.collection('Card').update(docID, { name: 'second', votes: 4 })
  const [collectionId = ''] = replica.collectionIds()
  return { docID, commits: (await replica.commitsSince(collectionId, docID, [])).filter(isDocumentCommit) }
}

/** The same commit with another name in it. */
function withName(commit: Commit, name: string): Commit {
  const data = concatBytes(Uint8Array.of(0x60 + name.length), new TextEncoder().encode(name))
  const fields = commit.fields.map(({ block }) =>
    block.delta.fieldName === 'name' ? sealBlock({ ...block, delta: { ...block.delta, data } }) : sealBlock(block),
  )
  return sealCommit(commit.composite.block.delta, commit.composite.block.heads, fields)
}

/** The stored records, byte for byte. */
async function recordOf({ store }: TestNode): Promise<unknown> {
  return store.scan({ from: Uint8Array.of(0x10), to: Uint8Array.of(0x13) })
}

import { expect, onTestFinished, test } from 'vitest'

import type { Progress } from '../database/database.ts'
import { pause, systemClock } from '../util/clock.ts'
import { DOCUMENTS_PER_PAGE, MAX_FOLLOWED_DOCUMENTS } from './limits.ts'
import { addressOf, aNode, connect, noteOf, startTestNode, type TestNode } from './network.testkit.ts'
import type { P2POptions } from './options.ts'
import { createMemoryReplica, newDocId } from './replica.testkit.ts'

async function aPlainNode(options: P2POptions = {}): Promise<TestNode> {
  const node = await aNode({ subscribe: [], ...options })
  onTestFinished(() => node.close())
  return node
}

/** Two connected nodes that subscribe to nothing. */
async function twoPlain(): Promise<[TestNode, TestNode]> {
  const [a, b] = await Promise.all([aPlainNode(), aPlainNode()])
  await connect(a, b)
  return [a, b]
}

/** Nothing can be waited for where nothing is to happen: two notes travel to the same node instead, of which it wants the second. */
async function untilPassed(from: TestNode, to: TestNode): Promise<void> {
  const collectionId = from.replica.addCollection('Marker')
  to.replica.addCollection('Marker')
  await to.network.p2p.collections.add('Marker')
  from.replica.write(collectionId)
  await to.replica.untilCount(collectionId, 1)
}

test('a node takes nothing it does not subscribe to, and gives what it has to whoever does', async () => {
  const [a, b] = await twoPlain()
  const note = noteOf(a)
  a.replica.writeMany(note, 20)
  await untilPassed(a, b)
  expect(b.replica.count(note)).toBe(0)

  await b.network.p2p.collections.add('Note')
  await b.replica.untilCount(note, 20)
  a.replica.write(note)
  await b.replica.untilCount(note, 21)
  b.replica.write(note)
  await untilPassed(b, a)
  expect(a.replica.count(note)).toBe(21)

  await b.network.p2p.collections.remove('Note')
  await pause(systemClock, 50)
  a.replica.write(note)
  await untilPassed(a, b)
  expect(b.replica.count(note)).toBe(22)
  expect(await b.network.p2p.collections.getAll()).toEqual(['Marker'])
})

test('subscriptions outlive a restart, and bring what came meanwhile', async () => {
  const a = await aPlainNode()
  const note = noteOf(a)
  const settings = new Map<string, Uint8Array>()
  const replica = createMemoryReplica({ settings })
  replica.addCollection('Note')
  const docId = newDocId()
  const first = await startTestNode(replica)
  await connect(first, a)
  await first.network.p2p.collections.add(['Note'])
  await first.network.p2p.documents.add(docId)
  a.replica.write(note)
  await replica.untilCount(note, 1)
  await first.close()

  a.replica.writeMany(note, 10)
  await using second = await startTestNode(replica)
  expect(await second.network.p2p.collections.getAll()).toEqual(['Note'])
  expect(await second.network.p2p.documents.getAll()).toEqual([docId])
  await second.network.p2p.connect(await addressOf(a))
  await replica.untilCount(note, 11)
})

test('collections are named by name or ID, all or none', async () => {
  const node = await aPlainNode()
  const { collections } = node.network.p2p
  const other = node.replica.addCollection('Other')
  node.replica.emit('schema', { collections: ['Note', 'Other'] })
  await collections.add([other, 'Note'])
  expect(await collections.getAll()).toEqual(['Other', 'Note'])
  await expect(collections.remove(['Note', 'Nope'])).rejects.toMatchObject({
    code: 'NOT_FOUND',
    details: { what: 'collection', id: 'Nope' },
  })
  await expect(collections.add('note')).rejects.toThrow(
    'collection not found: "note" is neither the name nor the ID of one (did you mean "Note"?)',
  )
  expect(await collections.getAll()).toEqual(['Other', 'Note'])
  await collections.remove(['Other', 'Other'])
  await collections.add([])
  expect(await collections.getAll()).toEqual(['Note'])
})

test('opening with names subscribes to them, and an unknown name is refused', async () => {
  const node = await aPlainNode({ subscribe: ['Note'] })
  expect(await node.network.p2p.collections.getAll()).toEqual(['Note'])
  await expect(aNode({ subscribe: ['Nope'] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a node that takes everything lists every collection, and leaves none out', async () => {
  const node = await aPlainNode({ subscribe: 'all' })
  expect(await node.network.p2p.collections.getAll()).toEqual(['Note'])
  await expect(node.network.p2p.collections.remove('Note')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await node.network.p2p.collections.add('Note')
  expect(await node.network.p2p.collections.getAll()).toEqual(['Note'])
})

test('a followed document comes with its changes, others do not', async () => {
  const [a, b] = await twoPlain()
  const note = noteOf(a)
  const [followed = '', other = ''] = a.replica.writeMany(note, 2)
  await b.network.p2p.documents.add(followed)
  await b.replica.untilCount(note, 1)
  a.replica.write(note, other)
  a.replica.write(note, followed)
  await b.replica.untilCount(note, 2)
  expect((await b.replica.documentHeads(note, { limit: 10 })).map(({ docId }) => docId)).toEqual([followed])

  await b.network.p2p.documents.remove([followed])
  await pause(systemClock, 50)
  a.replica.write(note, followed)
  await untilPassed(a, b)
  expect(b.replica.count(note)).toBe(2)
})

test('a followed document comes over a node in between, also what that node has caught up with', async () => {
  const [a, between, b] = await Promise.all([aPlainNode(), aNode(), aPlainNode()])
  onTestFinished(() => between.close())
  const note = noteOf(a)
  const docIds = a.replica.writeMany(note, 30)
  const [followed = ''] = docIds
  await connect(b, between)
  await b.network.p2p.documents.add(followed)
  await pause(systemClock, 50)
  // What comes now is the answer to a comparison, which is not passed on to those who compare.
  await connect(between, a)
  await b.replica.untilCount(note, 1)
  a.replica.write(note, followed)
  await b.replica.untilCount(note, 2)
})

test('followed documents are caught up with after an absence, also new ones', async () => {
  const [a, b] = await twoPlain()
  const note = noteOf(a)
  const [first = ''] = a.replica.writeMany(note, 3)
  const second = newDocId()
  await b.network.p2p.documents.add([first, second])
  await b.replica.untilCount(note, 1)
  await b.network.p2p.disconnect(a.id)
  a.replica.write(note, first)
  a.replica.write(note, second)
  await b.network.p2p.connect(await addressOf(a))
  await b.replica.untilCount(note, 3)
})

test('a followed document comes once its collection is known here', async () => {
  const [a, b] = await twoPlain()
  const other = a.replica.addCollection('Other')
  a.replica.emit('schema', { collections: ['Note', 'Other'] })
  const docId = a.replica.write(other)
  await b.network.p2p.documents.add(docId)
  await untilPassed(a, b)
  b.replica.addCollection('Other')
  b.replica.emit('schema', { collections: ['Note', 'Marker', 'Other'] })
  await b.replica.untilCount(other, 1)
})

test('documents are fetched once from whoever has them, and what is not found is named', async () => {
  const [a, b, c] = await Promise.all([aPlainNode(), aPlainNode(), aPlainNode()])
  const note = noteOf(a)
  await connect(c, a)
  await connect(c, b)
  const ofA = a.replica.write(note)
  const ofB = b.replica.write(note)
  await c.network.p2p.documents.sync('Note', [ofA, ofB])
  expect(c.replica.count(note)).toBe(2)
  a.replica.write(note, ofA)
  await untilPassed(a, c)
  expect(c.replica.count(note)).toBe(2)

  const nowhere = newDocId()
  const failing = c.network.p2p.documents.sync('Note', [ofA, nowhere], { timeout: 300 })
  await expect(failing).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringContaining(`no connected peer had "${nowhere}" of "Note"`),
  })
  expect(c.replica.count(note)).toBe(3)
  await expect(c.network.p2p.documents.sync('Nope', nowhere)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(c.network.p2p.documents.sync('Note', 'nothing')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await expect(c.network.p2p.documents.sync('Note', nowhere, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
})

test('the progress of a fetch counts the documents that are here', async () => {
  const [a, b] = await twoPlain()
  const note = noteOf(a)
  // More than are asked for at a time.
  const docIds = a.replica.writeMany(note, DOCUMENTS_PER_PAGE + 5)
  const told: Progress[] = []
  await b.network.p2p.documents.sync('Note', docIds, { onProgress: (progress) => told.push(progress) })
  expect(told.map(({ done }) => done)).toEqual([DOCUMENTS_PER_PAGE, DOCUMENTS_PER_PAGE + 5])
  expect(told.every(({ total }) => total === docIds.length)).toBe(true)
  await expect(
    b.network.p2p.documents.sync('Note', newDocId(), { timeout: 50, onProgress: (progress) => told.push(progress) }),
  ).rejects.toThrow()
  expect(told.at(-1)).toEqual({ done: 0, total: 1 })
})

test('one who comes while documents are waited for is asked too', async () => {
  const [a, b] = await Promise.all([aPlainNode(), aPlainNode()])
  const note = noteOf(a)
  const docId = a.replica.write(note)
  const syncing = b.network.p2p.documents.sync('Note', docId)
  await b.network.p2p.connect(await addressOf(a))
  await syncing
  expect(b.replica.count(note)).toBe(1)
})

test('calls for the same documents at the same time share one fetch', async () => {
  const [a, b] = await twoPlain()
  const note = noteOf(a)
  const docIds = a.replica.writeMany(note, 50)
  let served = 0
  const packedSince = a.replica.packedSince
  Object.assign(a.replica, {
    packedSince: (...asked: Parameters<typeof packedSince>) => {
      served += asked[1].length
      return packedSince(...asked)
    },
  })
  await Promise.all(Array.from({ length: 10 }, () => b.network.p2p.documents.sync('Note', docIds)))
  expect(b.replica.count(note)).toBe(50)
  expect(served).toBe(50)
})

test('a malformed document ID, and more documents than may be followed, are refused and change nothing', async () => {
  const node = await aPlainNode()
  const { documents } = node.network.p2p
  const docId = newDocId()
  await expect(documents.add([docId, 'nothing'])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  expect(await documents.getAll()).toEqual([])
  await documents.add(docId)
  const many = Array.from({ length: MAX_FOLLOWED_DOCUMENTS }, newDocId)
  await expect(documents.add(many)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
  expect(await documents.getAll()).toEqual([docId])
})

test('what a peer gives while the storage fails is fetched again, not given up', async () => {
  const [a, b] = await twoPlain()
  const note = noteOf(a)
  a.replica.writeMany(note, 600)
  const merge = b.replica.merge
  let failures = 0
  Object.assign(b.replica, {
    merge: (...merged: Parameters<typeof merge>) => {
      failures += 1
      return failures <= 2 ? Promise.reject(new Error('no room')) : merge(...merged)
    },
  })
  await b.network.p2p.collections.add('Note')
  await b.replica.untilCount(note, 600)
})

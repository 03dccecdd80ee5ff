import { expect, onTestFinished, test } from 'vitest'

import { documentOf, type ReplicatedCommit } from '../block/replicated-commit.ts'
import type { ReplicatorStatus } from '../database/database.ts'
import type { Rejection } from '../database/replica.ts'
import { addressOf, aNode, connect, noteOf, startTestNode, type TestNode } from './network.testkit.ts'
import type { P2POptions } from './options.ts'
import { createMemoryReplica } from './replica.testkit.ts'

const QUICK: P2POptions = { subscribe: [], replicatorRetryIntervals: [0.05, 0.1] }

async function aPlainNode(): Promise<TestNode> {
  const node = await aNode(QUICK)
  onTestFinished(() => node.close())
  return node
}

async function statusAt(node: TestNode): Promise<ReplicatorStatus | undefined> {
  return (await node.network.p2p.replicators.getAll())[0]
}

/** Resolves once everything has been confirmed by the only target. */
async function untilDone(node: TestNode): Promise<void> {
  await node.until('all is confirmed', async () => {
    const status = await statusAt(node)
    return status?.status === 'active' && status.pending.length === 0
  })
}

test('a target that subscribes to nothing gets what is there and what comes, and gives nothing back', async () => {
  const [a, b] = await Promise.all([aPlainNode(), aPlainNode()])
  const note = noteOf(a)
  a.replica.writeMany(note, 300)
  const own = b.replica.write(note)
  await a.network.p2p.replicators.set(await addressOf(b))
  await b.replica.untilCount(note, 301)
  a.replica.write(note)
  await b.replica.untilCount(note, 302)
  await untilDone(a)
  expect(await statusAt(a)).toMatchObject({ id: b.id, collections: ['Note'], status: 'active', pending: [], lacking: [] })
  b.replica.write(note, own)
  a.replica.write(note)
  await untilDone(a)
  expect(a.replica.count(note)).toBe(302)
})

test('replicators outlive a restart of the source, which knows what is still to go', async () => {
  const target = await aPlainNode()
  const replica = createMemoryReplica({ settings: new Map() })
  const note = replica.addCollection('Note')
  const first = await startTestNode(replica, QUICK)
  replica.writeMany(note, 5)
  await first.network.p2p.replicators.set(await addressOf(target), { collections: ['Note'] })
  await untilDone(first)
  await first.close()
  replica.write(note)

  await using second = await startTestNode(replica, QUICK)
  expect(await statusAt(second)).toMatchObject({ id: target.id, collections: ['Note'], pending: ['Note'] })
  await target.replica.untilCount(note, 6)
  await untilDone(second)
})

test('a target that was named by its ID alone is found again where it was', async () => {
  const target = await aPlainNode()
  const replica = createMemoryReplica({ settings: new Map() })
  const note = replica.addCollection('Note')
  const first = await startTestNode(replica, QUICK)
  // Dialled from here, and from there: then what it listens on is known, not where it came from.
  await connect(first, target)
  await first.network.p2p.replicators.set(target.id)
  await untilDone(first)
  expect((await statusAt(first))?.addresses).toEqual([await addressOf(target)])
  await first.close()
  replica.write(note)
  await using _ = await startTestNode(replica, QUICK)
  await target.replica.untilCount(note, 1)

  const other = await aPlainNode()
  await connect(other, target)
  await target.until('it is connected', async () => (await target.peer(other)) !== undefined)
  await target.network.p2p.replicators.set(other.id)
  expect((await statusAt(target))?.addresses).toEqual([await addressOf(other)])
})

test('a target that is away gets everything when it is back, however long that takes', async () => {
  const source = await aPlainNode()
  const note = noteOf(source)
  const replica = createMemoryReplica({ settings: new Map() })
  replica.addCollection('Note')
  const first = await startTestNode(replica, { subscribe: [] })
  const address = await addressOf(first)
  await source.network.p2p.replicators.set(address)
  source.replica.write(note)
  await replica.untilCount(note, 1)
  await untilDone(source)
  await first.close()
  source.replica.writeMany(note, 20)
  await source.until(
    'it cannot be reached',
    async () => (await statusAt(source))?.problem?.startsWith('the peer cannot be reached') === true,
  )
  expect(await statusAt(source)).toMatchObject({ status: 'inactive', pending: ['Note'] })

  await using second = await startTestNode(replica, { subscribe: [], listen: [address.replace(/\/p2p\/.*/, '')] })
  expect(second.id).toBe(first.id)
  await replica.untilCount(note, 21)
  await untilDone(source)
})

test('a target without the schema is told apart, and served once it has it', async () => {
  const [a, b] = await Promise.all([aPlainNode(), aPlainNode()])
  const other = a.replica.addCollection('Other')
  a.replica.emit('schema', { collections: ['Note', 'Other'] })
  a.replica.write(other)
  await a.network.p2p.replicators.set(await addressOf(b), { collections: ['Other'] })
  await a.until('it lacks the schema', async () => (await statusAt(a))?.lacking.length === 1)
  expect(await statusAt(a)).toMatchObject({
    status: 'inactive',
    lacking: ['Other'],
    problem: 'the peer has no collection "Other"; add the same schema there',
  })
  b.replica.addCollection('Other')
  b.replica.emit('schema', { collections: ['Note', 'Other'] })
  await b.replica.untilCount(other, 1)
  await untilDone(a)
})

test('a deleted replicator sends nothing any more, and a part of one only the rest', async () => {
  const [a, b] = await Promise.all([aPlainNode(), aPlainNode()])
  const note = noteOf(a)
  const others = [a, b].map(({ replica }) => replica.addCollection('Other'))
  for (const { replica } of [a, b]) replica.emit('schema', { collections: ['Note', 'Other'] })
  const [other = ''] = others
  const { replicators } = a.network.p2p
  await replicators.set(await addressOf(b))
  a.replica.write(note)
  await b.replica.untilCount(note, 1)
  await replicators.delete(b.id, { collections: ['Note'] })
  expect(await statusAt(a)).toMatchObject({ collections: ['Other'] })
  await untilDone(a)
  a.replica.write(note)
  a.replica.write(other)
  await b.replica.untilCount(other, 1)
  expect(b.replica.count(note)).toBe(1)

  await replicators.delete(b.id)
  expect(await replicators.getAll()).toEqual([])
  await expect(replicators.delete(b.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a replicator that is set again gets more collections, and one for all gets those to come', async () => {
  const [a, b] = await Promise.all([aPlainNode(), aPlainNode()])
  await connect(a, b)
  const { replicators } = a.network.p2p
  await replicators.set(b.id, { collections: ['Note'] })
  expect(await statusAt(a)).toMatchObject({ addresses: [await addressOf(b)], collections: ['Note'] })
  await replicators.set(await addressOf(b))
  const other = a.replica.addCollection('Other')
  b.replica.addCollection('Other')
  for (const { replica } of [a, b]) replica.emit('schema', { collections: ['Note', 'Other'] })
  a.replica.write(other)
  await b.replica.untilCount(other, 1)
  expect(await statusAt(a)).toMatchObject({ addresses: [await addressOf(b)], collections: ['Note', 'Other'] })
})

test('what is no peer, this node itself, and unknown collections are refused', async () => {
  const node = await aPlainNode()
  const { replicators } = node.network.p2p
  await expect(replicators.set('nobody')).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
  await expect(replicators.set('/ip4/127.0.0.1/tcp/9171')).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
  await expect(replicators.set(node.id)).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
  await expect(replicators.set(await addressOf(node))).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
  await expect(replicators.set((await aPlainNode()).id, { collections: ['Nope'] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await replicators.getAll()).toEqual([])
})

test('what a target refuses is not confirmed', async () => {
  const [a, b] = await Promise.all([aPlainNode(), aPlainNode()])
  const note = noteOf(a)
  const [refused = ''] = a.replica.writeMany(note, 5)
  const merge = b.replica.merge
  Object.assign(b.replica, {
    merge: async (collectionId: string, commits: readonly ReplicatedCommit[], options: object) => {
      const [wrong, right] = [
        commits.filter((commit) => documentOf(commit) === refused),
        commits.filter((commit) => documentOf(commit) !== refused),
      ]
      const rejected = wrong.map(({ composite: { cid } }): Rejection => ({ kind: 'refused', cid, reason: 'the test refuses it' }))
      return { ...(await merge(collectionId, right, options)), rejected }
    },
  })
  await a.network.p2p.replicators.set(await addressOf(b))
  await b.replica.untilCount(note, 4)
  await b.until('it was refused', () => b.told.some(({ name }) => name === 'peer:dropped'))
  a.replica.write(note)
  await b.replica.untilCount(note, 5)
  expect(await statusAt(a)).toMatchObject({ status: 'active', pending: ['Note'] })
})

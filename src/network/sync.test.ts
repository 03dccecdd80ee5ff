import { expect, test } from 'vitest'

import { packCommit } from '../block/commit.ts'
import { aClock } from '../util/clock.testkit.ts'
import { COMPARE_AGAIN, MAX_INTERESTS, MAX_NEWS_FETCHES, MAX_OPEN_REQUESTS, PING_INTERVAL } from './limits.ts'
import {
  decodeMessage,
  encodeMessage,
  HASH_BYTES,
  SESSION_BYTES,
  SYNC_MESSAGES,
  TREE_ANSWER,
  TREE_QUESTION,
  WANTS,
  type SyncMessage,
} from './messages.ts'
import { aCommit, newDocId } from './replica.testkit.ts'
import type { FakeStream } from './stream.testkit.ts'
import { aSyncNode, type SyncNode } from './sync-node.testkit.ts'
import { connectNodes, framed } from './tampered-wire.testkit.ts'
import { encodeWith } from './wire.ts'

interface Talk {
  readonly heard: readonly SyncMessage[]
  readonly stream: FakeStream
  say(...messages: readonly SyncMessage[]): Promise<void>
}

/** A peer that has said hello, and that it has something of the node's collection. */
async function talkTo(node: SyncNode): Promise<Talk> {
  const heard: SyncMessage[] = []
  const stream = node.open('bob', (data) => heard.push(decodeMessage(SYNC_MESSAGES, data.subarray(4))))
  const say: Talk['say'] = async (...messages) => {
    for (const message of messages) stream.arrive(framed(encodeMessage(SYNC_MESSAGES, message)))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const root = new Uint8Array(HASH_BYTES).fill(1)
  await say({ type: 'hello', session: new Uint8Array(SESSION_BYTES), interests: [{ topic: node.topic, root, role: WANTS }] })
  return { heard, stream, say }
}

function count({ heard }: Talk, type: SyncMessage['type']): number {
  return heard.filter((message) => message.type === type).length
}

test('two nodes come together that differ in as many collections as nodes may share', async () => {
  const { clock } = aClock()
  const options = { clock, fields: 1, more: MAX_INTERESTS - 1 }
  const [ann, bob] = [await aSyncNode(options), await aSyncNode(options)]
  const collectionIds = ann.replica.collectionIds()
  for (const collectionId of collectionIds) for (const { replica } of [ann, bob]) replica.write(collectionId)
  const wire = connectNodes(ann, bob, (frame) => [framed(frame)])
  for (let round = 0; round < 20; round++) await wire.deliver()
  expect([ann.dropped, bob.dropped]).toEqual([[], []])
  expect(collectionIds.filter((collectionId) => ann.replica.content(collectionId) !== bob.replica.content(collectionId))).toEqual([])
  for (const node of [ann, bob]) node.close()
})

test('of many documents that came without their beginning a few are asked for at once, and a comparison finds the others', async () => {
  const { clock, pass, waiting } = aClock()
  const node = await aSyncNode({ clock, fields: 1 })
  const talk = await talkTo(node)
  const before = waiting()
  const news = Array.from({ length: 500 }, (): SyncMessage => {
    const orphan = aCommit({ priority: 2, heads: [aCommit().composite.cid] })
    return { type: 'commits', request: 0, topic: node.topic, commits: [packCommit(orphan)] }
  })
  for (const message of news) await talk.say(message)
  expect(count(talk, 'want')).toBe(MAX_NEWS_FETCHES)
  expect(waiting() - before).toBeLessThanOrEqual(MAX_NEWS_FETCHES + 1)
  const [question] = talk.heard.filter(({ type }) => type === 'compare')
  if (question?.type !== 'compare') throw new Error('nothing was compared')
  await talk.say({ type: 'differ', request: question.request, answer: Uint8Array.of() })
  pass(COMPARE_AGAIN)
  await talk.say()
  expect(count(talk, 'compare')).toBe(2)
  expect(node.dropped).toHaveLength(1)
  node.close()
})

test('however often a peer has let commits go, it is asked for followed documents one time after the other', async () => {
  const node = await aSyncNode({ clock: aClock().clock, fields: 1, followed: [newDocId()] })
  const talk = await talkTo(node)
  const missed: SyncMessage = { type: 'missed', topic: node.topic }
  await talk.say(...Array.from({ length: 100 }, () => missed))
  expect(count(talk, 'compare')).toBe(1)
  await talk.say({ type: 'differ', request: 1, answer: encodeWith(TREE_ANSWER, { branches: [], documents: [], next: '' }) })
  expect(count(talk, 'compare')).toBe(2)
  await talk.say({ type: 'differ', request: 2, answer: encodeWith(TREE_ANSWER, { branches: [], documents: [], next: '' }) })
  expect(count(talk, 'compare')).toBe(2)
  node.close()
})

test('a peer that does not read what it has asked for hears no more, and is cut off when it goes on asking', async () => {
  const node = await aSyncNode({ clock: aClock().clock, fields: 1 })
  node.replica.writeMany(node.note, 300)
  const talk = await talkTo(node)
  talk.stream.writableNeedsDrain = true
  const bytes = encodeWith(TREE_QUESTION, { branches: [''], listing: [], after: '', named: [] })
  const question: SyncMessage = { type: 'compare', request: 1, topic: node.topic, question: bytes }
  for (let round = 0; round < MAX_OPEN_REQUESTS; round++) await talk.say(question)
  expect(count(talk, 'differ')).toBe(1)
  talk.stream.drain()
  await talk.say()
  expect(count(talk, 'differ')).toBe(MAX_OPEN_REQUESTS)
  talk.stream.writableNeedsDrain = true
  for (let round = 0; round < 2 * MAX_OPEN_REQUESTS; round++) await talk.say(question)
  expect(node.offences.isCutOff('bob')).toBe(true)
  node.close()
})

test('a request that names a document twice is refused: nobody reads a large document a thousand times at once', async () => {
  const node = await aSyncNode({ clock: aClock().clock, fields: 1 })
  const document = { docId: node.replica.write(node.note), cids: [] }
  const talk = await talkTo(node)
  await talk.say({ type: 'want', request: 1, topic: node.topic, documents: [document, document] })
  expect(node.dropped).toEqual(['a request for commits names a document twice'])
  expect(count(talk, 'served')).toBe(0)
  node.close()
})

test('a peer that answers no ping is given up with the fourth', async () => {
  const { clock, pass } = aClock()
  const node = await aSyncNode({ clock, fields: 1 })
  const { stream } = await talkTo(node)
  pass(4 * PING_INTERVAL - 1)
  expect(stream.aborted).toBeUndefined()
  pass(1)
  expect(stream.aborted).toBeDefined()
  node.close()
})

import { expect, test } from 'vitest'

import { packCommit } from '../block/commit.ts'
import { aClock } from '../util/clock.testkit.ts'
import { COMPARE_AGAIN, MAX_INTERESTS, MAX_NEWS_FETCHES } from './limits.ts'
import { decodeMessage, encodeMessage, HASH_BYTES, SESSION_BYTES, SYNC_MESSAGES, TREE_ANSWER, WANTS, type SyncMessage } from './messages.ts'
import { aCommit, newDocId } from './replica.testkit.ts'
import { aSyncNode, type SyncNode } from './sync-node.testkit.ts'
import { connectNodes, framed } from './tampered-wire.testkit.ts'
import { encodeWith } from './wire.ts'

interface Talk {
  readonly heard: readonly SyncMessage[]
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
  return { heard, say }
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

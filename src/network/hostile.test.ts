import { expect, onTestFinished, test } from 'vitest'

import { packCommit } from '../block/commit.ts'
import { CUT_OFF_POINTS, MAX_FRAME_BYTES, MAX_OPEN_REQUESTS, MAX_PRINTS_BYTES, MESSAGES_AT_ONCE } from './limits.ts'
import {
  encodeMessage,
  GOSSIP_MESSAGES,
  HASH_BYTES,
  SESSION_BYTES,
  SYNC_MESSAGES,
  SYNC_PROTOCOL,
  TREE_ANSWER,
  type GossipMessage,
  type SyncBodies,
} from './messages.ts'
import { aNode, type TestNode } from './network.testkit.ts'
import { POINTS } from './offences.ts'
import { aCommit, newDocId, REFUSED_VERSION } from './replica.testkit.ts'
import { aStranger, type Conversation, type Stranger } from './stranger.testkit.ts'
import { gossipTopic, topicOf } from './topics.ts'
import { encodeWith } from './wire.ts'

interface Meeting {
  readonly node: TestNode
  readonly note: string
  readonly topic: Uint8Array
  readonly stranger: Stranger
  readonly talk: Conversation<SyncBodies>
}

async function addressOf(node: TestNode): Promise<string> {
  const { addresses } = await node.network.p2p.info()
  return addresses.find((address) => address.includes('/tcp/')) ?? ''
}

/** A node, and a stranger who has said hello and claims to have the node's collection. */
async function meet(options: { readonly crowd?: number } = {}): Promise<Meeting> {
  const node = await aNode({}, {}, options)
  const stranger = await aStranger({ leading: node.id })
  onTestFinished(async () => {
    await stranger.close()
    await node.close()
  })
  const note = node.replica.collectionIds()[0] ?? ''
  const topic = topicOf(note, '')
  const talk = await stranger.speak(await addressOf(node), SYNC_PROTOCOL, SYNC_MESSAGES)
  talk.say({
    type: 'hello',
    session: new Uint8Array(SESSION_BYTES),
    interests: [{ topic, root: new Uint8Array(HASH_BYTES).fill(1), role: 0 }],
  })
  await talk.until(({ type }) => type === 'compare')
  return { node, note, topic, stranger, talk }
}

/** Resolves when the node has worked off everything that was said before. */
async function settle({ talk }: Meeting, number: number): Promise<void> {
  talk.say({ type: 'ping', number })
  await talk.until((message) => message.type === 'pong' && message.number === number)
}

async function droppedOf({ node, stranger }: Meeting): Promise<number | undefined> {
  return (await node.network.p2p.peers()).find(({ id }) => id === stranger.id)?.dropped
}

test('garbage on a sync stream is dropped and counted, and the session goes on', async () => {
  const meeting = await meet()
  const { node, talk, stranger, topic, note } = meeting
  const garbage = [Uint8Array.of(200, 1, 2), new Uint8Array(), Uint8Array.of(4)]
  for (const bytes of garbage) talk.sayBytes(bytes)
  await settle(meeting, 1)
  expect(await droppedOf(meeting)).toBe(3)
  expect(node.told.filter(({ name }) => name === 'peer:dropped').map(({ detail }) => detail)).toEqual([
    { id: stranger.id, reason: 'there is no message with the number 200' },
    { id: stranger.id, reason: 'there is no message with the number undefined' },
    { id: stranger.id, reason: 'the message ends within a number' },
  ])
  talk.say({ type: 'commits', request: 0, topic, commits: [packCommit(aCommit())] })
  await node.replica.untilCount(note, 1)
})

test('of the commits in a message only those that are wrong are dropped', async () => {
  const meeting = await meet()
  const { node, talk, topic, note } = meeting
  const good = packCommit(aCommit())
  const broken = good.map((byte, index) => (index === good.length - 3 ? byte ^ 1 : byte))
  const refused = packCommit(aCommit({ schemaVersionId: REFUSED_VERSION }))
  talk.say({ type: 'commits', request: 0, topic, commits: [broken, refused, good] })
  await node.replica.untilCount(note, 1)
  await node.until('two dropped', async () => (await droppedOf(meeting)) === 2)
})

test('commits of a collection that is not here are dropped, and acknowledged all the same', async () => {
  const meeting = await meet()
  const { talk } = meeting
  talk.say({ type: 'commits', request: 0, topic: topicOf('elsewhere', ''), commits: [packCommit(aCommit())] })
  await talk.until(({ type }) => type === 'acknowledge')
  expect(await droppedOf(meeting)).toBe(1)
})

test('answers to no question, an acknowledgement of nothing and a second hello are dropped', async () => {
  const meeting = await meet()
  const { talk } = meeting
  talk.say({ type: 'differ', request: 77, answer: new Uint8Array() })
  talk.say({ type: 'served', request: 77, parted: [] })
  talk.say({ type: 'acknowledge', bytes: 1 })
  talk.say({ type: 'hello', session: new Uint8Array(SESSION_BYTES), interests: [] })
  await settle(meeting, 1)
  expect(await droppedOf(meeting)).toBe(4)
})

test('a stranger who starts without hello is not listened to', async () => {
  const node = await aNode()
  const stranger = await aStranger({ leading: node.id })
  onTestFinished(async () => {
    await stranger.close()
    await node.close()
  })
  const talk = await stranger.speak(await addressOf(node), SYNC_PROTOCOL, SYNC_MESSAGES)
  talk.say({ type: 'bye', reason: 0 })
  await node.until('the drop', () => node.told.some(({ name }) => name === 'peer:dropped'))
  expect(await node.network.p2p.peers()).toEqual([])
})

test('nonsense instead of an answer is dropped, and the node asks again later', async () => {
  const meeting = await meet()
  const { talk } = meeting
  const question = await talk.until(({ type }) => type === 'compare')
  if (question.type !== 'compare') throw new Error('no question')
  talk.say({ type: 'differ', request: question.request, answer: Uint8Array.of(1, 2, 3) })
  await settle(meeting, 1)
  expect(await droppedOf(meeting)).toBe(1)
  await talk.until((message) => message.type === 'compare' && message.request > question.request)
})

test('a node does not ask for ever for commits that a peer names but does not give', async () => {
  const meeting = await meet()
  const { talk, topic } = meeting
  const list = encodeWith(TREE_ANSWER, { branches: [], documents: [{ docId: newDocId(), cids: [aCommit().composite.cid] }], next: '' })
  let told = 0
  for (let request = 1; request <= 6; request += 2) {
    await talk.until((message) => message.type === 'compare' && message.request === request)
    // Something of every bucket, never the same.
    const prints = crypto.getRandomValues(new Uint8Array(MAX_PRINTS_BYTES))
    talk.say({
      type: 'differ',
      request,
      answer: encodeWith(TREE_ANSWER, { branches: [{ prints, documents: [] }], documents: [], next: '' }),
    })
    await talk.until((message) => message.type === 'compare' && message.request === request + 1)
    talk.say({ type: 'differ', request: request + 1, answer: list })
    if (request === 1) {
      const want = await talk.until(({ type }) => type === 'want')
      if (want.type === 'want') talk.say({ type: 'served', request: want.request, parted: [] })
    }
    // Another root: there may be more to find.
    talk.say({ type: 'root', topic, root: new Uint8Array(HASH_BYTES).fill((told += 2)) })
  }
  await settle(meeting, 1)
  expect(talk.heard.filter(({ type }) => type === 'want')).toHaveLength(1)
})

test('more questions at a time than are allowed are dropped', async () => {
  const meeting = await meet()
  const { node, talk, topic } = meeting
  const gate = Promise.withResolvers<readonly never[]>()
  Object.assign(node.replica, { lacking: () => gate.promise })
  const documents = [{ docId: newDocId(), cids: [] }]
  for (let request = 1; request <= MAX_OPEN_REQUESTS + 2; request++) talk.say({ type: 'want', request, topic, documents })
  await settle(meeting, 1)
  expect(await droppedOf(meeting)).toBe(2)
  gate.resolve([])
  await talk.until((message) => message.type === 'served' && message.request === MAX_OPEN_REQUESTS)
})

test('a frame that is too large ends the stream', async () => {
  const { node, talk, stranger } = await meet()
  talk.sayBytes(new Uint8Array(MAX_FRAME_BYTES + 1))
  await talk.ended
  await node.until('gone', async () => (await node.network.p2p.peers()).length === 0)
  expect(node.told.filter(({ name }) => name === 'peer:dropped').map(({ detail }) => detail)).toEqual([
    { id: stranger.id, reason: expect.stringContaining('is larger than') },
  ])
})

test('a peer that does not stop is cut off for a time, and the others are served', async () => {
  const { node, note, talk, stranger } = await meet()
  const other = await aNode()
  onTestFinished(() => other.close())
  await other.network.p2p.connect(await addressOf(node))
  for (let points = 0; points < CUT_OFF_POINTS; points += POINTS.garbage) talk.sayBytes(Uint8Array.of(200))
  // The last message may come a moment after a point was forgiven.
  talk.sayBytes(Uint8Array.of(200))
  await talk.ended
  await node.until('cut off', async () => (await node.network.p2p.peers()).every(({ id }) => id !== stranger.id))
  await expect(stranger.speak(await addressOf(node), SYNC_PROTOCOL, SYNC_MESSAGES)).rejects.toThrow()
  node.replica.write(note)
  await other.replica.untilCount(note, 1)
})

async function joinGossip({ stranger, node, topic }: Meeting): Promise<(message: GossipMessage | Uint8Array) => Promise<void>> {
  const { gossip } = stranger.node.services
  const name = gossipTopic(topic)
  gossip.subscribe(name)
  await expect.poll(() => gossip.getSubscribers(name).map(String)).toEqual([node.id])
  return async (message) => {
    await gossip.publish(name, message instanceof Uint8Array ? message : encodeMessage(GOSSIP_MESSAGES, message))
  }
}

test('garbage on a gossip topic is dropped, counted and not passed on; commits are merged', async () => {
  const meeting = await meet()
  const { node, note } = meeting
  const publish = await joinGossip(meeting)
  await publish(Uint8Array.of(1, 2, 3))
  await publish({ type: 'commits', commits: [Uint8Array.of(9, 9)] })
  await publish({ type: 'announce', documents: [{ docId: 'nobody', cids: [] }] })
  await node.until('three dropped', async () => (await droppedOf(meeting)) === 3)
  expect(
    node.told.filter(({ name }) => name === 'peer:dropped').every(({ detail }) => JSON.stringify(detail).includes('on a gossip topic')),
  ).toBe(true)
  await publish({ type: 'commits', commits: [packCommit(aCommit())] })
  await node.replica.untilCount(note, 1)
})

test('commits that are only announced are fetched', async () => {
  const meeting = await meet()
  const { node, note, talk, topic } = meeting
  const publish = await joinGossip(meeting)
  const commit = aCommit()
  const { docId } = commit.composite.block.delta
  await publish({ type: 'announce', documents: [{ docId, cids: [commit.composite.cid] }] })
  const want = await talk.until(({ type }) => type === 'want')
  if (want.type !== 'want') throw new Error('nothing is wanted')
  expect(want.documents).toEqual([{ docId, cids: [] }])
  talk.say({ type: 'commits', request: want.request, topic, commits: [packCommit(commit)] })
  talk.say({ type: 'served', request: want.request, parted: [] })
  await node.replica.untilCount(note, 1)
})

test('commits of other documents than those asked for are dropped', async () => {
  const meeting = await meet()
  const { node, talk, topic, note } = meeting
  const orphan = aCommit({ heads: [aCommit().composite.cid], priority: 2 })
  talk.say({ type: 'commits', request: 0, topic, commits: [packCommit(orphan)] })
  const want = await talk.until(({ type }) => type === 'want')
  if (want.type !== 'want') throw new Error('no request')
  talk.say({ type: 'commits', request: want.request, topic, commits: [packCommit(aCommit())] })
  talk.say({ type: 'served', request: want.request, parted: [] })
  await settle(meeting, 1)
  expect(node.replica.count(note)).toBe(0)
  expect(node.told).toContainEqual(
    expect.objectContaining({ detail: { id: meeting.stranger.id, reason: 'it gives commits of documents it was not asked for' } }),
  )
})

test('a history without a beginning is asked for once', async () => {
  const meeting = await meet()
  const { node, talk, topic, note, stranger } = meeting
  const docId = newDocId()
  const anOrphan = (): Uint8Array => packCommit(aCommit({ docId, heads: [aCommit().composite.cid], priority: 2 }))
  talk.say({ type: 'commits', request: 0, topic, commits: [anOrphan()] })
  const want = await talk.until(({ type }) => type === 'want')
  if (want.type !== 'want') throw new Error('no request')
  for (let index = 0; index < 5; index++) talk.say({ type: 'commits', request: want.request, topic, commits: [anOrphan()] })
  talk.say({ type: 'served', request: want.request, parted: [] })
  await node.until('it was noted', () => node.told.some(({ name }) => name === 'peer:dropped'))
  await settle(meeting, 1)
  expect(node.told.find(({ name }) => name === 'peer:dropped')?.detail).toEqual({
    id: stranger.id,
    reason: `it gives commits of "${docId}" without their ancestors`,
  })
  expect(talk.heard.filter(({ type }) => type === 'want')).toHaveLength(1)
  expect(node.replica.count(note)).toBe(0)
})

test('a peer that says more than it may is cut off, and the reason is told', async () => {
  const { node, talk, stranger } = await meet()
  for (let index = 0; index < 4 * MESSAGES_AT_ONCE && talk.frames.isOpen; index++) {
    talk.say({ type: 'neighbours', peers: [] })
    if (index % 100 === 0) await talk.frames.drained()
  }
  await talk.ended
  await node.until('cut off', async () => (await node.network.p2p.peers()).length === 0)
  expect(await node.network.p2p.refused()).toEqual([{ id: stranger.id, reason: 'it says more than a peer may', until: expect.any(Number) }])
  expect(node.told.filter(({ name }) => name === 'peer:refused')).toHaveLength(1)
})

import { expect, test } from 'vitest'

import { MAX_INTERESTS, MAX_WHO_FRAME_BYTES } from '../src/network/limits.ts'
import { SESSION_BYTES, WHO_MESSAGES, WHO_PROTOCOL, type WhoBodies } from '../src/network/messages.ts'
import type { Conversation, Stranger } from '../src/network/stranger.testkit.ts'
import { topicOf } from '../src/network/topics.ts'
import { MAX_WHO_STREAMS, WHO_BURST, WHO_PATIENCE } from './options.ts'
import { aRelay, somebody } from './relay.testkit.ts'
import type { Relay } from './relay.ts'

const NOTE = topicOf('Note', '')
const TASK = topicOf('Task', '')

function meet(stranger: Stranger, relay: Relay): Promise<Conversation<WhoBodies>> {
  return stranger.speak(relay.addresses[0] ?? '', WHO_PROTOCOL, WHO_MESSAGES)
}

function session(number: number): Uint8Array {
  return new Uint8Array(SESSION_BYTES).fill(number)
}

test('who joins a topic hears of those that are there, and they hear of him, and when he leaves', async () => {
  const relay = await aRelay()
  const [ann, bob] = [await somebody(), await somebody()]
  const annTalk = await meet(ann, relay)
  annTalk.say({ type: 'join', session: session(1), topics: [NOTE] })
  annTalk.say({ type: 'ping', number: 7 })
  expect(await annTalk.until(({ type }) => type === 'pong')).toEqual({ type: 'pong', number: 7 })
  const bobTalk = await meet(bob, relay)
  bobTalk.say({ type: 'join', session: session(2), topics: [TASK, NOTE] })
  expect(await bobTalk.until(({ type }) => type === 'present')).toEqual({ type: 'present', peers: [{ peer: ann.id, session: session(1) }] })
  expect(await annTalk.until(({ type }) => type === 'present')).toEqual({ type: 'present', peers: [{ peer: bob.id, session: session(2) }] })
  expect(relay.stats()).toMatchObject({ topics: 2, members: 2, dropped: 0 })
  bobTalk.frames.close()
  expect(await annTalk.until(({ type }) => type === 'gone')).toEqual({ type: 'gone', peers: [{ peer: bob.id, session: session(2) }] })
})

test('a change of interests is told to those whom it concerns', async () => {
  const relay = await aRelay()
  const [ann, bob] = [await somebody(), await somebody()]
  const annTalk = await meet(ann, relay)
  const bobTalk = await meet(bob, relay)
  annTalk.say({ type: 'join', session: session(1), topics: [NOTE] })
  bobTalk.say({ type: 'join', session: session(2), topics: [TASK] })
  bobTalk.say({ type: 'join', session: session(2), topics: [TASK, NOTE] })
  await annTalk.until(({ type }) => type === 'present')
  await bobTalk.until(({ type }) => type === 'present')
  bobTalk.say({ type: 'join', session: session(2), topics: [] })
  await annTalk.until(({ type }) => type === 'gone')
  await bobTalk.until(({ type }) => type === 'gone')
})

test('the end of an old stream does not remove a node that has joined again', async () => {
  const relay = await aRelay()
  const [ann, bob] = [await somebody(), await somebody()]
  const annTalk = await meet(ann, relay)
  annTalk.say({ type: 'join', session: session(1), topics: [NOTE] })
  const first = await meet(bob, relay)
  first.say({ type: 'join', session: session(2), topics: [NOTE] })
  const second = await meet(bob, relay)
  second.say({ type: 'join', session: session(3), topics: [NOTE] })
  await first.ended
  await annTalk.until((message) => message.type === 'present' && message.peers[0]?.session[0] === 3)
  expect(annTalk.heard.map(({ type }) => type)).toEqual(['welcome', 'present', 'gone', 'present'])
  expect(relay.stats()).toMatchObject({ members: 2 })
  const third = await meet(bob, relay)
  third.say({ type: 'join', session: session(3), topics: [NOTE] })
  await second.ended
  third.say({ type: 'ping', number: 1 })
  await third.until(({ type }) => type === 'pong')
  // The same run on another stream: nobody needs to hear of it.
  expect(annTalk.heard).toHaveLength(4)
})

test('what a node may not say is dropped and counted, and ends its connection in the end', async () => {
  const relay = await aRelay()
  const ann = await somebody()
  const talk = await meet(ann, relay)
  talk.sayBytes(Uint8Array.of(99, 1, 2, 3))
  talk.say({ type: 'present', peers: [{ peer: ann.id, session: session(1) }] })
  talk.sayBytes(new Uint8Array())
  talk.say({ type: 'join', session: session(1), topics: [NOTE] })
  talk.say({ type: 'ping', number: 1 })
  await talk.until(({ type }) => type === 'pong')
  expect(relay.stats()).toMatchObject({ dropped: 3, members: 1 })
  for (let index = 3; index < WHO_PATIENCE; index++) talk.sayBytes(Uint8Array.of(99))
  await talk.ended
  await expect.poll(() => relay.stats()).toMatchObject({ connections: 0, members: 0, dropped: WHO_PATIENCE })
})

test('a frame that is too large ends the stream', async () => {
  const relay = await aRelay()
  const talk = await meet(await somebody(), relay)
  talk.sayBytes(new Uint8Array(MAX_WHO_FRAME_BYTES + 1))
  await talk.ended
  expect(relay.stats()).toMatchObject({ dropped: 1 })
})

test('a flood of messages is dropped', async () => {
  const relay = await aRelay()
  const talk = await meet(await somebody(), relay)
  for (let number = 0; number < WHO_BURST + 10; number++) talk.say({ type: 'ping', number })
  await talk.until((message) => message.type === 'pong' && message.number === WHO_BURST - 1)
  await expect.poll(() => relay.stats().dropped).toBeGreaterThanOrEqual(9)
})

test('more topics than are allowed are refused', async () => {
  const relay = await aRelay()
  const talk = await meet(await somebody(), relay)
  const topics = Array.from({ length: MAX_INTERESTS }, (_, index) => topicOf(String(index), ''))
  talk.say({ type: 'join', session: session(1), topics })
  talk.say({ type: 'ping', number: 1 })
  await talk.until(({ type }) => type === 'pong')
  expect(relay.stats()).toMatchObject({ topics: MAX_INTERESTS, dropped: 0 })
  expect(() => talk.say({ type: 'join', session: session(1), topics: [...topics, NOTE] })).toThrow('from 0 to 256 are allowed')
})

test('the first word of a relay is what it offers', async () => {
  const ann = await somebody()
  for (const options of [{}, { stunPort: 0 }]) {
    const relay = await aRelay(options)
    const talk = await meet(ann, relay)
    expect(await talk.until(() => true)).toEqual({ type: 'welcome', stunPort: relay.stunPort ?? 0, facts: [] })
  }
})

test('a node has no more streams than it may', async () => {
  const relay = await aRelay()
  const ann = await somebody()
  for (let count = 0; count < MAX_WHO_STREAMS; count++) {
    const talk = await meet(ann, relay)
    await talk.until(() => true)
  }
  const refused = await meet(ann, relay)
  await refused.ended
  expect((await relay.report()).refused['streams-of-peer']).toBe(1)
})

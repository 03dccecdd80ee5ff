import { describe, expect, it } from 'vitest'

import { packCommit } from '../block/commit.ts'
import { someCid } from '../block/random-blocks.testkit.ts'
import { encodeText } from '../util/bytes.ts'
import { aClock, type StandingClock } from '../util/clock.testkit.ts'
import { FUZZ_TIMEOUT, inputsToMake } from '../util/fuzz.testkit.ts'
import { memoryInUse } from '../util/memory.testkit.ts'
import { render } from '../util/pieces.testkit.ts'
import { randomOf, testSeed } from '../util/seed.testkit.ts'
import { MESSAGES_PER_SECOND } from './limits.ts'
import { encodeMessage, GOSSIP_MESSAGES, HASH_BYTES, SESSION_BYTES, SYNC_MESSAGES, WANTS } from './messages.ts'
import { aCommit, newDocId } from './replica.testkit.ts'
import type { FakeStream } from './stream.testkit.ts'
import { aSyncNode, type SyncNode } from './sync-node.testkit.ts'
import { connectNodes, createHearsay, framed, type Hearsay } from './tampered-wire.testkit.ts'
import { messagePieces, type Filling } from './wire-pieces.testkit.ts'

/** A node, and a peer that says what makes sense to it, but neither reads nor answers. */
interface Meeting {
  readonly node: SyncNode
  readonly clock: StandingClock
  readonly stream: FakeStream
  readonly filling: Filling
}

async function meet(followed: readonly string[]): Promise<Meeting> {
  const clock = aClock()
  const [node, friend] = [await aSyncNode({ clock: clock.clock, fields: 1, followed }), await aSyncNode({ clock: clock.clock, fields: 1 })]
  for (const { replica, note } of [node, friend]) replica.writeMany(note, 20)
  const heard = createHearsay()
  const wire = connectNodes(node, friend, (frame) => {
    heard.listen(frame)
    return [framed(frame)]
  })
  await wire.deliver()
  wire.close()
  friend.close()
  const stream = node.open('mallory', () => {})
  const interest = { topic: node.topic, root: new Uint8Array(HASH_BYTES).fill(1), role: WANTS }
  stream.arrive(framed(encodeMessage(SYNC_MESSAGES, { type: 'hello', session: new Uint8Array(SESSION_BYTES), interests: [interest] })))
  stream.writableNeedsDrain = true
  return { node, clock, stream, filling: fillingOf(node, heard) }
}

/** Documents and commits that the node does not know; all else as it was said in its hearing. */
function fillingOf({ topic }: SyncNode, heard: Hearsay): Filling {
  return (name, random) => {
    if (name === 'topic') return topic
    // Live commits; for questions any number will do.
    if (name === 'request') return 0
    if (name === 'cids') return someCid(random)
    if (name === 'commits') return packCommit(aCommit({ priority: 2, heads: [someCid(random)] }))
    if (['docId', 'added', 'removed'].includes(name)) return encodeText(newDocId())
    return heard.filling(name, random)
  }
}

/** Whatever is said, and however often. */
const MOST_TIMERS = 200
const MOST_WAITING_BYTES: number = 4 * 1024 * 1024
const MOST_KEPT_BYTES: number = 32 * 1024 * 1024

/** Says something again and again for as long as it is listened to. */
async function flood({ node, clock, stream }: Meeting, say: () => void): Promise<void> {
  const seconds = Math.ceil(inputsToMake(30) / MESSAGES_PER_SECOND) + 1
  const messages = Math.min(MESSAGES_PER_SECOND, inputsToMake(10))
  let before: number | undefined
  for (let second = 0; second < seconds && stream.status === 'open'; second++) {
    for (let said = 0; said < messages && stream.status === 'open'; said++) {
      say()
      if (said % 32 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    // It is there all the same, or it would be given up.
    stream.arrive(framed(encodeMessage(SYNC_MESSAGES, { type: 'ping', number: second })))
    clock.pass(1000)
    before ??= memoryInUse()
  }
  expect(stream.thrown).toEqual([])
  expect(clock.waiting()).toBeLessThan(MOST_TIMERS)
  expect(stream.waiting).toBeLessThan(MOST_WAITING_BYTES)
  expect(memoryInUse() - (before ?? 0)).toBeLessThan(MOST_KEPT_BYTES)
  node.close()
}

const SYNC_NAMES = Object.keys(SYNC_MESSAGES) as (keyof typeof SYNC_MESSAGES)[]
const GOSSIP_NAMES = Object.keys(GOSSIP_MESSAGES) as (keyof typeof GOSSIP_MESSAGES)[]

describe.each([
  ['a node with a collection', 0],
  ['a node that follows documents', 1000],
])('%s keeps no more for a peer', (_, followed) => {
  it.each(SYNC_NAMES)('that says "%s" again and again and does not read', { timeout: FUZZ_TIMEOUT }, async (name) => {
    const meeting = await meet(Array.from({ length: followed }, newDocId))
    const random = randomOf(testSeed())
    await flood(meeting, () => {
      meeting.stream.arrive(framed(render(messagePieces(SYNC_MESSAGES, random, meeting.filling, name)).bytes))
    })
  })

  it.each(GOSSIP_NAMES)('that gossips "%s" again and again', { timeout: FUZZ_TIMEOUT }, async (name) => {
    const meeting = await meet(Array.from({ length: followed }, newDocId))
    const random = randomOf(testSeed())
    await flood(meeting, () => {
      void meeting.node.gossip('mallory', render(messagePieces(GOSSIP_MESSAGES, random, meeting.filling, name)).bytes)
    })
  })
})

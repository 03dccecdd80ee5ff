import type { Connection, Libp2p, Stream, StreamHandler } from '@libp2p/interface'
import { expect, test } from 'vitest'

import { decodeMessage, encodeMessage, HASH_BYTES, SESSION_BYTES, WHO_MESSAGES } from '../src/network/messages.ts'
import { FakeStream } from '../src/network/stream.testkit.ts'
import { framed } from '../src/network/tampered-wire.testkit.ts'
import { messagePieces, type Filling } from '../src/network/wire-pieces.testkit.ts'
import { FUZZ_TIMEOUT, inputsToMake } from '../src/util/fuzz.testkit.ts'
import { hostileBytes } from '../src/util/hostile-bytes.testkit.ts'
import { render } from '../src/util/pieces.testkit.ts'
import { oneIn, pick, someBytes } from '../src/util/random-values.testkit.ts'
import { randomOf, testSeed, type Random } from '../src/util/seed.testkit.ts'
import { WHO_PATIENCE } from './options.ts'
import { serveWho, type WhoServer } from './who.ts'

/** The who-protocol of a relay without a network. */
interface Served {
  readonly who: WhoServer
  open(peer: string, onSend?: (data: Uint8Array) => void): FakeStream
}

async function serve(): Promise<Served> {
  let handler: StreamHandler | undefined
  const node = { handle: async (_protocol: string, handle: StreamHandler) => (handler = handle), unhandle: async () => {} }
  const who = await serveWho(node as unknown as Libp2p)
  return {
    who,
    open: (peer, onSend) => {
      const stream = new FakeStream(onSend)
      const connection = { remotePeer: { toString: () => peer }, abort: (error: Error) => stream.abort(error) }
      void handler?.(stream.asStream() as Stream, connection as unknown as Connection)
      return stream
    },
  }
}

/** Few topics, so that those who join meet. */
const TOPICS = [1, 2, 3].map((fill) => new Uint8Array(HASH_BYTES).fill(fill))
const filling: Filling = (name, random) => (name === 'topics' && !oneIn(4, random) ? pick(TOPICS, random) : undefined)

function someWords(random: Random): Uint8Array {
  const message = messagePieces(WHO_MESSAGES, random, filling)
  if (oneIn(40, random)) return someBytes(random.below(9), random)
  const bytes = oneIn(3, random) ? hostileBytes(message, messagePieces(WHO_MESSAGES, random, filling), random) : render(message).bytes
  return framed(bytes)
}

/** Strangers come, say whatever they like, and go; somebody who only listens hears who is there. Returns how many messages were said, and how many of them were heard of. */
async function play(seed: number): Promise<{ readonly said: number; readonly heard: number }> {
  const random = randomOf(seed)
  const { who, open } = await serve()
  const present = new Map<string, string>()
  let heard = 0
  const listener = open('listener', (data) => {
    const message = decodeMessage(WHO_MESSAGES, data.subarray(4))
    heard += 1
    if (message.type === 'present') for (const { peer, session } of message.peers) present.set(peer, session.join())
    if (message.type === 'gone')
      for (const { peer, session } of message.peers) if (present.get(peer) === session.join()) present.delete(peer)
  })
  listener.arrive(framed(encodeMessage(WHO_MESSAGES, { type: 'join', session: new Uint8Array(SESSION_BYTES), topics: TOPICS })))
  const strangers: FakeStream[] = []
  const said = 200
  for (let count = 0; count < said; count++) {
    if (strangers.length === 0 || oneIn(20, random)) strangers.push(open(`stranger ${random.below(4)}`))
    const stranger = pick(strangers, random)
    if (oneIn(30, random)) stranger.abort(new Error('gone'))
    else if (stranger.status === 'open') stranger.arrive(someWords(random))
  }
  expect(who.stats().members).toBeLessThanOrEqual(5)
  expect(present.size).toBeLessThanOrEqual(4)
  for (const stranger of strangers) stranger.abort(new Error('gone'))
  expect([listener, ...strangers].flatMap(({ thrown }) => thrown)).toEqual([])
  expect(who.stats()).toMatchObject({ topics: TOPICS.length, members: 1 })
  expect([...present]).toEqual([])
  listener.abort(new Error('gone'))
  expect(who.stats()).toMatchObject({ topics: 0, members: 0 })
  expect(who.stats().dropped).toBeLessThanOrEqual((strangers.length + 1) * WHO_PATIENCE)
  await who.close()
  return { said, heard }
}

test('whatever strangers say to a relay, it knows who is there, and tells others so', { timeout: FUZZ_TIMEOUT }, async () => {
  const seed = testSeed()
  const messages = inputsToMake()
  let [said, heard] = [0, 0]
  for (let game = 0; said < messages; game++) {
    try {
      const played = await play(seed + game)
      said += played.said
      heard += played.heard
    } catch (error) {
      throw new Error(`a relay goes wrong; again with WARREN_SEED=${seed + game}`, { cause: error })
    }
  }
  expect(heard).toBeGreaterThan(said / 20)
})

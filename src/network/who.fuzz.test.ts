import { expect, test } from 'vitest'

import { aClock } from '../util/clock.testkit.ts'
import { FUZZ_TIMEOUT, inputsToMake } from '../util/fuzz.testkit.ts'
import { hostileBytes } from '../util/hostile-bytes.testkit.ts'
import { render } from '../util/pieces.testkit.ts'
import { oneIn } from '../util/random-values.testkit.ts'
import { randomOf, testSeed, type Random } from '../util/seed.testkit.ts'
import { MAX_WHO_FRAME_BYTES } from './limits.ts'
import { decodeMessage, SESSION_BYTES, WHO_MESSAGES } from './messages.ts'
import { FakeStream } from './stream.testkit.ts'
import { framed } from './tampered-wire.testkit.ts'
import { messagePieces } from './wire-pieces.testkit.ts'
import { openWho } from './who.ts'

function someFrame(random: Random): Uint8Array {
  const message = messagePieces(WHO_MESSAGES, random)
  const bytes = oneIn(2, random) ? render(message).bytes : hostileBytes(message, messagePieces(WHO_MESSAGES, random), random)
  // A longer one ends the stream.
  return bytes.subarray(0, MAX_WHO_FRAME_BYTES)
}

/** What a node is to do with a frame of a relay. */
function expectedOf(frame: Uint8Array): string {
  try {
    const { type } = decodeMessage(WHO_MESSAGES, frame)
    return type === 'join' || type === 'ping' ? 'dropped' : type
  } catch {
    return 'dropped'
  }
}

test('whatever a relay says, a node takes what makes sense, and drops the rest', { timeout: FUZZ_TIMEOUT }, () => {
  const seed = testSeed()
  const stream = new FakeStream()
  const heard: string[] = []
  const client = openWho(stream.asStream(), {
    session: new Uint8Array(SESSION_BYTES),
    clock: aClock().clock,
    onPresent: () => heard.push('present'),
    onGone: () => heard.push('gone'),
    onWelcome: () => heard.push('welcome'),
    onDropped: () => heard.push('dropped'),
    onClose: () => heard.push('close'),
  })
  for (let said = 0; said < inputsToMake(); said++) {
    const frame = someFrame(randomOf(seed + said))
    const expected = expectedOf(frame)
    stream.arrive(framed(frame))
    expect(heard.splice(0), `WARREN_SEED=${seed + said}`).toEqual(expected === 'pong' ? [] : [expected])
  }
  expect(stream.thrown).toEqual([])
  client.close()
  expect(heard).toEqual(['close'])
})

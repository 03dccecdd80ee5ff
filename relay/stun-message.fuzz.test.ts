import { expect, test } from 'vitest'

import { FUZZ_TIMEOUT, inputsToMake } from '../src/util/fuzz.testkit.ts'
import { oneIn, someBytes } from '../src/util/random-values.testkit.ts'
import { randomOf, testSeed, type Random } from '../src/util/seed.testkit.ts'
import { answerBinding, parseBindingRequest } from './stun-message.ts'

function somePacket(random: Random): Uint8Array {
  const packet = someBytes(random.below(12) * 4 + (oneIn(5, random) ? random.below(4) : 0) + 16, random)
  const length = oneIn(6, random) ? random.below(65_536) : packet.length - 20
  // A request in most that matters; the rest is chance.
  packet.set([0, 1, length >> 8, length & 0xff, 0x21, 0x12, 0xa4, 0x42])
  for (let at = 20; at + 4 <= packet.length; at += 4) if (!oneIn(4, random)) packet.set([random.below(256), random.below(256), 0, 0], at)
  if (oneIn(10, random)) packet[random.below(packet.length)] = random.below(256)
  return packet
}

test('whatever comes as a packet, it is answered shortly or not at all', { timeout: FUZZ_TIMEOUT }, () => {
  const seed = testSeed()
  let answered = 0
  for (let made = 0; made < inputsToMake(); made++) {
    const packet = somePacket(randomOf(seed + made))
    const request = parseBindingRequest(packet)
    if (request === undefined) continue
    const answer = answerBinding(request, { address: '2001:db8::1', port: 65_535 })
    expect(answer?.length, `WARREN_SEED=${seed + made}`).toBeLessThanOrEqual(52)
    expect(answer?.subarray(4, 20)).toEqual(packet.subarray(4, 20))
    answered++
  }
  expect(answered).toBeGreaterThan(inputsToMake() / 20)
})

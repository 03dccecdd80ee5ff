import { afterEach, expect, test, vi } from 'vitest'

import { aClock, type StandingClock } from '../util/clock.testkit.ts'
import { FUZZ_TIMEOUT, inputsToMake } from '../util/fuzz.testkit.ts'
import { hostileBytes } from '../util/hostile-bytes.testkit.ts'
import { oneIn, pick } from '../util/random-values.testkit.ts'
import { randomOf, testSeed, type Random } from '../util/seed.testkit.ts'
import { CUT_OFF_POINTS } from './limits.ts'
import { decodeMessage, encodeMessage, SESSION_BYTES, SYNC_MESSAGES } from './messages.ts'
import { POINTS } from './offences.ts'
import { aSyncNode, type SyncNode } from './sync-node.testkit.ts'
import { connectNodes, framed, tamperWith, type Wire } from './tampered-wire.testkit.ts'
import { messagePieces } from './wire-pieces.testkit.ts'

const HOUR = 3_600_000
/** Shorter than it takes to find a peer silent. */
const STEP = 1000

afterEach(() => {
  vi.restoreAllMocks()
})

/** So that documents and runs of nodes, too, follow from the seed. */
function seedAll(random: Random): void {
  const thrown = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    const bytes = array as unknown as Uint8Array
    for (let index = 0; index < bytes.length; index++) bytes[index] = random.below(256)
    return array
  })
  // It remembers every call.
  thrown.mockClear()
}

interface Pair {
  readonly nodes: readonly [SyncNode, SyncNode]
  readonly wires: Wire[]
  readonly clock: StandingClock
}

async function aPair(random: Random): Promise<Pair> {
  const clock = aClock()
  const options = { clock: clock.clock, fields: 2, valueBytes: 8 }
  const [ann, bob] = [await aSyncNode(options), await aSyncNode(options)]
  const pair: Pair = { nodes: [ann, bob], wires: [], clock }
  for (const docId of ann.replica.writeMany(ann.note, random.below(20))) {
    if (oneIn(2, random)) await bob.replica.merge(bob.note, await ann.replica.commitsSince(ann.note, docId, []), {})
    for (const { replica, note } of pair.nodes) if (oneIn(3, random)) replica.write(note, docId)
  }
  return pair
}

/** One session of two nodes, with everything between them changed. Returns how many frames came through. */
async function playSession({ nodes, wires, clock }: Pair, random: Random): Promise<number> {
  const wire = connectNodes(...nodes, tamperWith(random))
  wires.push(wire)
  let frames = await wire.deliver()
  for (let step = 0; step < 8 && wire.isOpen; step++) {
    const { replica, note } = pick(nodes, random)
    if (oneIn(2, random)) replica.write(note, oneIn(2, random) ? undefined : await someDocument(nodes[0], random))
    for (let left = pick([0, 0, 600, 2500, 31_000], random); left >= 0; left -= STEP) {
      clock.pass(Math.min(left, STEP))
      frames += await wire.deliver()
    }
  }
  wire.close()
  return frames
}

async function someDocument({ replica, note }: SyncNode, random: Random): Promise<string | undefined> {
  const documents = await replica.documentHeads(note, { limit: 50 })
  return documents.length === 0 ? undefined : pick(documents, random).docId
}

/** Nobody is in between any more: the two have the same soon. */
async function expectAgreement({ nodes, wires, clock }: Pair): Promise<void> {
  const [ann, bob] = nodes
  const wire = connectNodes(ann, bob, (frame) => [framed(frame)])
  wires.push(wire)
  const isSame = (): boolean => ann.replica.content(ann.note) === bob.replica.content(bob.note)
  for (let second = 0; second < 40 && !isSame(); second++) {
    await wire.deliver()
    clock.pass(1000)
  }
  expect(isSame()).toBe(true)
  wire.close()
}

async function play(seed: number): Promise<number> {
  const random = randomOf(seed)
  seedAll(random)
  const pair = await aPair(random)
  let frames = 0
  for (let session = 0; session < 2; session++) {
    frames += await playSession(pair, random)
    // Whoever was cut off is listened to again.
    pair.clock.pass(HOUR)
  }
  await expectAgreement(pair)
  expect(pair.wires.flatMap(({ thrown }) => thrown)).toEqual([])
  for (const node of pair.nodes) node.close()
  return frames
}

test('two nodes survive whatever is done to what they say, and agree once it is left alone', { timeout: FUZZ_TIMEOUT }, async () => {
  const seed = testSeed()
  const frames = inputsToMake()
  for (let played = 0, game = 0; played < frames; game++) {
    try {
      played += await play(seed + game)
    } catch (error) {
      throw new Error(`a session goes wrong; again with WARREN_SEED=${seed + game}`, { cause: error })
    }
  }
})

test('a peer that talks nonsense is cut off before long, whatever nonsense it is', { timeout: FUZZ_TIMEOUT }, async () => {
  const seed = testSeed()
  const most = CUT_OFF_POINTS / POINTS.garbage
  for (let game = 0; game < inputsToMake(most * 3); game++) {
    const random = randomOf(seed + game)
    const node = await aSyncNode({ clock: aClock().clock, fields: 1 })
    const stream = node.open('mallory')
    stream.arrive(framed(encodeMessage(SYNC_MESSAGES, { type: 'hello', session: new Uint8Array(SESSION_BYTES), interests: [] })))
    let said = 0
    for (; stream.status === 'open' && said <= most; said++) stream.arrive(framed(someNonsense(random)))
    expect({ said, isCutOff: node.offences.isCutOff('mallory'), thrown: stream.thrown }, `WARREN_SEED=${seed + game}`).toEqual({
      said: most,
      isCutOff: true,
      thrown: [],
    })
    node.close()
  }
})

function someNonsense(random: Random): Uint8Array {
  for (;;) {
    const bytes = hostileBytes(messagePieces(SYNC_MESSAGES, random), messagePieces(SYNC_MESSAGES, random), random)
    try {
      decodeMessage(SYNC_MESSAGES, bytes)
    } catch {
      return bytes
    }
  }
}

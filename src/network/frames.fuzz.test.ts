import { expect, test } from 'vitest'

import { concatBytes, equalBytes } from '../util/bytes.ts'
import { systemClock } from '../util/clock.ts'
import { FUZZ_TIMEOUT, inputsToMake } from '../util/fuzz.testkit.ts'
import { oneIn, pick, someBytes, someLength } from '../util/random-values.testkit.ts'
import { randomOf, testSeed, type Random } from '../util/seed.testkit.ts'
import { createFrameBudget, openFrames, type FrameBudget, type FrameStream } from './frames.ts'
import { LARGE_FRAME_BYTES } from './limits.ts'
import { FakeStream } from './stream.testkit.ts'

/** What a peer writes, and in which pieces it arrives. */
interface Play {
  readonly most: number
  /** Bytes of the budget that are left; `undefined` for no budget. */
  readonly left: number | undefined
  readonly chunks: readonly Uint8Array[]
  /** The reader closes when it has heard so many frames. */
  readonly closesAfter: number
  readonly end: (stream: FakeStream, frames: FrameStream) => void
}

const ENDS: readonly Play['end'][] = [
  (stream) => stream.dispatchEvent(new Event('remoteCloseWrite')),
  (stream) => stream.abort(new Error('reset')),
  (_stream, frames) => frames.close(),
  (_stream, frames) => frames.abort(new Error('enough')),
]

function somePlay(random: Random): Play {
  const most = pick([0, 1, 100, 20_000, 2 * LARGE_FRAME_BYTES], random)
  const written = Array.from({ length: random.below(6) }, () => someFrame(most, random))
  return {
    most,
    left: pick([undefined, 0, LARGE_FRAME_BYTES + 1, 3 * LARGE_FRAME_BYTES], random),
    chunks: cut(concatBytes(...written), random),
    closesAfter: oneIn(6, random) ? 1 + random.below(3) : Infinity,
    end: pick(ENDS, random),
  }
}

/** Mostly an honest frame; else a length that is not true, or any bytes. */
function someFrame(most: number, random: Random): Uint8Array {
  if (most > LARGE_FRAME_BYTES && oneIn(60, random)) return framed(new Uint8Array(LARGE_FRAME_BYTES + random.below(9)))
  const body = someBytes(someLength(Math.min(most, 3000), random), random)
  const lies = [0, 1, body.length + 1, most, most + 1, LARGE_FRAME_BYTES, LARGE_FRAME_BYTES + 1, 2 ** 31, 2 ** 32 - 1]
  if (oneIn(8, random)) return framed(body, pick(lies, random))
  return oneIn(20, random) ? someBytes(random.below(9), random) : framed(body)
}

function framed(body: Uint8Array, length: number = body.length): Uint8Array {
  return concatBytes(Uint8Array.of(length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff), body)
}

function cut(bytes: Uint8Array, random: Random): readonly Uint8Array[] {
  const chunks: Uint8Array[] = []
  const longest = bytes.length > 100_000 ? 70_000 : pick([1, 3, 5, 40, 5000, Infinity], random)
  for (let rest = bytes; rest.length > 0;) {
    const length = Math.min(rest.length, longest === Infinity ? rest.length : random.below(longest + 1))
    chunks.push(rest.subarray(0, length))
    rest = rest.subarray(length)
  }
  return chunks
}

interface Expected {
  readonly frames: readonly Uint8Array[]
  readonly isFaulty: boolean
  /** Bytes of the budget that a frame has which is not whole. */
  readonly taken: number
}

/** What is to be heard of all this: a slow and obvious reading of the whole. */
function expectedOf({ most, left, chunks, closesAfter }: Play): Expected {
  const frames: Uint8Array[] = []
  let rest: Uint8Array = concatBytes(...chunks)
  while (rest.length >= 4 && frames.length < closesAfter) {
    const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0)
    if (length > most || (left !== undefined && length > LARGE_FRAME_BYTES && length > left)) return { frames, isFaulty: true, taken: 0 }
    if (rest.length < 4 + length) return { frames, isFaulty: false, taken: left !== undefined && length > LARGE_FRAME_BYTES ? length : 0 }
    frames.push(rest.subarray(4, 4 + length))
    rest = rest.subarray(4 + length)
  }
  return { frames, isFaulty: false, taken: 0 }
}

/** A budget that knows how much is taken, and that refuses to be given more than that. */
function watchedBudget(total: number): FrameBudget & { readonly taken: number } {
  const budget = createFrameBudget(total)
  let taken = 0
  return {
    take: (bytes) => {
      const isTaken = budget.take(bytes)
      if (isTaken) taken += bytes
      return isTaken
    },
    give: (bytes) => {
      taken -= bytes
      if (taken < 0) throw new RangeError('more is given back than was taken')
      budget.give(bytes)
    },
    get taken() {
      return taken
    },
  }
}

function perform(play: Play): void {
  const { most, left, chunks, closesAfter, end } = play
  const stream = new FakeStream()
  const budget = left === undefined ? undefined : watchedBudget(left)
  const heard: Uint8Array[] = []
  let [closes, faults] = [0, 0]
  const frames = openFrames(stream.asStream(), {
    most,
    mostWaiting: 0,
    clock: systemClock,
    ...(budget && { budget }),
    onFrame: (frame) => {
      heard.push(frame)
      if (heard.length === closesAfter) frames.close()
    },
    onClose: () => closes++,
    onFault: () => faults++,
  })
  for (const chunk of chunks) stream.arrive(chunk)
  const expected = expectedOf(play)
  const isOver = expected.isFaulty || expected.frames.length === closesAfter
  expect({ thrown: stream.thrown, isOpen: frames.isOpen, closes, faults, taken: budget?.taken ?? 0 }).toEqual({
    thrown: [],
    isOpen: !isOver,
    closes: Number(isOver),
    faults: Number(expected.isFaulty),
    taken: expected.taken,
  })
  expect(heard.length).toBe(expected.frames.length)
  expect(heard.every((frame, index) => equalBytes(frame, expected.frames[index] ?? new Uint8Array(1)))).toBe(true)
  end(stream, frames)
  for (const again of ENDS) again(stream, frames)
  stream.arrive(framed(new Uint8Array()))
  expect({ thrown: stream.thrown, isOpen: frames.isOpen, closes, taken: budget?.taken ?? 0, heard: heard.length }).toEqual({
    thrown: [],
    isOpen: false,
    closes: 1,
    taken: 0,
    heard: expected.frames.length,
  })
}

test('of any bytes in any pieces those frames are read that may be, and all memory is given back', { timeout: FUZZ_TIMEOUT }, () => {
  const seed = testSeed()
  const plays = inputsToMake()
  for (let index = 0; index < plays; index++) {
    try {
      perform(somePlay(randomOf(seed + index)))
    } catch (error) {
      throw new Error(`frames are read wrongly; again with WARREN_SEED=${seed + index}`, { cause: error })
    }
  }
})

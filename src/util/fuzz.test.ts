import { expect, test } from 'vitest'

import { concatBytes, equalBytes } from './bytes.ts'
import { fuzz, type FuzzReport } from './fuzz.testkit.ts'
import { bytesPiece, render, type Piece, type Spelling } from './pieces.testkit.ts'
import { oneIn, someBytes } from './random-values.testkit.ts'
import type { Random } from './seed.testkit.ts'

/** Four bytes, big-endian. */
const NUMBER: Spelling = { write: number, overlong: number }

function number(value: bigint): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, Number(BigInt.asUintN(32, value)))
  return bytes
}

/** A list of byte strings, behind their count and each behind its length. */
function aList(random: Random): Piece {
  const parts = Array.from({ length: random.below(oneIn(8, random) ? 60 : 5) }, (): Piece => {
    return { kind: 'parts', parts: [bytesPiece(someBytes(random.below(30), random))], head: { of: 'bytes', spelling: NUMBER } }
  })
  return { kind: 'parts', parts, head: { of: 'parts', spelling: NUMBER } }
}

function encodeList(items: readonly Uint8Array[]): Uint8Array {
  return concatBytes(number(BigInt(items.length)), ...items.flatMap((item) => [number(BigInt(item.length)), item]))
}

class Refusal extends Error {}

/** How a decoder of lists can be wrong. */
interface Faults {
  readonly isShortUnnoticed?: boolean
  readonly isRestUnnoticed?: boolean
  readonly isRoomReserved?: boolean
  readonly isEachReadAgain?: boolean
}

function decodeList(bytes: Uint8Array, faults: Faults): readonly Uint8Array[] {
  let offset = 0
  let sum = 0
  const next = (): number => {
    if (faults.isShortUnnoticed !== true && offset + 4 > bytes.length) throw new Refusal('it ends within a number')
    let value = 0
    for (let end = offset + 4; offset < end; offset++) value = value * 256 + Number(bytes[offset])
    if (Number.isNaN(value)) throw new RangeError('not a number')
    return value
  }
  const count = next()
  const items: Uint8Array[] = faults.isRoomReserved === true ? Array.from({ length: Math.min(count, 2 ** 20) }, () => bytes) : []
  items.length = 0
  for (let index = 0; index < count; index++) {
    const length = next()
    if (offset + length > bytes.length) throw new Refusal('it ends within bytes')
    items.push(bytes.subarray(offset, offset + length))
    offset += length
    for (let at = 0; faults.isEachReadAgain === true && at < offset && at < 2000; at++) sum += bytes[at] ?? 0
  }
  if (sum < 0) throw new RangeError('a sum of bytes is negative')
  if (faults.isRestUnnoticed !== true && offset < bytes.length) throw new Refusal('more follows')
  return items
}

const INPUTS = 4000

function fuzzList(faults: Faults): FuzzReport {
  return fuzz(
    {
      sample: aList,
      decode: (bytes) => decodeList(bytes, faults),
      isRefusal: (error) => error instanceof Refusal,
      check: (items, bytes) => {
        if (!equalBytes(encodeList(items), bytes)) throw new Error('not what was read')
      },
    },
    INPUTS,
  )
}

test('a decoder without a fault is not blamed; some of the changes it accepts', () => {
  const { inputs, accepted } = fuzzList({})
  expect(inputs).toBe(INPUTS)
  expect(accepted).toBeGreaterThan(INPUTS / 20)
  expect(accepted).toBeLessThan(INPUTS * 0.7)
})

test('each way of being wrong is found', () => {
  expect(() => fuzzList({ isShortUnnoticed: true })).toThrow('the decoder throws something else than it says')
  expect(() => fuzzList({ isRestUnnoticed: true })).toThrow('what was accepted is not what it is to be')
  expect(() => fuzzList({ isRoomReserved: true })).toThrow(/decoding takes \d+ bytes of memory/)
  expect(() => fuzzList({ isEachReadAgain: true })).toThrow(/decoding reads \d+ bytes/)
})

test('what is found is told with its input and its seed', () => {
  expect(() => fuzzList({ isRestUnnoticed: true })).toThrow(/the input: ([0-9a-f]*|\d+ bytes); again with WARREN_SEED=\d+$/)
})

test('a head tells the truth about its parts, or the lie it was given', () => {
  const parts = [bytesPiece(Uint8Array.of(7, 8, 9)), bytesPiece(Uint8Array.of(5))]
  const head = { spelling: NUMBER, of: 'parts' } as const
  expect(render({ kind: 'parts', parts, head })).toEqual({ bytes: Uint8Array.of(0, 0, 0, 2, 7, 8, 9, 5), boundaries: [7, 4, 0] })
  expect(render({ kind: 'parts', parts, head: { ...head, of: 'bytes' } }).bytes[3]).toBe(4)
  const claiming = render({ kind: 'parts', parts: [{ kind: 'parts', parts, head: { ...head, lie: (_, rest) => rest * 2n } }, ...parts] })
  expect(claiming.bytes.subarray(0, 4)).toEqual(Uint8Array.of(0, 0, 0, 16))
})

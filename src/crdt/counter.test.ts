import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { CounterDelta } from '../block/block.ts'
import { CborReader } from '../block/cbor-reader.ts'
import { CborWriter } from '../block/cbor-writer.ts'
import { isFailure } from '../errors.ts'
import { bytesToHex, hexToBytes } from '../util/bytes.ts'
import { PCOUNTER, PNCOUNTER } from './counter.ts'
import { ASSOCIATIVE, checkLaw, COMMUTATIVE, equalStates } from './crdt.testkit.ts'
import type { FieldState, MergeRule } from './merge-rule.ts'

const INT = { scalar: 'Int' }
const FLOAT64 = { scalar: 'Float64' }
const FLOAT32 = { scalar: 'Float32' }

const SMALLEST = -(2n ** 63n)
const LARGEST = 2n ** 63n - 1n
const int64 = fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.bigInt({ min: SMALLEST, max: LARGEST }), fc.constantFrom(SMALLEST, LARGEST))
const somePriority = fc.integer({ min: 1, max: 5 })

function aDelta(data: Uint8Array, priority = 1): CounterDelta {
  return { kind: 'counter', data, docId: 'bae-1', priority, fieldName: 'points', schemaVersionId: 'v', nonce: 5n }
}

function anInt(value: bigint | number, priority?: number): CounterDelta {
  return aDelta(new CborWriter().int(value).finish(), priority)
}

function aFloat(value: number): CounterDelta {
  return aDelta(new CborWriter().float(value).finish())
}

function sum(rule: MergeRule, kind: { readonly scalar: string }, deltas: readonly CounterDelta[]): string | undefined {
  const state = deltas.reduce<FieldState | undefined>((current, delta) => rule.apply(current, delta, kind), undefined)
  return state && bytesToHex(state.data)
}

describe('a counter of integers', () => {
  const someDelta = fc.tuple(int64, somePriority).map(([value, priority]) => anInt(value, priority))

  it.each([COMMUTATIVE, ASSOCIATIVE])('is $name', (law) => {
    checkLaw(law, PNCOUNTER, INT, someDelta)
  })

  it('is the sum of all increments in 64 bits, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(int64, { minLength: 1, maxLength: 8 }), fc.nat(), (increments, turn) => {
        const total = BigInt.asIntN(
          64,
          increments.reduce((a, b) => a + b, 0n),
        )
        const turned = [...increments.slice(turn % increments.length), ...increments.slice(0, turn % increments.length)]
        for (const order of [increments, turned, increments.toReversed()]) {
          const hex = sum(
            PNCOUNTER,
            INT,
            order.map((value) => anInt(value)),
          )
          expect(BigInt(new CborReader(hexToBytes(hex ?? ''), 'sum').int())).toBe(total)
        }
      }),
    )
  })

  it('wraps around at both ends', () => {
    expect(sum(PNCOUNTER, INT, [anInt(LARGEST), anInt(1)])).toBe(bytesToHex(anInt(SMALLEST).data))
    expect(sum(PNCOUNTER, INT, [anInt(SMALLEST), anInt(-1)])).toBe(bytesToHex(anInt(LARGEST).data))
  })

  it('adds a block as often as it is applied: whoever applies it sees to it that it is once', () => {
    const once = PNCOUNTER.apply(undefined, anInt(2), INT)
    expect(equalStates(PNCOUNTER.apply(once, anInt(2), INT), PNCOUNTER.apply(undefined, anInt(4), INT))).toBe(true)
  })

  it('takes null for nothing', () => {
    expect(sum(PNCOUNTER, INT, [aDelta(hexToBytes('f6'))])).toBe('00')
    expect(sum(PNCOUNTER, INT, [anInt(3), aDelta(hexToBytes('f6'))])).toBe('03')
  })
})

describe('a counter of floats', () => {
  // Rounding depends on the order of addition. Quarters of numbers this small have few enough digits that sums are exact.
  it.each([FLOAT64, FLOAT32])('is commutative in $scalar where sums are exact', (kind) => {
    const quarters = fc.integer({ min: -4096, max: 4096 }).map((count) => aFloat(count / 4))
    checkLaw(COMMUTATIVE, PNCOUNTER, kind, quarters)
  })

  it('adds in its own precision', () => {
    expect(sum(PNCOUNTER, FLOAT64, [aFloat(0.1), aFloat(0.2)])).toBe(bytesToHex(aFloat(0.1 + 0.2).data))
    expect(sum(PNCOUNTER, FLOAT32, [aFloat(Math.fround(0.1)), aFloat(Math.fround(0.2))])).toBe('fa3e99999a')
    expect(sum(PNCOUNTER, FLOAT32, [aFloat(2 ** 24), aFloat(1)])).toBe(bytesToHex(aFloat(2 ** 24).data))
  })

  it('never becomes an integer', () => {
    expect(sum(PNCOUNTER, FLOAT64, [aFloat(1), aFloat(1)])).toBe('f94000')
  })
})

describe('a counter that only counts up', () => {
  it('takes zero and more', () => {
    expect(sum(PCOUNTER, INT, [anInt(0), anInt(5)])).toBe('05')
    expect(sum(PCOUNTER, FLOAT64, [aFloat(0.5)])).toBe('f93800')
  })

  it.each([
    [INT, anInt(-1)],
    [INT, anInt(SMALLEST)],
    [FLOAT64, aFloat(-0.5)],
    [FLOAT32, aFloat(-1)],
  ])('refuses less in $scalar', (kind, delta) => {
    expect(() => PCOUNTER.apply(undefined, delta, kind)).toThrow(
      expect.toSatisfy((error) => isFailure(error, 'INVALID_DOCUMENT') && error.message.includes('"points" only counts up')),
    )
  })
})

describe('what a counter cannot add', () => {
  const register = { kind: 'lww', data: Uint8Array.of(1), docId: 'bae-1', priority: 1, fieldName: 'points', schemaVersionId: 'v' } as const

  it.each([
    ['a register value', register, INT],
    ['anything to a field of texts', anInt(1), { scalar: 'String' }],
    ['a float to integers', aFloat(1), INT],
    ['an integer to floats', anInt(1), FLOAT64],
    ['a text', aDelta(hexToBytes('6131')), INT],
    ['an integer beyond 64 bits', anInt(LARGEST + 1n), INT],
    ['two values', aDelta(hexToBytes('0101')), INT],
    ['nothing at all', aDelta(new Uint8Array()), INT],
  ])('is refused as corrupt: %s', (_, delta, kind) => {
    expect(() => PNCOUNTER.apply(undefined, delta, kind)).toThrow(expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA')))
  })
})

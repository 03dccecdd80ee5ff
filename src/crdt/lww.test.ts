import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { LwwDelta } from '../block/block.ts'
import { isFailure } from '../errors.ts'
import { hexToBytes } from '../util/bytes.ts'
import { ASSOCIATIVE, checkLaw, COMMUTATIVE, IDEMPOTENT } from './crdt.testkit.ts'
import { LWW } from './lww.ts'
import type { FieldState } from './merge-rule.ts'

const KIND = { scalar: 'String' }

function aDelta(hex: string, priority: number): LwwDelta {
  return { kind: 'lww', data: hexToBytes(hex), docId: 'bae-1', priority, fieldName: 'name', schemaVersionId: 'v' }
}

/** Few values and few heights, so that ties are common. */
const someDelta = fc
  .tuple(fc.constantFrom('f6', 'f4', 'f5', '00', '1818', '60', '6161', '626161', 'f93c00'), fc.integer({ min: 1, max: 3 }))
  .map(([hex, priority]) => aDelta(hex, priority))

function winner(first: FieldState, second: LwwDelta): FieldState {
  return LWW.apply(first, second, KIND)
}

describe('a register', () => {
  it.each([COMMUTATIVE, ASSOCIATIVE, IDEMPOTENT])('is $name', (law) => {
    checkLaw(law, LWW, KIND, someDelta)
  })

  it('takes the first block as it is', () => {
    expect(LWW.apply(undefined, aDelta('6161', 7), KIND)).toEqual({ data: hexToBytes('6161'), priority: 7 })
  })

  it('takes the higher priority, whatever the value', () => {
    expect(winner(aDelta('626161', 1), aDelta('60', 2))).toEqual({ data: hexToBytes('60'), priority: 2 })
    const newer = aDelta('60', 2)
    expect(winner(newer, aDelta('626161', 1))).toBe(newer)
  })

  it.each([
    ['a longer text beats a shorter one', '61ff', '626161'],
    ['a text beats a number', '1bffffffffffffffff', '60'],
    ['null beats a boolean', 'f5', 'f6'],
    ['null beats a text', '7818', 'f6'],
    ['a float beats null', 'f6', 'f90000'],
    ['a list beats a text', '7f', '80'],
  ])('decides a tie by value bytes: %s', (_, smaller, greater) => {
    expect(winner(aDelta(smaller, 3), aDelta(greater, 3)).data).toEqual(hexToBytes(greater))
    expect(winner(aDelta(greater, 3), aDelta(smaller, 3)).data).toEqual(hexToBytes(greater))
  })

  it('refuses an increment', () => {
    const increment = { ...aDelta('01', 1), kind: 'counter' as const, nonce: 0n }
    expect(() => LWW.apply(undefined, increment, KIND)).toThrow(expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA')))
  })
})

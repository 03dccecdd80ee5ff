import { CborReader } from '../block/cbor-reader.ts'
import { CborWriter } from '../block/cbor-writer.ts'
import { DatabaseError } from '../errors.ts'
import type { MergeRule, NumberKind } from './merge-rule.ts'

/** Counts up and down. */
export const PNCOUNTER: MergeRule = counter({ allowNegative: true })

/** Counts up only: a negative increment is refused. */
export const PCOUNTER: MergeRule = counter({ allowNegative: false })

/**
 * The value is the sum of all increments. Nothing in it tells which blocks it contains, so each must be applied once. The priority has no meaning; the
 * largest is kept, so that states do not depend on the order of arrival.
 */
function counter({ allowNegative }: { readonly allowNegative: boolean }): MergeRule {
  return {
    deltaKind: 'counter',
    apply(current, delta, number) {
      if (delta.kind !== 'counter' || number === undefined) {
        throw new DatabaseError('CORRUPT_DATA', `field "${delta.fieldName}" is a counter of numbers, but a ${delta.kind} block arrived for it`, {
          what: 'block',
        })
      }
      const arithmetic = ARITHMETIC[number]
      const increment = readNumber(delta.data, number)
      if (!allowNegative && increment < 0) {
        throw new DatabaseError('CORRUPT_DATA', `field "${delta.fieldName}" only counts up, but an increment of ${increment} arrived for it`, {
          what: 'block',
        })
      }
      const sum = arithmetic.add(current === undefined ? 0 : readNumber(current.data, number), increment)
      const data = arithmetic.write(new CborWriter(9), sum).finish()
      return { data, priority: Math.max(current?.priority ?? 0, delta.priority) }
    },
  }
}

type AnyNumber = number | bigint

interface Arithmetic {
  read(reader: CborReader): AnyNumber
  add(a: AnyNumber, b: AnyNumber): AnyNumber
  write(writer: CborWriter, value: AnyNumber): CborWriter
}

const INT: Arithmetic = {
  read: (reader) => {
    const value = reader.int()
    if (BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) reader.fail('an integer of 64 bits')
    return value
  },
  add: (a, b) => {
    const sum = typeof a === 'number' && typeof b === 'number' ? a + b : Number.NaN
    return Number.isSafeInteger(sum) ? sum : BigInt.asIntN(64, BigInt(a) + BigInt(b))
  },
  write: (writer, value) => writer.int(value),
}

const FLOAT64: Arithmetic = {
  read: (reader) => reader.float(),
  add: (a, b) => Number(a) + Number(b),
  write: (writer, value) => writer.float(Number(value)),
}

const FLOAT32: Arithmetic = {
  read: (reader) => Math.fround(reader.float()),
  // The sum of two float32 in float64, rounded once more, is their float32 sum.
  add: (a, b) => Math.fround(Number(a) + Number(b)),
  write: (writer, value) => writer.float(Number(value)),
}

const ARITHMETIC: Readonly<Record<NumberKind, Arithmetic>> = { Int: INT, Float64: FLOAT64, Float32: FLOAT32 }

/** Null counts as nothing. */
function readNumber(data: Uint8Array, kind: NumberKind): AnyNumber {
  const reader = new CborReader(data, 'counter value')
  const value = reader.tryNull() ? 0 : ARITHMETIC[kind].read(reader)
  reader.end()
  return value
}

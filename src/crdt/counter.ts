import type { CounterDelta, FieldDelta } from '../block/block.ts'
import { CborReader } from '../block/cbor-reader.ts'
import { CborWriter } from '../block/cbor-writer.ts'
import { DatabaseError } from '../errors.ts'
import type { MergeRule } from './merge-rule.ts'

/** Counts up and down. */
export const PNCOUNTER: MergeRule = counter({ allowNegative: true })

/** Counts up only: a negative increment is refused. */
export const PCOUNTER: MergeRule = counter({ allowNegative: false })

/** A number field as counters see it. Null counts as nothing. */
interface Arithmetic<N> {
  readonly zero: N
  read(reader: CborReader): N
  add(a: N, b: N): N
  write(writer: CborWriter, value: N): void
}

/** 64 bits that wrap around. */
const INT: Arithmetic<bigint> = {
  zero: 0n,
  read: (reader) => {
    const value = BigInt(reader.int())
    return BigInt.asIntN(64, value) === value ? value : reader.fail('an integer of 64 bits')
  },
  add: (a, b) => BigInt.asIntN(64, a + b),
  write: (writer, value) => writer.int(value),
}

const FLOAT64: Arithmetic<number> = {
  zero: 0,
  read: (reader) => reader.float(),
  add: (a, b) => a + b,
  write: (writer, value) => writer.float(value),
}

const FLOAT32: Arithmetic<number> = {
  ...FLOAT64,
  read: (reader) => Math.fround(reader.float()),
  // The sum of two float32 in float64, rounded once more, is their float32 sum.
  add: (a, b) => Math.fround(a + b),
}

/** `step(current, increment)` gives the bytes of their sum, or `undefined` when the increment is negative and may not be. */
type Step = (current: Uint8Array | undefined, increment: Uint8Array, allowNegative: boolean) => Uint8Array | undefined

const STEPS: ReadonlyMap<string, Step> = new Map([
  ['Int', stepIn(INT)],
  ['Float64', stepIn(FLOAT64)],
  ['Float32', stepIn(FLOAT32)],
])

/**
 * The value is the sum of all increments. Nothing in it tells which blocks it contains, so each must be applied once. The priority has no meaning; the
 * largest is kept, so that states do not depend on the order of arrival.
 */
function counter({ allowNegative }: { readonly allowNegative: boolean }): MergeRule {
  return {
    deltaKind: 'counter',
    apply(current, delta, kind) {
      const step = STEPS.get(kind.scalar)
      if (!isCounter(delta) || step === undefined) {
        const message = `field "${delta.fieldName}" counts ${kind.scalar}; a block of kind "${delta.kind}" cannot be added to it`
        throw new DatabaseError('CORRUPT_DATA', message, { what: 'block' })
      }
      const data = step(current?.data, delta.data, allowNegative)
      if (data === undefined) {
        const message = `field "${delta.fieldName}" only counts up (pcounter); use @crdt(type: pncounter) to count down as well`
        throw new DatabaseError('INVALID_DOCUMENT', message, { field: delta.fieldName })
      }
      return { data, priority: Math.max(current?.priority ?? 0, delta.priority) }
    },
  }
}

function stepIn<N extends number | bigint>(arithmetic: Arithmetic<N>): Step {
  return (current, increment, allowNegative) => {
    const added = readNumber(arithmetic, increment)
    if (added < 0 && !allowNegative) return undefined
    const writer = new CborWriter(9)
    arithmetic.write(writer, arithmetic.add(current === undefined ? arithmetic.zero : readNumber(arithmetic, current), added))
    return writer.finish()
  }
}

function readNumber<N>(arithmetic: Arithmetic<N>, data: Uint8Array): N {
  const reader = new CborReader(data, 'counter value')
  const value = reader.tryNull() ? arithmetic.zero : arithmetic.read(reader)
  reader.end()
  return value
}

function isCounter(delta: FieldDelta): delta is CounterDelta {
  return delta.kind === 'counter'
}

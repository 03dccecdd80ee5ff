import { compareScalars } from '../../document/value.ts'
import { DatabaseError } from '../../errors.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import { quote } from '../../util/quote.ts'
import { ORDERED_SCALARS, type Operator, type ValueTest } from './operator.ts'
import { NOT_NULL, type Bound, type Seek } from './seek.ts'

interface Comparison {
  readonly name: Operator['name']
  /** Whether a difference (negative, 0, positive) passes. */
  readonly accepts: (difference: number) => boolean
  /** What passes when the operand is null, which comes before every value. */
  readonly withNull: ValueTest
  /** Where those stand; `undefined` for anywhere. */
  readonly seekWithNull: Seek | undefined
  /** The stretch of values that pass, from or up to the operand. Null is in none of them. */
  readonly stretch: (operand: DocumentValue) => Seek
}

/** The values from an operand on. */
export function valuesFrom(inclusive: boolean): (operand: DocumentValue) => Seek {
  return (value) => ({ from: { value, inclusive } })
}

/** The values up to an operand, without null. */
export function valuesTo(inclusive: boolean): (operand: DocumentValue) => Seek {
  return (value) => ({ ...NOT_NULL, to: { value, inclusive } satisfies Bound })
}

/** An operator that compares. What has no value is neither less nor greater than a value, so it passes none but `withNull`. */
export function comparison({ name, accepts, withNull, seekWithNull, stretch }: Comparison): Operator {
  return {
    name,
    scalars: ORDERED_SCALARS,
    operand: 'value',
    compile: (operand, scalar) => {
      if (operand === null) return withNull
      if (scalar === 'JSON') return compareNumbersOnly(name, operand, accepts)
      return (value) => value !== null && accepts(compareScalars(scalar, value, operand))
    },
    seek: (operand) => (operand === null ? seekWithNull : stretch(operand)),
  }
}

/** In JSON only numbers have an order; everything else in the documents passes over. */
function compareNumbersOnly(name: string, operand: DocumentValue, accepts: Comparison['accepts']): ValueTest {
  if (typeof operand !== 'number' && typeof operand !== 'bigint') {
    const message = `unexpected type. Property: condition, Actual: ${wordFor(operand)}; "${name}" on JSON compares numbers, not ${quote(operand)}`
    throw new DatabaseError('INVALID_REQUEST', message, {})
  }
  const limit = Number(operand)
  // A sum that is asked for by its alias can be a bigint.
  return (value) => (typeof value === 'number' || typeof value === 'bigint') && accepts(Number(value) - limit)
}

/** The names DefraDB gives these types in the same message. */
function wordFor(value: DocumentValue): string {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
}

import { compareScalars } from '../../document/value.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'

/** An end of a stretch of ordered values. */
export interface Bound {
  readonly value: DocumentValue
  readonly inclusive: boolean
}

/** Where the values that pass stand among all values in their order. Necessary, not sufficient: a test still decides. Without members it is anywhere. */
export interface Seek {
  /** Only these can pass. */
  readonly among?: readonly DocumentValue[]
  readonly from?: Bound
  readonly to?: Bound
}

/** Everything but null, which comes before all other values. */
export const NOT_NULL: Seek = { from: { value: null, inclusive: false } }

/** Where a value stands that has to pass both. */
export function bothSeeks(a: Seek, b: Seek, scalar: Scalar): Seek {
  const isIn = (list: readonly DocumentValue[], value: DocumentValue): boolean =>
    list.some((other) => compareScalars(scalar, other, value) === 0)
  const { among: left, from: leftFrom, to: leftTo } = a
  const { among: right, from: rightFrom, to: rightTo } = b
  const among = left === undefined || right === undefined ? (left ?? right) : left.filter((value) => isIn(right, value))
  const from = tighter(leftFrom, rightFrom, (difference) => difference > 0, scalar)
  const to = tighter(leftTo, rightTo, (difference) => difference < 0, scalar)
  return { ...(among === undefined ? {} : { among }), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

/** The bound that leaves less; `isTighter` is asked of the difference between the first value and the second. */
function tighter(
  a: Bound | undefined,
  b: Bound | undefined,
  isTighter: (difference: number) => boolean,
  scalar: Scalar,
): Bound | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const difference = compareScalars(scalar, a.value, b.value)
  if (difference === 0) return a.inclusive ? b : a
  return isTighter(difference) ? a : b
}

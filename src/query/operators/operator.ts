import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'
import type { Seek } from './seek.ts'

/** Whether a value passes. Null is a value like any other and is always asked. */
export type ValueTest = (value: DocumentValue) => boolean

/** A filter operator on single values. */
export interface Operator {
  readonly name: `_${string}`
  /** The scalars whose filters offer it. */
  readonly scalars: readonly Scalar[]
  /** What stands behind it: a value of the field's scalar, a list of them, or a text whatever the scalar. */
  readonly operand: 'value' | 'list' | 'text'
  /**
   * Compiles the operand once; the test then runs per document. The operand has been read by the field's scalar.
   *
   * @throws INVALID_REQUEST when this operator can do nothing with the operand.
   */
  compile(operand: DocumentValue, scalar: Scalar): ValueTest
  /** Where values that pass are found among ordered ones, for indexes. Absent, or without a result, when they can be anywhere and anything, also null. */
  seek?(operand: DocumentValue, scalar: Scalar): Seek | undefined
}

/** A filter operator on lists: asks its condition of the elements. */
export interface ListOperator {
  readonly name: `_${string}`
  /** One of these an indexed list must have so that it can pass: an element that does, or no element at all. Absent when it may have anything. */
  readonly needs?: readonly ('element' | 'empty')[]
  compile(test: ValueTest): ValueTest
}

/** A filter operator on a list as a whole. */
export interface WholeListOperator {
  /** No name that a request can spell: a dialect that has the operator gives it one. */
  readonly name: `_${string}[]`
  /** Compiles a list of values of the field's scalar, or null. */
  compile(operand: DocumentValue, scalar: Scalar): ValueTest
}

export const EVERY_SCALAR: readonly Scalar[] = ['ID', 'Boolean', 'Int', 'Float64', 'Float32', 'String', 'DateTime', 'Blob', 'JSON']
export const ORDERED_SCALARS: readonly Scalar[] = ['Int', 'Float64', 'Float32', 'DateTime', 'JSON']
export const TEXT_SCALARS: readonly Scalar[] = ['String', 'Blob', 'JSON']

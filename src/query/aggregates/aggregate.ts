import type { DocumentValue } from '../../schema/document-value.ts'

/** A number that stands for many. */
export interface Aggregate {
  readonly name: `_${string}`
  /** What it is called in a plan graph. */
  readonly node: string
  /** `rows` counts whatever is there; `numbers` works on the numbers of a field, and passes over nulls. */
  readonly over: 'rows' | 'numbers'
  /** The result for the values of all sources together, in their order. */
  reduce(values: readonly DocumentValue[]): DocumentValue
}

import type { FieldDelta } from '../block/block.ts'

/**
 * `MergeRule`: what a field's value becomes when one more block arrives.
 *
 * - Pure: the result follows from the arguments alone; no clock, no randomness, nothing kept, arguments unchanged.
 * - The caller applies each block exactly once per document. Then replicas that have applied the same blocks, in any order in which ancestors come first,
 *   have the same value. (Sums of floats may differ in the last digits by order.)
 * - `apply` is called only with deltas of its own `deltaKind`; anything else is a CORRUPT_DATA.
 */
export interface MergeRule {
  /** The kind of the deltas that carry its changes. */
  readonly deltaKind: FieldDelta['kind']
  /**
   * `number` is the kind of a number field, which counters add in; other rules do not look at it.
   * @throws CORRUPT_DATA when the delta does not fit the rule
   */
  apply(current: FieldState | undefined, delta: FieldDelta, number?: NumberKind): FieldState
}

/** The value of a field and what decides about the next one. */
export interface FieldState {
  /** Canonical CBOR of the value; `f6` for null. */
  readonly data: Uint8Array
  /** Priority of the block that set it. */
  readonly priority: number
}

/** The kinds of numbers a counter may count. */
export type NumberKind = 'Int' | 'Float64' | 'Float32'

const NUMBER_KINDS: ReadonlySet<string> = new Set(['Int', 'Float64', 'Float32'] satisfies NumberKind[])

/** Whether a scalar, by its name, is a number that can be counted. */
export function isNumberKind(scalar: string): scalar is NumberKind {
  return NUMBER_KINDS.has(scalar)
}

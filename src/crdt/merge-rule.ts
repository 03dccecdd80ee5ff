import type { FieldDelta } from '../block/block.ts'

/**
 * `MergeRule`: what a field's value becomes when one more block arrives.
 *
 * - Pure: the result follows from the arguments alone; no clock, no randomness, nothing kept, arguments unchanged.
 * - The caller applies each block exactly once, after those it builds on. Then replicas that have applied the same blocks, in whatever order, have the same
 *   state. (Sums of floats may differ in their last digits by order.)
 */
export interface MergeRule {
  /** The kind of the deltas that carry its changes. */
  readonly deltaKind: FieldDelta['kind']
  /** @throws CORRUPT_DATA when the delta is not of this rule or holds no such value, INVALID_DOCUMENT when the rule forbids the change */
  apply(current: FieldState | undefined, delta: FieldDelta, kind: MergedKind): FieldState
}

/** The value of a field and what decides about the next one. */
export interface FieldState {
  /** Canonical CBOR of the value; `f6` for null. */
  readonly data: Uint8Array
  /** Priority of the block that set it. */
  readonly priority: number
}

/** What a rule may ask of a field's kind: the name of its scalar, such as `Int`. */
export interface MergedKind {
  readonly scalar: string
}

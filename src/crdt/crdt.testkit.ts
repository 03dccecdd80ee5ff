import fc from 'fast-check'

import type { FieldDelta } from '../block/block.ts'
import { equalBytes } from '../util/bytes.ts'
import type { FieldState, MergedKind, MergeRule } from './merge-rule.ts'

/** A law that a merge rule may obey. `holds` looks at one case: a state, or none, and three deltas. */
export interface MergeLaw {
  readonly name: 'commutative' | 'associative' | 'idempotent'
  holds(apply: Apply, start: FieldState | undefined, deltas: readonly [FieldDelta, FieldDelta, FieldDelta]): boolean
}

type Apply = (state: FieldState | undefined, delta: FieldDelta) => FieldState

/** The order of two blocks does not matter. With associativity: nor does that of any number. */
export const COMMUTATIVE: MergeLaw = {
  name: 'commutative',
  holds: (apply, start, [a, b]) => equalStates(apply(apply(start, a), b), apply(apply(start, b), a)),
}

/** Blocks may be merged with each other first. */
export const ASSOCIATIVE: MergeLaw = {
  name: 'associative',
  holds: (apply, start, [a, b]) => equalStates(apply(apply(start, a), b), apply(start, { ...b, ...apply(apply(undefined, a), b) })),
}

/** A block that comes again changes nothing, whatever came in between. */
export const IDEMPOTENT: MergeLaw = {
  name: 'idempotent',
  holds: (apply, start, [a, b, c]) => {
    const once = apply(apply(apply(start, a), b), c)
    return [a, b, c].every((delta) => equalStates(apply(once, delta), once))
  },
}

/** Checks a law for many cases. @throws with the seed and the smallest case in which it does not hold */
export function checkLaw(law: MergeLaw, rule: MergeRule, kind: MergedKind, someDelta: fc.Arbitrary<FieldDelta>): void {
  const apply: Apply = (state, delta) => rule.apply(state, delta, kind)
  const someStart = fc.array(someDelta, { maxLength: 3 }).map((deltas) => deltas.reduce<FieldState | undefined>(apply, undefined))
  fc.assert(fc.property(someStart, fc.tuple(someDelta, someDelta, someDelta), (start, deltas) => law.holds(apply, start, deltas)))
}

/** Two states that no later block can tell apart. */
export function equalStates(a: FieldState, b: FieldState): boolean {
  return a.priority === b.priority && equalBytes(a.data, b.data)
}

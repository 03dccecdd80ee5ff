import type { Relation } from '../collections.ts'
import type { Reading } from './read-rows.ts'
import type { SelectPlan } from './select-plan.ts'

/** A relation that a part of a plan follows, and how it reads the documents on the other side. */
export interface Join {
  readonly relation: Relation
  readonly reading: Reading | SelectPlan
}

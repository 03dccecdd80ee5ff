import { PCOUNTER, PNCOUNTER } from './counter.ts'
import { LWW } from './lww.ts'
import type { MergeRule } from './merge-rule.ts'

/** How a field merges: the name in `@crdt(type:)`; `none` where nobody chose. */
export type CrdtType = 'none' | 'lww' | 'pncounter' | 'pcounter'

/** CRDT types by the number inside the schema's hash. */
export const CRDT_NUMBERS: Readonly<Record<CrdtType, number>> = { none: 0, lww: 1, pncounter: 4, pcounter: 5 }

// A patch adds the `x_id` of a relation as `none`; it is written and merged like any other register.
const RULES: Readonly<Record<CrdtType, MergeRule>> = { none: LWW, lww: LWW, pncounter: PNCOUNTER, pcounter: PCOUNTER }

/** The rule by which a field of this type merges. */
export function crdtRule(type: CrdtType): MergeRule {
  return RULES[type]
}

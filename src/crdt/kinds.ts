import { PCOUNTER, PNCOUNTER } from './counter.ts'
import { LWW } from './lww.ts'
import type { MergeRule } from './merge-rule.ts'

/** How a field merges: the name in `@crdt(type:)`; `none` for `_docID`, which never changes. */
export type CrdtType = 'none' | 'lww' | 'pncounter' | 'pcounter'

/** CRDT types by the number inside the schema's hash. */
export const CRDT_NUMBERS: Readonly<Record<CrdtType, number>> = { none: 0, lww: 1, pncounter: 4, pcounter: 5 }

/** The rule of every type; `none` has no blocks, hence no rule. */
export const MERGE_RULES: Readonly<Record<Exclude<CrdtType, 'none'>, MergeRule>> & { readonly none: undefined } = {
  none: undefined,
  lww: LWW,
  pncounter: PNCOUNTER,
  pcounter: PCOUNTER,
}

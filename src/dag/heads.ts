import { compareCids, equalCids, type Cid } from '../block/cid.ts'
import type { Head } from '../document/record.ts'

/** The height of the next block of a DAG with these heads. */
export function nextHeight(heads: readonly Head[]): number {
  return 1 + heads.reduce((highest, head) => Math.max(highest, head.height), 0)
}

/** The heads after `added` was merged, which supersedes `parents`; in the order of their texts. */
export function advanceHeads(heads: readonly Head[], added: Head, parents: readonly Cid[]): readonly Head[] {
  const kept = heads.filter((head) => !equalCids(head.cid, added.cid) && !parents.some((parent) => equalCids(parent, head.cid)))
  return [...kept, added].toSorted((a, b) => compareCids(a.cid, b.cid))
}

export function headCids(heads: readonly Head[]): readonly Cid[] {
  return heads.map((head) => head.cid)
}

import type { Commit } from '../block/block.ts'
import { cidKey, equalCids } from '../block/cid.ts'
import type { DocumentRecord } from '../document/record.ts'
import type { DocumentHistory } from './document-history.ts'

/** A field block, as far as it matters to one that builds on it. */
interface Parent {
  readonly fieldName: string
  readonly priority: number
}

/**
 * What is wrong with the parents of a commit's field blocks: each must be a block of the same field in an ancestor of the commit, and the height follows from them.
 * A parent that came later would be a head of the field or not by the order of arrival; a block that is lower than its parents would hide them from the question
 * whether they were merged before.
 *
 * The answer follows from the ancestors alone, never from what else is here. Where the commit builds on all that is here, the heads of its fields are among the record's;
 * only where somebody has written meanwhile, its ancestors are read, mostly one.
 */
export async function faultOfFieldParents(
  { composite, fields }: Commit,
  record: DocumentRecord | undefined,
  history: DocumentHistory,
): Promise<string | undefined> {
  const { heads } = composite.block
  const isOnAll = record?.heads.every((head) => heads.some((parent) => equalCids(parent, head.cid))) === true
  const parents = new Map<string, Parent>()
  const wanted = new Set<string>()
  for (const { block } of fields) {
    const { fieldName } = block.delta
    const current = isOnAll ? (record.fields.get(fieldName)?.heads ?? []) : []
    for (const cid of block.heads) {
      const head = current.find((candidate) => equalCids(candidate.cid, cid))
      if (head === undefined) wanted.add(cidKey(cid))
      else parents.set(cidKey(cid), { fieldName, priority: head.height })
    }
  }
  if (wanted.size > 0) for (const [name, delta] of await history.fieldBlocksUpTo(heads, wanted)) parents.set(name, delta)
  for (const { block } of fields) {
    const { fieldName, priority } = block.delta
    let expected = 1
    for (const cid of block.heads) {
      const parent = parents.get(cidKey(cid))
      if (parent?.fieldName !== fieldName) return `field "${fieldName}" builds on a block that is not among those before it`
      expected = Math.max(expected, parent.priority + 1)
    }
    if (priority !== expected) return `field "${fieldName}" has height ${priority}, which does not follow from its parents: ${expected}`
  }
  return undefined
}

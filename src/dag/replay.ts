import type { Commit, SealedBlock } from '../block/block.ts'
import { cidKey } from '../block/cid.ts'
import type { DocumentRecord } from '../document/record.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { mergeCommit, type PlainData } from './merge.ts'
import { ancestorsFirst } from './walk.ts'

/**
 * The state that commits of one document make from nothing; `undefined` where there are none. They may come in any order and more than once, and hold the
 * ancestors of each.
 *
 * Each field block counts once: two writers who set the same value without knowing of each other have made the same block, in a commit each.
 */
export function replay(collection: CollectionVersion, commits: readonly Commit[], plainData?: PlainData): DocumentRecord | undefined {
  const applied = new Set<string>()
  const isNew = ({ cid }: SealedBlock): boolean => {
    const { size } = applied
    return applied.add(cidKey(cid)).size > size
  }
  let record: DocumentRecord | undefined
  for (const commit of ancestorsFirst(commits)) {
    if (!isNew(commit.composite)) continue
    const again = commit.fields.filter((field) => !isNew(field)).map(({ block }) => block.delta.fieldName)
    record = mergeCommit(collection, record, commit, again, plainData)
  }
  return record
}

import { cidKey } from '../block/cid.ts'
import { COLLECTION_DAG, openReplicated, type CollectionCommit } from '../block/replicated-commit.ts'
import { ancestorsFirst } from '../dag/walk.ts'
import { keys } from '../document/keys.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { Pacer } from '../util/pacer.ts'
import type { Merged } from './merge-commits.ts'
import type { MergeReport, Rejection } from './replica.ts'
import type { WriteView } from './view.ts'
import { ROWS_PER_COMMIT, readCollectionHeads, storeCollectionCommit, type WrittenCommit } from './write-documents.ts'

/**
 * Merges blocks of a collection's own DAG: like commits of a document, each once and ancestors first, but there is no state beyond the heads. The
 * composite that a block links may come before or after it. A node that does not keep such a DAG itself still keeps the blocks of others, and passes them on.
 */
export async function mergeCollectionCommits(
  view: WriteView,
  collection: CollectionVersion,
  commits: readonly CollectionCommit[],
  pacer: Pacer,
): Promise<Merged> {
  const written: WrittenCommit[] = []
  const rejected: Rejection[] = []
  const missing: MergeReport['missing'][number][] = []
  const heights = await loadHeights(view, collection, commits)
  let heads = await readCollectionHeads(view, collection)
  let known = 0

  for (const commit of ancestorsFirst(commits)) {
    if (pacer.isDue(ROWS_PER_COMMIT)) await pacer.rest()
    const { cid, block } = commit.composite
    const { priority } = block.delta
    if (heights.has(cidKey(cid))) {
      known += 1
      continue
    }
    const absent = block.heads.filter((parent) => !heights.has(cidKey(parent)))
    const expected = 1 + block.heads.reduce((highest, parent) => Math.max(highest, heights.get(cidKey(parent)) ?? 0), 0)
    const [link, ...others] = block.links
    if (absent.length > 0) {
      missing.push({ cid: commit.composite.cid, docId: COLLECTION_DAG, parents: absent })
    } else if (priority !== expected) {
      rejected.push({ kind: 'forged', cid, reason: `height ${priority} does not follow from the parents: ${expected}` })
    } else if (link === undefined || link.name !== '' || others.length > 0) {
      rejected.push({ kind: 'forged', cid, reason: 'a collection block links one composite, under the empty name' })
    } else {
      heights.set(cidKey(cid), priority)
      heads = storeCollectionCommit(view, collection, commit, heads)
      written.push({ collection, commit })
    }
  }
  return { report: { merged: written.length, known, rejected, missing }, written, violations: [] }
}

/** Heights of those blocks and parents that are stored, by CID. */
async function loadHeights(
  view: WriteView,
  { collectionId }: CollectionVersion,
  commits: readonly CollectionCommit[],
): Promise<Map<string, number>> {
  const asked = new Map(commits.flatMap(({ composite }) => [composite.cid, ...composite.block.heads]).map((cid) => [cidKey(cid), cid]))
  const stored = await view.getMany([...asked.values()].map((cid) => keys.collectionBlock(collectionId, cid)))
  const heights = new Map<string, number>()
  for (const [index, name] of [...asked.keys()].entries()) {
    const bytes = stored[index]
    if (bytes !== undefined) heights.set(name, openReplicated(bytes).composite.block.delta.priority)
  }
  return heights
}

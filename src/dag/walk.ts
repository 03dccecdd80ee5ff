import { cidKey, type Cid } from '../block/cid.ts'
import type { ReplicatedCommit } from '../block/replicated-commit.ts'

/**
 * The commits that somebody with the given heads lacks, ancestors first: everything but these heads and their ancestors. Heads that are not among
 * `commits` are passed over, since whoever names them has more than this history knows.
 *
 * `commits` is the whole history of one document, or of one collection's own DAG, in any order.
 */
export function commitsSince<C extends ReplicatedCommit>(commits: readonly C[], have: readonly Cid[]): readonly C[] {
  const byCid = new Map(commits.map((commit) => [cidKey(commit.composite.cid), commit]))
  const held = new Set<string>()
  const open = have.map(cidKey)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const commit = byCid.get(name)
    if (commit === undefined || held.has(name)) continue
    held.add(name)
    open.push(...commit.composite.block.heads.map(cidKey))
  }
  return ancestorsFirst(commits.filter((commit) => !held.has(cidKey(commit.composite.cid))))
}

/** Commits of one DAG in an order in which they can be merged: a parent is lower than its children. */
export function ancestorsFirst<C extends ReplicatedCommit>(commits: readonly C[]): readonly C[] {
  return commits.toSorted((a, b) => a.composite.block.delta.priority - b.composite.block.delta.priority)
}

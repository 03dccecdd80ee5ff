import type { OracleCase } from './oracle-case.testkit.ts'

type Fails = (given: OracleCase) => Promise<boolean>
type Numbers = readonly number[]

/**
 * A case that still fails and from which nothing can be left out: first requests and writes as wholes, then the decisions behind them. Shrinking
 * that knows which parts matter takes some hundred tries where that of fast-check, which does not, takes thousands.
 */
export async function smallestCase(given: OracleCase, fails: Fails): Promise<OracleCase> {
  let best = given
  const attempt = async (smaller: OracleCase): Promise<boolean> => {
    if (!(await fails(smaller))) return false
    best = smaller
    return true
  }
  await shorten(best.requests, (requests) => attempt({ ...best, requests }))
  await shorten(best.changes, (changes) => attempt({ ...best, changes }))
  await simplify(best.requests, (requests) => attempt({ ...best, requests }))
  await simplify([best.shape], ([shape = []]) => attempt({ ...best, shape }))
  await shorten(best.changes, (changes) => attempt({ ...best, changes }))
  await simplify(best.changes, (changes) => attempt({ ...best, changes }))
  return best
}

/** Leaves out as much of a list as can be: large parts first, the last parts first. */
async function shorten<T>(list: readonly T[], attempt: (shorter: readonly T[]) => Promise<boolean>): Promise<readonly T[]> {
  let kept = list
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = kept.length; end > 0; end -= size) {
      const shorter = kept.toSpliced(Math.max(0, end - size), Math.min(size, end))
      if (await attempt(shorter)) kept = shorter
    }
  }
  return kept
}

/** Makes decisions simpler: fewer of them, and the first choice in place of each. */
async function simplify(lists: readonly Numbers[], attempt: (simpler: readonly Numbers[]) => Promise<boolean>): Promise<void> {
  let kept = lists
  for (const index of lists.keys()) {
    const withList = (list: Numbers): readonly Numbers[] => kept.with(index, list)
    const take = async (list: Numbers): Promise<boolean> => {
      const isSimpler = await attempt(withList(list))
      if (isSimpler) kept = withList(list)
      return isSimpler
    }
    await shorten(kept[index] ?? [], take)
    for (const [position, number] of (kept[index] ?? []).entries()) {
      if (number !== 0) await take((kept[index] ?? []).with(position, 0))
    }
  }
}

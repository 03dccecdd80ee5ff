import type { Pacer } from './pacer.ts'

/** So many are sorted in one go: some thousand comparisons, a millisecond. */
const RUN = 256

/** The items in order, as `toSorted` has it: equal ones stay in theirs. Sorted runs are merged two by two, so that the work can rest at any row. */
export async function sortPaced<T>(items: readonly T[], compare: (a: T, b: T) => number, pacer: Pacer): Promise<readonly T[]> {
  if (items.length <= RUN) return items.toSorted(compare)
  let runs: (readonly T[])[] = []
  for (let start = 0; start < items.length; start += RUN) {
    if (pacer.isDue(RUN)) await pacer.rest()
    runs.push(items.slice(start, start + RUN).toSorted(compare))
  }
  while (runs.length > 1) {
    const merged: (readonly T[])[] = []
    for (let pair = 0; pair < runs.length; pair += 2) merged.push(await mergeRuns(runs[pair] ?? [], runs[pair + 1] ?? [], compare, pacer))
    runs = merged
  }
  return runs[0] ?? []
}

/** Of equal ones those of `a` come first. */
async function mergeRuns<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number, pacer: Pacer): Promise<readonly T[]> {
  if (b.length === 0) return a
  const merged: T[] = []
  const others = b.values()
  let other = others.next()
  for (const item of a) {
    for (; other.done !== true && compare(item, other.value) > 0; other = others.next()) {
      if (pacer.isDue()) await pacer.rest()
      merged.push(other.value)
    }
    if (pacer.isDue()) await pacer.rest()
    merged.push(item)
  }
  for (; other.done !== true; other = others.next()) {
    if (pacer.isDue()) await pacer.rest()
    merged.push(other.value)
  }
  return merged
}

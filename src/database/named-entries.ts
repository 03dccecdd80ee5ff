import { keys } from '../document/keys.ts'
import { compareBytes } from '../util/bytes.ts'
import type { Entry } from '../storage/store.ts'
import { pagesOf } from './pages.ts'
import type { View } from './view.ts'

/** Fewer keys than this are looked up: what stands between them would have to be read as well. */
const FEWEST_TO_SCAN = 256
/** Keys that are looked up in one call. */
const LOOKED_UP_AT_ONCE = 1_024
/** To look up a key costs as much as to read this many neighbours: some 50 µs against 7 in IndexedDB. */
const NEIGHBOURS_PER_LOOKUP = 6

/**
 * The entries of these keys, which are sorted and each there once, in their order and in pages; those that are not stored are left out. Keys that stand close together
 * are read with everything between them, since a store reads neighbours many times faster than single entries; how close they stand is seen from the first page.
 */
export async function* namedEntries(view: View, wanted: readonly Uint8Array[]): AsyncGenerator<readonly Entry[]> {
  const [from] = wanted
  const last = wanted.at(-1)
  let next = 0
  if (from !== undefined && last !== undefined && wanted.length >= FEWEST_TO_SCAN) {
    for await (const page of pagesOf(view, { from, to: keys.after(last) })) {
      const before = next
      const found: Entry[] = []
      for (const entry of page) {
        while (next < wanted.length && compareKeys(wanted[next], entry.key) < 0) next += 1
        if (next === wanted.length) break
        if (compareKeys(wanted[next], entry.key) !== 0) continue
        found.push(entry)
        next += 1
      }
      yield found
      if (next === wanted.length) return
      if ((next - before) * NEIGHBOURS_PER_LOOKUP < page.length) break
    }
  }
  for (; next < wanted.length; next += LOOKED_UP_AT_ONCE) {
    const page = wanted.slice(next, next + LOOKED_UP_AT_ONCE)
    const values = await view.getMany(page)
    yield page.flatMap((key, index) => {
      const value = values[index]
      return value === undefined ? [] : [{ key, value }]
    })
  }
}

function compareKeys(wanted: Uint8Array | undefined, key: Uint8Array): number {
  return wanted === undefined ? 1 : compareBytes(wanted, key)
}

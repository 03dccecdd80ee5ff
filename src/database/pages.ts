import { keys } from '../document/keys.ts'
import type { Entry, KeyRange } from '../storage/store.ts'
import type { View } from './view.ts'

/** The first page is small, for readers that stop soon; later ones grow, since each is a round trip to the storage. */
const FIRST_PAGE = 128
const LARGEST_PAGE = 4_096

/** The entries of a range in key order, or reversed, page after page. */
export async function* pagesOf(
  view: View,
  range: KeyRange,
  { reverse = false, largest = LARGEST_PAGE }: { readonly reverse?: boolean; readonly largest?: number } = {},
): AsyncGenerator<readonly Entry[]> {
  let rest = range
  for (let limit = Math.min(FIRST_PAGE, largest); ; limit = Math.min(limit * 4, largest)) {
    const page = await view.scan(rest, { limit, reverse })
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return
    rest = reverse ? { ...rest, to: last.key } : { ...rest, from: keys.after(last.key) }
  }
}

import { compareKeys, type SortKey } from './cell-kinds.ts'

export interface OrderedId {
  readonly id: string
  readonly key: SortKey
}

/**
 * Document IDs in the order of their keys. An ID keeps the place it was given until it is deleted, also when the value behind its key changes: a row
 * must not jump away under the hands of who edits it.
 */
export interface OrderedIds {
  readonly size: number
  has(id: string): boolean
  /** Nothing happens when it is there already. */
  insert(entry: OrderedId): void
  delete(id: string): void
  slice(from: number, to: number): readonly string[]
  /** -1 when it is not there. */
  indexOf(id: string): number
}

/** Equal keys are ordered by ID, so that every node shows the same order. */
export function orderedIds(entries: readonly OrderedId[], direction: 'ascending' | 'descending'): OrderedIds {
  const sign = direction === 'ascending' ? 1 : -1
  const compare = (a: OrderedId, b: OrderedId): number => sign * compareKeys(a.key, b.key) || compareKeys(a.id, b.id)
  const entriesById = new Map(entries.map((entry) => [entry.id, entry]))
  const sorted = [...entriesById.values()].sort(compare)

  /** The index of the first entry that does not come before `entry`. */
  const placeOf = (entry: OrderedId): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = sorted[middle]
      if (other !== undefined && compare(other, entry) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
  const indexOf = (id: string): number => {
    const entry = entriesById.get(id)
    return entry === undefined ? -1 : placeOf(entry)
  }

  return {
    get size() {
      return sorted.length
    },
    has: (id) => entriesById.has(id),
    insert: (entry) => {
      if (entriesById.has(entry.id)) return
      sorted.splice(placeOf(entry), 0, entry)
      entriesById.set(entry.id, entry)
    },
    delete: (id) => {
      const index = indexOf(id)
      if (index === -1) return
      sorted.splice(index, 1)
      entriesById.delete(id)
    },
    slice: (from, to) => sorted.slice(from, to).map(({ id }) => id),
    indexOf,
  }
}

import { bytesToMapKey, compareBytes } from '../util/bytes.ts'
import type { Change, Entry, KeyRange, ScanOptions, Store } from '../storage/store.ts'

/** What reading code needs of a store: the store itself, or one with other values laid over it. */
export type View = Pick<Store, 'get' | 'getMany' | 'scan'>

/** A view whose writes are kept back until somebody applies them; reads see them at once. */
export interface WriteView extends View {
  put(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
  /** Reads these keys in one go, so that single reads of them cost nothing. */
  prefetch(keys: readonly Uint8Array[]): Promise<void>
  /** The writes so far, the last one of each key. */
  changes(): readonly Change[]
}

/** Lays an empty overlay over `base`. Nothing of it reaches `base`. */
export function overlay(base: View): WriteView {
  const pending = new Map<string, Change>()
  const fetched = new Map<string, Uint8Array | undefined>()
  const remember = (change: Change): void => {
    pending.set(bytesToMapKey(change.key), change)
  }

  async function getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    const names = keys.map(bytesToMapKey)
    const unknown = keys.filter((_, index) => !pending.has(names[index] ?? '') && !fetched.has(names[index] ?? ''))
    const values = unknown.length === 0 ? [] : await base.getMany(unknown)
    const found = new Map(unknown.map((key, index) => [bytesToMapKey(key), values[index]]))
    return names.map((name) => {
      const change = pending.get(name)
      if (change !== undefined) return change.value
      return fetched.has(name) ? fetched.get(name) : found.get(name)
    })
  }

  return {
    get: async (key) => (await getMany([key]))[0],
    getMany,
    scan: (range, options) => scanUnder(base, pending, range, options),
    put: (key, value) => remember({ key, value }),
    delete: (key) => remember({ key, value: undefined }),
    prefetch: async (keys) => {
      const values = await getMany(keys)
      for (const [index, key] of keys.entries()) fetched.set(bytesToMapKey(key), values[index])
    },
    changes: () => [...pending.values()],
  }
}

/** Makes a change of one view in another. */
export function makeChange(view: Pick<WriteView, 'put' | 'delete'>, { key, value }: Change): void {
  if (value === undefined) view.delete(key)
  else view.put(key, value)
}

/**
 * Scans `base` as if `changes` (by map key) had been made to it. `changes` may grow while the scan runs: what it holds in the end counts.
 */
export async function scanUnder(
  base: View,
  changes: ReadonlyMap<string, Change>,
  range: KeyRange,
  options: ScanOptions = {},
): Promise<readonly Entry[]> {
  for (;;) {
    const before = changesInside(changes, range)
    // Each change can hide one stored entry, so that many more have to be read to fill the limit.
    const limit = options.limit === undefined ? {} : { limit: options.limit + before.length }
    const stored = await base.scan(range, { ...options, ...limit })
    const inside = changesInside(changes, range)
    if (inside.length === 0) return stored
    if (inside.length > before.length) continue
    const hidden = new Set(inside.map((change) => bytesToMapKey(change.key)))
    const written = inside.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }]))
    const sign = options.reverse === true ? -1 : 1
    return [...stored.filter((entry) => !hidden.has(bytesToMapKey(entry.key))), ...written]
      .toSorted((a, b) => sign * compareBytes(a.key, b.key))
      .slice(0, options.limit)
  }
}

/** Whether a range holds a key. */
export function isInside(key: Uint8Array, range: KeyRange): boolean {
  if (range.from !== undefined && compareBytes(key, range.from) < 0) return false
  return range.to === undefined || compareBytes(key, range.to) < 0
}

function changesInside(changes: ReadonlyMap<string, Change>, range: KeyRange): readonly Change[] {
  return changes.size === 0 ? [] : [...changes.values()].filter((change) => isInside(change.key, range))
}

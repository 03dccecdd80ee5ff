import { keys } from '../document/keys.ts'
import type { Change } from '../storage/store.ts'
import { bytesToMapKey } from '../util/bytes.ts'
import type { View } from './view.ts'

/** Which indexes do not hold every document, since one has too many entries for them: queries must not rely on these. */
export interface IndexOverflows {
  /** Takes note of changes that are stored now or soon. */
  note(changes: readonly Change[]): void
  has(collectionId: string, indexId: number): boolean
}

/**
 * Reads the marks of a store. An index that once overflowed stays so until the database is opened again: a query may still read an older state, and what
 * is held against an index in vain costs time, never a result.
 */
export async function loadIndexOverflows(view: View): Promise<IndexOverflows> {
  const overflowing = new Set<string>()
  const add = (key: Uint8Array): void => {
    const index = keys.overflowingIndex(key)
    if (index !== undefined) overflowing.add(bytesToMapKey(index))
  }
  for (const { key } of await view.scan(keys.allIndexOverflows())) add(key)
  return {
    note: (changes) => {
      for (const { key, value } of changes) if (value !== undefined) add(key)
    },
    has: (collectionId, indexId) => {
      const index = keys.overflowingIndex(keys.indexOverflowsOf(collectionId, indexId).from ?? new Uint8Array())
      return index !== undefined && overflowing.size > 0 && overflowing.has(bytesToMapKey(index))
    },
  }
}

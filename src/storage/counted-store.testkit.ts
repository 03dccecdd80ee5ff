import { compareBytes } from '../util/bytes.ts'
import type { KeyRange, Store } from './store.ts'

/** A store that counts what is read of it: every key that is asked for, and every entry that a scan gives. */
export interface CountedStore extends Store {
  /** Since the store was made, in a range of keys or everywhere. */
  recordsRead(range?: KeyRange): number
}

export function countedStore(store: Store): CountedStore {
  const read: Uint8Array[] = []
  return {
    recordsRead: (range = {}) => read.filter((key) => isIn(range, key)).length,
    get: (key) => {
      read.push(key)
      return store.get(key)
    },
    getMany: (keys) => {
      read.push(...keys)
      return store.getMany(keys)
    },
    scan: async (...scan) => {
      const entries = await store.scan(...scan)
      read.push(...entries.map(({ key }) => key))
      return entries
    },
    apply: (changes) => store.apply(changes),
    usage: () => store.usage(),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

function isIn({ from, to }: KeyRange, key: Uint8Array): boolean {
  return (from === undefined || compareBytes(from, key) <= 0) && (to === undefined || compareBytes(key, to) < 0)
}

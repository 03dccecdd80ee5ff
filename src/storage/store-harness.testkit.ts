import type { Bytes } from '../util/bytes.ts'
import type { Change, Entry, Store } from './store.ts'

/** A place where one test keeps its data. */
export interface StorePlace {
  /** Opens the place; where data outlives a store, again and again the same data, also while it is open. */
  open(): Promise<Store>
  remove(): Promise<void>
}

/** What a backend offers its tests. The suite has no test for what a backend leaves out. */
export interface StoreHarness {
  /** An empty place. */
  place(): Promise<StorePlace>
  /** An empty place with room for about `bytes`. */
  smallPlace(bytes: number): Promise<StorePlace>
  /** Whether data outlives its store. */
  readonly isPersistent: boolean
  /** Makes the backend fail when it comes to put `key`, until the returned function is called. */
  readonly failPuts?: (place: StorePlace, key: Uint8Array) => Promise<() => Promise<void>>
  /** Cuts every open connection as the environment does, without harm to the data. */
  readonly cut?: () => Promise<void>
}

/** Runs `body` with a store in `place`, and removes the place. */
export async function withStore(place: Promise<StorePlace>, body: (store: Store, place: StorePlace) => Promise<void>): Promise<void> {
  const found = await place
  try {
    const store = await found.open()
    try {
      await body(store, found)
    } finally {
      await store.close()
    }
  } finally {
    await found.remove()
  }
}

export function aKey(...bytes: readonly number[]): Bytes {
  return Uint8Array.from(bytes)
}

/** Big-endian, so that keys sort as their numbers. */
export function aNumberKey(number: number): Bytes {
  return aKey(number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff)
}

export function aPut(key: Uint8Array, ...value: readonly number[]): Change {
  return { key, value: aKey(...value) }
}

/** Bytes that no backend can make smaller. */
export function randomBytes(length: number): Bytes {
  const bytes = new Uint8Array(length)
  for (let offset = 0; offset < length; offset += 65_536) crypto.getRandomValues(bytes.subarray(offset, offset + 65_536))
  return bytes
}

/** Entries as plain numbers, which compare and print well. */
export function asNumbers(entries: readonly Entry[]): number[][][] {
  return entries.map(({ key, value }) => [[...key], [...value]])
}

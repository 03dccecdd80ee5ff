import type { Change, KeyRange, Store } from '../storage/store.ts'
import { bytesToMapKey } from '../util/bytes.ts'
import { createPacer, forEachPaced, type Pacing } from '../util/pacer.ts'
import type { Catalog } from './catalog.ts'
import { isInside, scanUnder, type View } from './view.ts'

/**
 * A view of the one state the store had when it was opened, whatever is written meanwhile; it also knows what was read through it.
 *
 * The store itself has no snapshots. While one is open, every write first puts the values it is about to replace into the snapshot, and reads look there
 * first. So a snapshot costs nothing until somebody writes, and then one read of the keys that change.
 */
export interface Snapshot extends View {
  /** The collections of that state. */
  readonly catalog: Catalog
  /**
   * The first key that was read here, or is in `written`, and has changed since; `undefined` when there is none. A scan has read what it gave, not what
   * could have stood between: a new document is no conflict with a query, as in the reference. What was read of `whole` ranges is all of them.
   */
  conflict(written: readonly Change[], whole?: readonly KeyRange[]): Uint8Array | undefined
  /** Ends it. A snapshot that is not released goes on collecting old values. */
  release(): void
}

export interface Snapshots {
  /**
   * Opens a snapshot between two writes. `atOnce` is called at the very state it shows: what it does is done before the next write. One that is not `isRemembering` does
   * not know what was read through it, for those who read everything and write nothing: its `conflict` only knows of `written`.
   */
  open(atOnce?: () => void, options?: { readonly isRemembering?: boolean }): Promise<Snapshot>
  /** Applies changes to the store, after what they replace was put into the open snapshots. `stored` is called before a snapshot can see them. */
  apply(changes: readonly Change[], stored?: () => void): Promise<void>
}

/** Changes whose old values are read together; nothing is applied before all are there. */
const PRESERVED_AT_ONCE = 1_024

interface Open {
  /** What the store held when the snapshot was opened, for each key that was to change since. */
  readonly replaced: Map<string, Change>
  /** Keys that did change. */
  readonly changed: Map<string, Uint8Array>
}

/**
 * `catalog` gives the collections of what the store holds now. `told` is told of every set of changes once the store has it, in order, and before a snapshot of the next
 * state can be opened. It must not throw.
 */
export function createSnapshots(
  store: Store,
  catalog: () => Catalog,
  { told = () => {}, pacing }: { told?(changes: readonly Change[]): void; readonly pacing?: Pacing | undefined } = {},
): Snapshots {
  const open = new Set<Open>()
  let applying: Promise<void> | undefined

  async function preserve(changes: readonly Change[]): Promise<void> {
    if (open.size === 0) return
    const pacer = createPacer(undefined, pacing)
    for (let start = 0; start < changes.length; start += PRESERVED_AT_ONCE) {
      if (pacer.isDue(PRESERVED_AT_ONCE)) await pacer.rest()
      const page = changes.slice(start, start + PRESERVED_AT_ONCE)
      const unknown = page.filter(({ key }) => [...open].some(({ replaced }) => !replaced.has(bytesToMapKey(key))))
      const values = unknown.length === 0 ? [] : await store.getMany(unknown.map(({ key }) => key))
      for (const [index, { key }] of unknown.entries()) {
        const name = bytesToMapKey(key)
        for (const { replaced } of open) if (!replaced.has(name)) replaced.set(name, { key, value: values[index] })
      }
    }
  }

  async function preserveAndApply(changes: readonly Change[], stored?: () => void): Promise<void> {
    await preserve(changes)
    await store.apply(changes)
    stored?.()
    told(changes)
    if (open.size === 0) return
    await forEachPaced(changes, createPacer(undefined, pacing), ({ key }) => {
      for (const { changed } of open) changed.set(bytesToMapKey(key), key)
    })
  }

  return {
    open: async (atOnce = () => {}, { isRemembering = true } = {}) => {
      for (let busy = applying; busy !== undefined; busy = applying) await busy.catch(() => {})
      const state: Open = { replaced: new Map(), changed: new Map() }
      open.add(state)
      atOnce()
      return snapshotOf(store, state, catalog(), { isRemembering, release: () => open.delete(state) })
    },
    apply: async (changes, stored) => {
      const run = preserveAndApply(changes, stored)
      applying = run
      try {
        await run
      } finally {
        applying = undefined
      }
    },
  }
}

function snapshotOf(
  store: Store,
  { replaced, changed }: Open,
  catalog: Catalog,
  { isRemembering, release }: { readonly isRemembering: boolean; release(): void },
): Snapshot {
  const readKeys = new Set<string>()

  async function getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    const names = keys.map(bytesToMapKey)
    if (isRemembering) for (const name of names) readKeys.add(name)
    const values = await store.getMany(keys)
    // Asked after the read: a write that the read may have seen has put the old values here before it began.
    return names.map((name, index) => {
      const old = replaced.get(name)
      return old === undefined ? values[index] : old.value
    })
  }

  return {
    catalog,
    get: async (key) => (await getMany([key]))[0],
    getMany,
    scan: async (range, options = {}) => {
      const entries = await scanUnder(store, replaced, range, options)
      if (isRemembering) for (const { key } of entries) readKeys.add(bytesToMapKey(key))
      return entries
    },
    conflict: (written, whole = []) => {
      const isWritten = new Set(written.map(({ key }) => bytesToMapKey(key)))
      const isRead = (name: string, key: Uint8Array): boolean => readKeys.has(name) || whole.some((range) => isInside(key, range))
      return changed.entries().find(([name, key]) => isWritten.has(name) || isRead(name, key))?.[1]
    },
    release,
  }
}

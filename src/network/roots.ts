import type { Clock } from '../util/clock.ts'
import { LONGEST_UNSETTLED, SETTLE_TIME } from './limits.ts'
import type { Reconciler } from './reconcile.ts'

/** The fingerprints of this node's collections, told to peers once a collection rests. */
export interface Roots {
  /** The fingerprint as it was last computed; `undefined` before the first time. */
  last(collectionId: string): Uint8Array | undefined
  /** The fingerprint of what is here now. */
  now(collectionId: string): Promise<Uint8Array>
  /** Whether a collection has changed since. */
  isUnsettled(collectionId: string): boolean
  /** A collection has changed. */
  touch(collectionId: string): void
  close(): void
}

interface Unsettled {
  readonly since: number
  readonly callOff: () => void
}

export interface RootsOptions {
  readonly reconciler: Pick<Reconciler, 'root'>
  readonly clock: Clock
  /** Whether somebody compares a collection with this node; of others nothing is computed. */
  readonly isNeeded: (collectionId: string) => boolean
  /** Called some time after the last change of a collection that is needed, and now and then during changes that do not end. */
  readonly onSettled: (collectionId: string, root: Uint8Array) => void
}

export function createRoots({ reconciler, clock, isNeeded, onSettled }: RootsOptions): Roots {
  const last = new Map<string, Uint8Array>()
  const unsettled = new Map<string, Unsettled>()
  let isClosed = false

  async function now(collectionId: string): Promise<Uint8Array> {
    const root = await reconciler.root(collectionId)
    last.set(collectionId, root)
    return root
  }

  function settleAfter(collectionId: string, since: number, delay: number): void {
    unsettled.set(collectionId, { since, callOff: clock.after(delay, () => void settle(collectionId)) })
  }

  async function settle(collectionId: string): Promise<void> {
    unsettled.delete(collectionId)
    if (!isNeeded(collectionId)) return
    try {
      const root = await now(collectionId)
      if (!isClosed) onSettled(collectionId, root)
    } catch {
      // The storage cannot be read now, and there may be no further change that leads here again.
      if (!isClosed && !unsettled.has(collectionId)) settleAfter(collectionId, clock.now(), LONGEST_UNSETTLED)
    }
  }

  return {
    last: (collectionId) => last.get(collectionId),
    now,
    isUnsettled: (collectionId) => unsettled.has(collectionId),
    touch: (collectionId) => {
      if (isClosed) return
      const before = unsettled.get(collectionId)
      before?.callOff()
      const since = before?.since ?? clock.now()
      const delay = Math.min(SETTLE_TIME, Math.max(0, since + LONGEST_UNSETTLED - clock.now()))
      settleAfter(collectionId, since, delay)
    },
    close: () => {
      isClosed = true
      for (const { callOff } of unsettled.values()) callOff()
    },
  }
}

import { DatabaseError } from '../errors.ts'
import type { Store } from '../storage/store.ts'

/**
 * How a storage stops taking writes:
 * - `refuses`: it rejects each write and stores nothing, as a full disk does; the database goes on.
 * - `dies before`: the process ends before the write reached the storage; nobody gets an answer any more.
 * - `dies after`: the process ends when the write is stored, before anybody was told.
 */
export type Stop = 'refuses' | 'dies before' | 'dies after'

export const STOPS: readonly Stop[] = ['refuses', 'dies before', 'dies after']

export interface StoppingStore extends Store {
  /** Writes it took. */
  readonly applies: number
  /** Resolves when a write was stopped, and what is to be stored of it is. */
  readonly stopped: Promise<void>
  /** Takes all writes from now on. */
  heal(): void
}

/** A store that lets the first `writes` writes through and then stops. */
export function stoppingStore(store: Store, writes: number, stop: Stop): StoppingStore {
  const stopped = Promise.withResolvers<void>()
  let left = writes
  let applies = 0
  let isDead = false
  const close = (): Promise<void> => store.close()
  return {
    get applies() {
      return applies
    },
    stopped: stopped.promise,
    heal: () => {
      left = Number.POSITIVE_INFINITY
    },
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    scan: (range, options) => store.scan(range, options),
    usage: () => store.usage(),
    apply: async (changes) => {
      if (left > 0) {
        left -= 1
        await store.apply(changes)
        applies += 1
        return
      }
      if (stop === 'dies after' && !isDead) await store.apply(changes)
      isDead = true
      stopped.resolve()
      if (stop === 'refuses') throw new DatabaseError('STORAGE_FULL', 'no room left', {})
      await new Promise<never>(() => {})
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

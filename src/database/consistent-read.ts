import type { Store } from '../storage/store.ts'
import type { View } from './view.ts'
import type { Writer } from './writer.ts'

/** Under constant writing a reader stops hoping after this many tries and takes a turn of its own. */
const OPTIMISTIC_TRIES = 3

/**
 * Runs a read that sees one state, however many calls it makes.
 *
 * A single call to the store is consistent by its contract. A read of several calls is run again when a write was stored in between, and after a few tries in
 * the writers' queue, where nobody writes. `body` may thus run more than once and must have no effects.
 */
export async function consistentRead<T>(store: Store, writer: Writer, body: (view: View) => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; attempt < OPTIMISTIC_TRIES; attempt++) {
    const view = countingView(store)
    const before = writer.applies()
    const result = await body(view)
    if (view.calls() <= 1 || (before.pending === 0 && before.started === writer.applies().started)) return result
  }
  return writer.run({ name: 'a read', body }, signal)
}

function countingView(store: Store): View & { calls(): number } {
  let calls = 0
  return {
    get: (key) => {
      calls += 1
      return store.get(key)
    },
    getMany: (keys) => {
      calls += 1
      return store.getMany(keys)
    },
    scan: (range, options) => {
      calls += 1
      return store.scan(range, options)
    },
    calls: () => calls,
  }
}

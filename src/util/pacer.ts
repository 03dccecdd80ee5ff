/**
 * Lets long work share its thread. A loop asks `isDue` for each row, which costs next to nothing, and rests when it says so:
 *
 *     for (const row of rows) {
 *       if (pacer.isDue()) await pacer.rest()
 *       …
 *     }
 *
 * Several pacers in one task do not add up: each counts from its own last rest, which is never later than the beginning of the task.
 */
export interface Pacer {
  /**
   * Whether the slice of time is used up. `rows` says how much work comes next: one row, or `WORTH_A_LOOK` before a read of the storage.
   *
   * @throws what `check` throws, also between two rests
   */
  isDue(rows?: number): boolean
  /** Lets everything run that waits for the thread. @throws what `check` throws */
  rest(): Promise<void>
}

/** Where a pacer has its time from and what it waits for; tests count with one of their own. */
export interface Pacing {
  /** Milliseconds. */
  now(): number
  /** Resolves in a task of its own, after those that wait already. */
  nextTask(): Promise<void>
}

/** Milliseconds. A page should answer within 50; what stands between two looks, and what the browser does itself, comes on top. */
const SLICE = 12

/** A row costs some microseconds and one with a huge field a millisecond; so many together stay far below a slice, and the clock costs nothing. */
export const WORTH_A_LOOK = 16

/** A pacer whose work begins now. `check` is asked at every look and throws when the work is to end. */
export function createPacer(check: () => void = () => {}, pacing: Pacing = REAL_PACING): Pacer {
  let rows = 0
  let start = pacing.now()
  return {
    isDue: (more = 1) => {
      rows += more
      if (rows < WORTH_A_LOOK) return false
      rows = 0
      check()
      return pacing.now() - start >= SLICE
    },
    rest: async () => {
      await pacing.nextTask()
      start = pacing.now()
      check()
    },
  }
}

/** `work` for each item, one after the other. */
export async function forEachPaced<T>(items: readonly T[], pacer: Pacer, work: (item: T, index: number) => void): Promise<void> {
  for (const [index, item] of items.entries()) {
    if (pacer.isDue()) await pacer.rest()
    work(item, index)
  }
}

/** What `make` makes of each item. */
export async function mapPaced<T, R>(items: readonly T[], pacer: Pacer, make: (item: T, index: number) => R): Promise<readonly R[]> {
  const made: R[] = []
  await forEachPaced(items, pacer, (item, index) => made.push(make(item, index)))
  return made
}

/**
 * A message to itself, which waits its turn behind the input, the paint, the storage and the network. `scheduler.yield` would go before the latter two, so that one
 * long query starved everything else, and timers wait 4 ms. Node has the same for a tenth of the cost.
 */
const REAL_PACING: Pacing = {
  now: () => performance.now(),
  nextTask: () =>
    new Promise((resolve) => {
      if ('setImmediate' in globalThis) {
        setImmediate(resolve)
        return
      }
      const { port1, port2 } = new MessageChannel()
      port1.addEventListener('message', () => {
        port1.close()
        resolve()
      })
      port1.start()
      port2.postMessage(undefined)
    }),
}

import type { Database } from '../database/database.ts'
import { orAborted } from '../util/ending-iterable.ts'
import type { EventHub } from './event-hub.ts'
import type { StreamEvent } from './event-stream.ts'
import { MAX_WAITING_EVENTS } from './limits.ts'

/** The named events from the first `next` on, in order. A reader that is too slow loses the oldest, and is told how many with `left-out`. Ends with the database. */
export async function* collectEvents(
  hub: EventHub,
  database: Database,
  names: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, void> {
  const waiting: StreamEvent[] = []
  let leftOut = 0
  let isClosed = false
  let wake = Promise.withResolvers<void>()

  const stop = hub.listen(database, ({ event, data }) => {
    if (event === 'close') isClosed = true
    if (names.includes(event)) waiting.push({ event, data })
    if (waiting.length > MAX_WAITING_EVENTS) {
      waiting.shift()
      leftOut += 1
    }
    wake.resolve()
  })
  try {
    while (!signal.aborted) {
      if (leftOut > 0) {
        const count = leftOut
        leftOut = 0
        yield { event: 'left-out', data: { count } }
      }
      const next = waiting.shift()
      if (next !== undefined) yield next
      else if (isClosed) return
      else {
        await orAborted(wake.promise, signal)
        wake = Promise.withResolvers()
      }
    }
  } finally {
    stop()
  }
}

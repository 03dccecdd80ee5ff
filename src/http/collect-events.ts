import type { DatabaseEvents } from '../database/database.ts'
import { orAborted } from '../util/ending-iterable.ts'
import type { TypedEventTarget } from '../util/typed-event-target.ts'
import type { StreamEvent } from './event-stream.ts'
import { MAX_WAITING_EVENTS } from './limits.ts'

/** The named events from the first `next` on, in order. A reader that is too slow loses the oldest, and is told how many with `left-out`. Ends with the database. */
export async function* collectEvents(
  target: TypedEventTarget<DatabaseEvents>,
  names: readonly (keyof DatabaseEvents)[],
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, void> {
  const waiting: StreamEvent[] = []
  const listening = new AbortController()
  let leftOut = 0
  let isClosed = false
  let wake = Promise.withResolvers<void>()

  for (const event of names) {
    const note = ({ detail }: CustomEvent<unknown>): void => {
      waiting.push({ event, data: detail })
      if (waiting.length > MAX_WAITING_EVENTS) {
        waiting.shift()
        leftOut += 1
      }
      wake.resolve()
    }
    target.addEventListener(event, note, { signal: listening.signal })
  }
  target.addEventListener(
    'close',
    () => {
      isClosed = true
      wake.resolve()
    },
    { signal: listening.signal },
  )

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
    listening.abort()
  }
}

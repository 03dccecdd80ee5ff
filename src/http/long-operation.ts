import type { Progress, ProgressOptions } from '../database/database.ts'
import { eventStream, takesEvents, type StreamEvent } from './event-stream.ts'
import type { Call } from './route.ts'

/**
 * What takes long. A client that accepts an event stream gets `progress` events, and then one `result` or `error`; any other waits for the result.
 */
export async function longOperation(call: Call, run: (options: ProgressOptions) => Promise<unknown>): Promise<unknown> {
  const { request, signal } = call
  if (!takesEvents(request)) return run({ signal })
  return eventStream(told(run, signal), signal)
}

async function* told(run: (options: ProgressOptions) => Promise<unknown>, signal: AbortSignal): AsyncGenerator<StreamEvent, void> {
  // A client that is slower than the progress gets the latest.
  let latest: Progress | undefined
  let news = Promise.withResolvers<void>()
  const result = run({
    signal,
    onProgress: (progress) => {
      latest = progress
      news.resolve()
    },
  })
  const ending = result.then(
    () => 'over' as const,
    () => 'over' as const,
  )
  while ((await Promise.race([ending, news.promise])) !== 'over') {
    news = Promise.withResolvers()
    if (latest !== undefined) yield { event: 'progress', data: latest }
    latest = undefined
  }
  yield { event: 'result', data: (await result) ?? null }
}

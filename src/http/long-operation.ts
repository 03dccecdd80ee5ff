import { isFailure, messageOf } from '../errors.ts'
import type { Progress, ProgressOptions } from '../database/database.ts'
import { errorToJson } from './error-json.ts'
import { eventStream, type StreamEvent } from './event-stream.ts'
import type { Call } from './route.ts'

/**
 * What takes long. A client that accepts an event stream gets `progress` events, and then one `result` or `error`; any other waits for the result.
 */
export async function longOperation(call: Call, run: (options: ProgressOptions) => Promise<unknown>): Promise<unknown> {
  const { request, signal } = call
  if (request.headers.get('accept')?.includes('text/event-stream') !== true) return run({ signal })
  return eventStream(told(run, signal), signal)
}

async function* told(run: (options: ProgressOptions) => Promise<unknown>, signal: AbortSignal): AsyncGenerator<StreamEvent, void> {
  let latest: Progress | undefined
  let wake = Promise.withResolvers<void>()
  const ending: Promise<StreamEvent> = run({
    signal,
    onProgress: (progress) => {
      latest = progress
      wake.resolve()
    },
  }).then(
    (data): StreamEvent => ({ event: 'result', data: data ?? null }),
    (error: unknown): StreamEvent => ({ event: 'error', data: errorToJson(isFailure(error) ? error : new Error(messageOf(error))) }),
  )
  let end: StreamEvent | undefined
  void ending.then((event) => {
    end = event
    wake.resolve()
  })
  while (end === undefined) {
    await wake.promise
    wake = Promise.withResolvers()
    // A client that is slower than the progress gets the latest.
    if (latest !== undefined && end === undefined) yield { event: 'progress', data: latest }
    latest = undefined
  }
  yield await ending
}

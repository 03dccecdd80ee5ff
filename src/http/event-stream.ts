import { jsonText } from '../document/json-text.ts'
import { parseDocumentJson } from '../document/json.ts'
import { orAborted } from '../util/ending-iterable.ts'
import { systemClock } from '../util/clock.ts'
import { errorToJson } from './error-json.ts'
import { STREAM_KEEP_ALIVE } from './limits.ts'

/** One message of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html); without a name it is a `message`. */
export interface StreamEvent {
  readonly event?: string
  readonly data: unknown
}

const EVENT_STREAM = 'text/event-stream'
const HEADERS = { 'content-type': EVENT_STREAM, 'cache-control': 'no-store', 'x-accel-buffering': 'no' }

/**
 * An answer that goes on. Events are taken from `events` as fast as the client takes them. Ends when they end, when the client leaves and when `signal` fires; leaving
 * ends the iteration. What the iteration throws is the last event, `error`.
 */
export function eventStream(events: AsyncIterable<StreamEvent>, signal: AbortSignal): Response {
  const encoder = new TextEncoder()
  const iterator = events[Symbol.asyncIterator]()
  let next: Promise<IteratorResult<StreamEvent, unknown>> | undefined

  async function leave(): Promise<void> {
    await iterator.return?.()
  }

  const stream = new ReadableStream<Uint8Array>({
    // The client sees at once that it is connected.
    start: (controller) => controller.enqueue(encoder.encode(':\n\n')),
    pull: async (controller) => {
      next ??= iterator.next()
      let result: IteratorResult<StreamEvent, unknown> | undefined
      try {
        result = await orQuiet(next, signal)
      } catch (error) {
        // The status has been sent; this is the only place left to say it.
        controller.enqueue(encoder.encode(printEvent({ event: 'error', data: errorToJson(error) })))
        controller.close()
        return
      }
      if (signal.aborted) {
        controller.close()
        await leave()
      } else if (result === undefined) {
        controller.enqueue(encoder.encode(':\n\n'))
      } else if (result.done === true) {
        controller.close()
      } else {
        next = undefined
        controller.enqueue(encoder.encode(printEvent(result.value)))
      }
    },
    cancel: leave,
  })
  return new Response(stream, { headers: HEADERS })
}

/** Whether the client asks for an event stream where another answer would do. */
export function takesEvents(request: Request): boolean {
  return request.headers.get('accept')?.includes(EVENT_STREAM) === true
}

/** What comes within `STREAM_KEEP_ALIVE`, if it does before the signal fires. */
async function orQuiet<T>(next: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const quiet = Promise.withResolvers<undefined>()
  const callOff = systemClock.after(STREAM_KEEP_ALIVE, () => quiet.resolve(undefined))
  let result: T | undefined
  const wait = async (): Promise<void> => {
    result = await Promise.race([next, quiet.promise])
  }
  try {
    await orAborted(wait(), signal)
  } finally {
    callOff()
  }
  return result
}

function printEvent({ event, data }: StreamEvent): string {
  // JSON text has no line breaks, so that one line carries all of it.
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${jsonText(data)}\n\n`
}

/** Longest message that is taken from a server. */
const MAX_EVENT_LENGTH: number = 256 * 1024 * 1024

/** The messages of an event stream. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent, void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let pieces: string[] = []
  let length = 0
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      const isEnd = (pieces.at(-1)?.endsWith('\n') === true && value.startsWith('\n')) || value.includes('\n\n')
      pieces.push(value)
      length += value.length
      if (length > MAX_EVENT_LENGTH) throw new RangeError(`a message of the stream is longer than ${MAX_EVENT_LENGTH} characters`)
      // Put together only when a message is whole: a long one comes in thousands of pieces.
      if (!isEnd) continue
      const messages = pieces.join('').split('\n\n')
      const rest = messages.pop() ?? ''
      pieces = [rest]
      length = rest.length
      for (const message of messages) {
        const event = parseEvent(message)
        if (event !== undefined) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => {
      // It was broken already; whoever reads has been told.
    })
  }
}

function parseEvent(message: string): StreamEvent | undefined {
  let event: string | undefined
  const data: string[] = []
  for (const line of message.split('\n')) {
    if (line.startsWith('event:')) event = line.slice('event:'.length).trim()
    else if (line.startsWith('data:')) data.push(line.slice('data:'.length).trimStart())
  }
  if (data.length === 0) return undefined
  return { ...(event === undefined ? {} : { event }), data: parseDocumentJson(data.join('\n')) }
}

import { isSubscription, messageOf, type Database, type RequestResult } from '../../index.browser.ts'
import { onFrame } from '../frame.ts'

/** Results of a subscription that stay to be read. */
export const MOST_SHOWN = 20

/** What has come so far of a request that is watched. */
export interface WatchedAnswer {
  readonly kind: 'watched'
  /** More may come. */
  readonly isOpen: boolean
  /** The newest first: the latest of a query, the last `MOST_SHOWN` of a subscription. */
  readonly results: readonly RequestResult[]
  /** How many have come. */
  readonly count: number
  /** When the newest came, in milliseconds since 1970. */
  readonly lastAt: number | undefined
}

interface WatchOptions {
  readonly variables: Readonly<Record<string, unknown>>
  readonly signal: AbortSignal
}

/**
 * Keeps the answer to a query or a subscription up to date: shows it at once, and again after changes, at most once a frame. Resolves when the request is over.
 * Nothing is shown when the signal has fired.
 */
export async function watchRequest(
  db: Database,
  request: string,
  { variables, signal }: WatchOptions,
  show: (answer: WatchedAnswer) => void,
): Promise<void> {
  const isStream = isSubscription(request)
  let answer: WatchedAnswer = { kind: 'watched', isOpen: true, results: [], count: 0, lastAt: undefined }
  let drawn = Promise.withResolvers<void>()
  const draw = (): void => {
    show(answer)
    drawn.resolve()
    drawn = Promise.withResolvers()
  }
  const frames = onFrame(draw, reportError)
  const stop = (): void => {
    frames.close()
    drawn.resolve()
  }
  const add = (result: RequestResult): void => {
    const results = [result, ...answer.results].slice(0, isStream ? MOST_SHOWN : 1)
    answer = { ...answer, results, count: answer.count + 1, lastAt: Date.now() }
  }

  signal.addEventListener('abort', stop)
  show(answer)
  try {
    for await (const result of isStream ? db.subscribe(request, { variables, signal }) : db.watch(request, { variables, signal })) {
      if (signal.aborted) break
      add(result)
      frames.request()
      // States of a query that no frame would show need not be made; of a subscription every result counts.
      if (!isStream) await drawn.promise
    }
  } catch (error) {
    // What is wrong with the request is a result; what throws is the database itself, such as one that was closed.
    add({ data: null, errors: [{ message: messageOf(error) }] })
  } finally {
    signal.removeEventListener('abort', stop)
    frames.close()
  }
  if (!signal.aborted) show({ ...answer, isOpen: false })
}

import { DatabaseError } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import { MAX_OPEN_REQUESTS, REQUEST_TIMEOUT } from './limits.ts'

/** Questions to one peer that wait for their answer. Not all are sent at once: the others go when answers come. */
export interface Requests<Answer> {
  /** Sends a question under a new number. Rejects with TIMEOUT when nothing comes for long, and with CLOSED at the end. */
  ask(send: (request: number) => void): Promise<Answer>
  /** A part of the answer has come. */
  progress(request: number): void
  /** The answer is there; false when nobody has asked. */
  settle(request: number, answer: Answer): boolean
  end(): void
}

interface Open<Answer> {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
  /** Calls off the end of the patience. */
  callOff: () => void
}

/** Half of what a peer lets wait: a question that has run out here may still stand in its line. */
const MOST_AT_A_TIME: number = MAX_OPEN_REQUESTS / 2

export function createRequests<Answer>(what: string, clock: Clock): Requests<Answer> {
  const open = new Map<number, Open<Answer>>()
  const unsent: { readonly start: () => void; readonly reject: (error: DatabaseError) => void }[] = []
  let last = 0
  let isEnded = false

  /** A question is not open any more, and there is room for another one. */
  function take(request: number): Open<Answer> | undefined {
    const waiting = open.get(request)
    open.delete(request)
    waiting?.callOff()
    if (waiting !== undefined) unsent.shift()?.start()
    return waiting
  }

  function giveUpLater(request: number): () => void {
    return clock.after(REQUEST_TIMEOUT, () => {
      const error = new DatabaseError('TIMEOUT', `the peer did not answer a ${what}`, { operation: what, milliseconds: REQUEST_TIMEOUT })
      take(request)?.reject(error)
    })
  }

  return {
    ask: (send) =>
      new Promise((resolve, reject) => {
        if (isEnded) return reject(closed(what))
        const start = (): void => {
          const request = ++last
          open.set(request, { resolve, reject, callOff: giveUpLater(request) })
          try {
            send(request)
          } catch (error) {
            take(request)?.reject(error)
          }
        }
        if (open.size < MOST_AT_A_TIME) start()
        else unsent.push({ start, reject })
      }),
    progress: (request) => {
      const waiting = open.get(request)
      if (waiting === undefined) return
      waiting.callOff()
      waiting.callOff = giveUpLater(request)
    },
    settle: (request, answer) => {
      const waiting = take(request)
      waiting?.resolve(answer)
      return waiting !== undefined
    },
    end: () => {
      isEnded = true
      for (const { reject } of unsent.splice(0)) reject(closed(what))
      for (const request of open.keys()) take(request)?.reject(closed(what))
    },
  }
}

function closed(what: string): DatabaseError {
  return new DatabaseError('CLOSED', `the peer left before it answered a ${what}`, { what: 'sync stream' })
}

import { DatabaseError } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import { REQUEST_TIMEOUT } from './limits.ts'

/** Questions to one peer that wait for their answer. */
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
  readonly reject: (error: DatabaseError) => void
  /** Calls off the end of the patience. */
  callOff: () => void
}

export function createRequests<Answer>(what: string, clock: Clock): Requests<Answer> {
  const open = new Map<number, Open<Answer>>()
  let last = 0
  let isEnded = false

  function fail(request: number, error: DatabaseError): void {
    const waiting = open.get(request)
    open.delete(request)
    waiting?.callOff()
    waiting?.reject(error)
  }

  function giveUpLater(request: number): () => void {
    return clock.after(REQUEST_TIMEOUT, () => {
      fail(request, new DatabaseError('TIMEOUT', `the peer did not answer a ${what}`, { operation: what, milliseconds: REQUEST_TIMEOUT }))
    })
  }

  return {
    ask: (send) =>
      new Promise((resolve, reject) => {
        if (isEnded) return reject(closed(what))
        last += 1
        open.set(last, { resolve, reject, callOff: giveUpLater(last) })
        send(last)
      }),
    progress: (request) => {
      const waiting = open.get(request)
      if (waiting === undefined) return
      waiting.callOff()
      waiting.callOff = giveUpLater(request)
    },
    settle: (request, answer) => {
      const waiting = open.get(request)
      open.delete(request)
      waiting?.callOff()
      waiting?.resolve(answer)
      return waiting !== undefined
    },
    end: () => {
      isEnded = true
      for (const request of open.keys()) fail(request, closed(what))
    },
  }
}

function closed(what: string): DatabaseError {
  return new DatabaseError('CLOSED', `the peer left before it answered a ${what}`, { what: 'sync stream' })
}

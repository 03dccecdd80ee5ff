import { useEffect, useRef, useState } from 'react'

import { messageOf, type Database, type RequestResult } from '../../index.browser.ts'
import { watchRequest, type WatchedAnswer } from './watch-request.ts'

/** What the database has answered. */
export type Answer = { readonly kind: 'ran'; readonly result: RequestResult; readonly milliseconds: number } | WatchedAnswer

type Variables = Readonly<Record<string, unknown>>

/** The answer of the GraphQL box, and what makes one. */
export interface AnswerState {
  readonly answer: Answer | undefined
  readonly isRunning: boolean
  readonly isWatching: boolean
  run(request: string, variables: Variables): Promise<void>
  /** Keeps the answer up to date until `stop`, or until the component goes away. */
  watch(request: string, variables: Variables): void
  /** What has been watched so far stays. */
  stop(): void
}

/** One answer at a time: a request that is run or watched takes the place of the one before. */
export function useAnswer(db: Database): AnswerState {
  const [answer, setAnswer] = useState<Answer>()
  const [isRunning, setRunning] = useState(false)
  const watching = useRef<AbortController>(undefined)
  useEffect(() => () => watching.current?.abort(), [db])

  const stop = (): void => {
    watching.current?.abort()
    setAnswer((current) => (current?.kind === 'watched' ? { ...current, isOpen: false } : current))
  }
  return {
    answer,
    isRunning,
    isWatching: answer?.kind === 'watched' && answer.isOpen,
    run: async (request, variables) => {
      stop()
      setRunning(true)
      const started = performance.now()
      const result = await db.execute(request, { variables }).catch(
        // What is wrong with the request stands in the result; what rejects is the database itself, such as one that was closed.
        (error: unknown): RequestResult => ({ data: null, errors: [{ message: messageOf(error) }] }),
      )
      setAnswer({ kind: 'ran', result, milliseconds: performance.now() - started })
      setRunning(false)
    },
    watch: (request, variables) => {
      stop()
      const controller = new AbortController()
      watching.current = controller
      void watchRequest(db, request, { variables, signal: controller.signal }, setAnswer)
    },
    stop,
  }
}

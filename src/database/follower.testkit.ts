import type { RequestResult } from '../query/result.ts'

/** Reads an iteration as fast as it goes, and keeps what came. */
export interface Follower {
  readonly results: readonly RequestResult[]
  readonly last: RequestResult | undefined
  readonly isOver: boolean
  /** Leaves the iteration. */
  leave(): Promise<void>
}

export function follow(iterable: AsyncIterable<RequestResult>): Follower {
  const results: RequestResult[] = []
  const iterator = iterable[Symbol.asyncIterator]()
  let isOver = false
  const read = async (): Promise<void> => {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) results.push(next.value)
    isOver = true
  }
  const reading = read()
  return {
    results,
    get last() {
      return results.at(-1)
    },
    get isOver() {
      return isOver
    },
    leave: async () => {
      await iterator.return?.()
      await reading
    },
  }
}

/** Lets everything happen that waits for nothing but its turn: over a store in memory that is all there is. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}

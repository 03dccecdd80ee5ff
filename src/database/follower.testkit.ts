import type { RequestResult } from '../query/result.ts'
import { TIMELESS } from '../util/pacer.testkit.ts'
import { openTestNode, type TestNode } from './database.testkit.ts'

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

/** A node for tests that let it settle: it never rests, however long the machine takes. */
export function openSettlingNode(...[schema, options = {}]: Parameters<typeof openTestNode>): Promise<TestNode> {
  return openTestNode(schema, { pacing: TIMELESS, ...options })
}

/** Lets everything happen that waits for nothing but its turn: over a store in memory that is all there is, for a node that does not rest. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}

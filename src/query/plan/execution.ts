import { throwIfAborted } from '../../errors.ts'
import { createPacer, mapPaced, type Pacer, type Pacing } from '../../util/pacer.ts'
import type { QueryCollections } from '../collections.ts'
import { limitExceeded } from '../limits.ts'
import type { QuerySource } from '../source.ts'
import type { WorkLog } from './work.ts'

/** What the parts of a plan share while one request runs. */
export interface Execution {
  readonly source: QuerySource
  readonly collections: QueryCollections
  readonly signal: AbortSignal | undefined
  /** Counts what is done; absent when nobody asks. */
  readonly work?: WorkLog
  /** Documents without a stated order come in that of their IDs, whatever finds them, unless they are cut: then, as otherwise, an index brings them in its own. */
  readonly isById?: boolean
  /** Every loop over rows asks it, so that a page never freezes; it also ends the request when its signal fires. */
  readonly pacer: Pacer
  /** Adds to what the request has used of a limit. @throws LIMIT_EXCEEDED */
  spend(limit: 'rows' | 'resultDocuments', amount: number): void
}

/** An execution that begins now and has spent nothing. */
export function createExecution(
  source: QuerySource,
  collections: QueryCollections,
  options: { readonly signal?: AbortSignal | undefined; readonly pacing?: Pacing | undefined } = {},
): Execution {
  const { signal, pacing } = options
  const spent = { rows: 0, resultDocuments: 0 }
  return {
    source,
    collections,
    signal,
    pacer: createPacer(() => throwIfAborted(signal, 'a request'), pacing),
    spend: (limit, amount) => {
      spent[limit] += amount
      if (spent[limit] > collections.limits[limit]) throw limitExceeded(limit, collections.limits, spent[limit])
    },
  }
}

/**
 * Stands in a response for a value that could not be made; the response gets null there and the error its path. So one unreadable value costs one value and
 * not the answer.
 */
export class FailedCell {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/** `make` for each, with a `FailedCell` where it throws. */
export function mapCells<T>(items: readonly T[], { pacer }: Execution, make: (item: T) => unknown): Promise<readonly unknown[]> {
  return mapPaced(items, pacer, (item) => {
    try {
      return make(item)
    } catch (error) {
      return new FailedCell(error)
    }
  })
}

import type { QueryCollections } from '../collections.ts'
import type { QuerySource } from '../source.ts'
import type { WorkLog } from './work.ts'

/** What the parts of a plan share while one request runs. */
export interface Execution {
  readonly source: QuerySource
  readonly collections: QueryCollections
  readonly signal: AbortSignal | undefined
  /** Counts what is done; absent when nobody asks. */
  readonly work?: WorkLog
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
export function mapCells<T>(items: readonly T[], make: (item: T) => unknown): readonly unknown[] {
  return items.map((item) => {
    try {
      return make(item)
    } catch (error) {
      return new FailedCell(error)
    }
  })
}

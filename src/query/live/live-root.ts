import type { Execution } from '../plan/execution.ts'
import type { StoredChanges } from './stored-changes.ts'

/**
 * A root field that is kept up to date.
 *
 * `load` comes first. After it, `apply` is called with every change there is, in order. Once `apply` has said 'stale' or thrown, the next call is `load`.
 */
export interface LiveRoot {
  /** Makes the value from what the source of `execution` has now. */
  load(execution: Execution): Promise<RootValue>
  /** Takes changes in without reading anything: the source of `execution` refuses. */
  apply(changes: StoredChanges, execution: Execution): Promise<Applied>
  /** Whether changes of the documents or of the history of this collection can matter, as far as is known since the last `load`. */
  reads(collectionId: string): boolean
}

export interface RootValue {
  readonly value: unknown
  /** It is known to hold no failed cell; else it has to be looked for them. */
  readonly isWhole: boolean
}

/** `same`: the value cannot have changed. `stale`: only `load` can tell. */
export type Applied = { readonly kind: 'same' | 'stale' } | ({ readonly kind: 'changed' } & RootValue)

export const SAME: Applied = { kind: 'same' }
export const STALE: Applied = { kind: 'stale' }

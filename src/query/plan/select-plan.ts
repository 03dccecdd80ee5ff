import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { Column } from '../columns/column.ts'
import type { Condition } from '../filter/condition.ts'
import type { RowGroups } from '../row.ts'
import type { Execution } from './execution.ts'

/** How documents of one collection are selected and shown. Where they come from (a scan, a relation, a group) is not its matter. */
export interface SelectPlan {
  readonly collection: CollectionVersion
  /** Only these documents; absent for all. */
  readonly docIds?: readonly string[]
  readonly showDeleted: boolean
  /** Asked of each document as it is read. */
  readonly filter: Condition
  /** What happens to the documents that passed, in order. */
  readonly stages: readonly Stage[]
  /** So many documents decide the result, and reading can stop; absent when all have to be seen. */
  readonly enough?: number
  readonly columns: readonly Column[]
}

/** A step of a plan. Rows of different parents never mix. */
export type Stage = (groups: RowGroups, execution: Execution) => RowGroups | Promise<RowGroups>

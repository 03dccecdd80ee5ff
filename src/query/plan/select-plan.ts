import type { Column } from '../columns/column.ts'
import type { OrderKey } from '../nodes/node.ts'
import type { Join } from './join.ts'
import type { RequestField } from '../request/request-field.ts'
import type { RowGroups } from '../row.ts'
import type { Execution } from './execution.ts'
import type { Reading } from './read-rows.ts'

/**
 * How documents of one collection are selected and shown. Where they come from (a scan, an index, a relation, a group) is not its matter: as a reading it says
 * which, and the rest is what happens to those that passed.
 */
export interface SelectPlan extends Reading {
  /** What happens to the documents that passed, in order. */
  readonly stages: readonly PlannedStage[]
  readonly columns: readonly Column[]
  /** What it was planned from. */
  readonly request: RequestField
  /** The filter as it was given, by what its parts are asked of: the documents themselves, or related ones. */
  readonly filters: { readonly stored: unknown; readonly related: unknown }
  /** Relations that the order follows. */
  readonly orderJoins: readonly Join[]
  /** The result follows from the documents of the collection alone: neither filter nor stages nor columns ask for related documents or history. */
  readonly isOfRows: boolean
  /** What of the stages can be kept up to date row by row; absent when they group, or filter by what is computed. */
  readonly ordering?: Ordering
}

/** The order of the documents that passed, and which of them are shown. */
export interface Ordering {
  readonly order: readonly OrderKey[]
  readonly offset: number
  /** Absent for all. */
  readonly limit: number | undefined
}

/** A step of a plan, by the name of its node. */
export interface PlannedStage {
  readonly node: string
  readonly run: Stage
}

/** Rows of different parents never mix. */
export type Stage = (groups: RowGroups, execution: Execution) => RowGroups | Promise<RowGroups>

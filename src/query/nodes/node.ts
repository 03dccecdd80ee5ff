import type { KeptColumn } from '../columns/column.ts'
import type { Join } from '../plan/join.ts'
import type { Condition } from '../filter/condition.ts'
import type { Execution } from '../plan/execution.ts'
import type { Stage } from '../plan/select-plan.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import type { Row } from '../row.ts'

/** What the arguments of a select ask for beside which documents to read. */
export interface SelectRequest {
  readonly groupBy: readonly GroupKey[] | undefined
  /** The part of the filter that asks for computed fields. */
  readonly computedFilter: Condition | undefined
  readonly order: readonly OrderKey[]
  readonly offset: number
  /** Absent for all. */
  readonly limit: number | undefined
  /** The selected fields that filters and orders name, by their keys in the response. */
  readonly computed: ReadonlyMap<string, KeptColumn>
}

/** Rows with the same key in everything that is grouped by belong together. */
export interface GroupKey {
  /** It follows from the rows alone. */
  readonly isOfRow?: boolean
  read(rows: readonly Row[], execution: Execution): readonly string[] | Promise<readonly string[]>
}

export interface OrderKey {
  /** The stored field whose value decides; absent when it is anything but a value of the document itself. */
  readonly field?: string
  /** Relations it follows. */
  readonly joins?: readonly Join[]
  /** It follows from the rows alone. */
  readonly isOfRow?: boolean
  readonly isDescending: boolean
  read(rows: readonly Row[], execution: Execution): readonly DocumentValue[] | Promise<readonly DocumentValue[]>
  compare(a: DocumentValue, b: DocumentValue): number
}

/** A step that a plan can have between reading and showing. */
export interface PlanNode {
  readonly name: string
  /** The stage for a select, or `undefined` when it does not need one. */
  plan(select: SelectRequest): Stage | undefined
}

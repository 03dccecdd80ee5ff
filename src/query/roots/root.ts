import type { Aggregate } from '../aggregates/aggregate.ts'
import type { QueryCollections } from '../collections.ts'
import type { ExplainMode, Graph } from '../explain/graph.ts'
import type { DocumentSource } from '../columns/aggregate.ts'
import type { Execution } from '../plan/execution.ts'
import type { SelectPlan } from '../plan/select-plan.ts'
import type { RequestField } from '../request/request-field.ts'

/** A field at the root of a request, planned: its value is made when it is its turn. */
export interface Root {
  run(execution: Execution): Promise<unknown>
  /** Its plan as a graph. */
  explain(mode: ExplainMode): Graph
  /** What it is made of, where a live query can keep its rows up to date; the others are run again. */
  readonly parts?: RootParts
}

export type RootParts =
  | { readonly kind: 'select'; readonly plan: SelectPlan }
  | { readonly kind: 'aggregate'; readonly aggregate: Aggregate; readonly sources: readonly DocumentSource[] }

/** Plans a root field, or says that it is none of its own. @throws INVALID_REQUEST */
export type RootPlanner = (field: RequestField, collections: QueryCollections) => Root | undefined

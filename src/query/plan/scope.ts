import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { QueryCollections } from '../collections.ts'
import type { Column } from '../columns/column.ts'
import type { RequestField } from '../request/request-field.ts'
import type { SelectPlan } from './select-plan.ts'

/** What planning one selected field may look at. */
export interface PlanScope {
  readonly collections: QueryCollections
  /** The collection whose documents the field is selected on. */
  readonly collection: CollectionVersion
  /** The select around it, whose other fields aggregates refer to. */
  readonly select: RequestField
  /** The rows are groups: `_group` can be selected, and single values only where all members share them. */
  readonly isGrouped: boolean
  /** Plans a select of related or grouped documents. Given here, since selects contain selects. */
  planSelect(collection: CollectionVersion, field: RequestField): SelectPlan
  /** Plans another field of the same select. */
  planColumn(field: RequestField): Column
}

import { DatabaseError } from '../../errors.ts'
import type { FieldDescription } from '../../schema/collection-version.ts'
import { AGGREGATES } from '../aggregates/aggregates.ts'
import type { PlanScope } from '../plan/scope.ts'
import type { RequestField } from '../request/request-field.ts'
import { aggregateColumn } from './aggregate.ts'
import type { Column } from './column.ts'
import { deletedColumn } from './deleted.ts'
import { docIdColumn } from './doc-id.ts'
import { groupColumn } from './group.ts'
import { relatedIdColumn, relationColumn } from './relation.ts'
import { similarityColumn } from './similarity.ts'
import { typenameColumn } from './typename.ts'
import { valueColumn } from './value.ts'
import { versionColumn } from './version.ts'

type ColumnPlanner = (field: RequestField, scope: PlanScope) => Column

/** The columns that every collection has, by the name of the field. */
const COLUMNS: ReadonlyMap<string, ColumnPlanner> = new Map([
  ['__typename', typenameColumn],
  ['_docID', docIdColumn],
  ['_deleted', deletedColumn],
  ['_version', versionColumn],
  ['_group', groupColumn],
  ['_similarity', similarityColumn],
  ...AGGREGATES.map(
    (aggregate) => [aggregate.name, (field: RequestField, scope: PlanScope) => aggregateColumn(aggregate, field, scope)] as const,
  ),
])

/** Plans the column of a selected field. @throws INVALID_REQUEST for what types alone do not forbid */
export function planColumn(field: RequestField, scope: PlanScope): Column {
  const planner = COLUMNS.get(field.name)
  if (planner !== undefined) return planner(field, scope)
  const description = scope.collection.fields.find(({ name }) => name === field.name)
  const column = description === undefined ? undefined : planDescribed(field, description, scope)
  if (column !== undefined) return column
  throw new DatabaseError('INVALID_REQUEST', `"${field.name}" of "${scope.collection.name}" cannot be selected`, {})
}

function planDescribed(field: RequestField, description: FieldDescription, scope: PlanScope): Column | undefined {
  const relation = scope.collections.relation(scope.collection, description)
  if (description.kind.type === 'relation') return relation === undefined ? undefined : relationColumn(relation, field, scope)
  return relation?.storedIn === 'target' ? relatedIdColumn(relation, field) : valueColumn(field, description.kind)
}

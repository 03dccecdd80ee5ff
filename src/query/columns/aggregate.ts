import { isList } from '../../document/json-value.ts'
import { compareScalars } from '../../document/value.ts'
import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import { knownValueKind, type ValueKind } from '../../schema/kinds.ts'
import { forEachPaced, mapPaced } from '../../util/pacer.ts'
import type { Aggregate } from '../aggregates/aggregate.ts'
import { checkFilter } from '../filter/check-filter.ts'
import type { Join } from '../plan/join.ts'
import { compileValueCondition, isPlainObject } from '../filter/value-condition.ts'
import type { QueryLimits } from '../limits.ts'
import type { Execution } from '../plan/execution.ts'
import { readRelated } from '../plan/read-rows.ts'
import { runStages } from '../plan/run-select.ts'
import type { PlanScope } from '../plan/scope.ts'
import type { SelectPlan } from '../plan/select-plan.ts'
import { sliceArguments } from '../request/count-argument.ts'
import type { RequestField } from '../request/request-field.ts'
import { fieldReader, type Row, type RowGroups } from '../row.ts'
import type { Column } from './column.ts'
import { membersOf, requireGroup } from './group.ts'

/** Where an aggregate takes its values from: for each row, those of one argument. */
interface Source {
  /** The relation it follows. */
  readonly join?: Join
  /** They follow from the rows alone. */
  readonly isOfRow: boolean
  read(rows: readonly Row[], execution: Execution): Promise<readonly (readonly DocumentValue[])[]>
}

/** An aggregate over relations, lists, versions or the members of a group; over several of them it takes all values together. */
export function aggregateColumn(aggregate: Aggregate, field: RequestField, scope: PlanScope): Column {
  const given = Object.entries(field.arguments).filter(([, selector]) => selector !== null)
  if (given.length === 0) throw targetMissing(aggregate)
  const sources = given.map(([name, selector]) => planSource(aggregate, name, isPlainObject(selector) ? selector : {}, field, scope))
  return {
    key: field.key,
    joins: sources.flatMap(({ join }) => (join === undefined ? [] : [join])),
    isOfRow: sources.every(({ isOfRow }) => isOfRow),
    read: async (rows, execution) => {
      const values: DocumentValue[][] = rows.map(() => [])
      for (const source of sources) {
        await forEachPaced(await source.read(rows, execution), execution.pacer, (found, index) => {
          const all = values[index]
          for (const value of found) all?.push(value)
        })
      }
      return values.map((all) => aggregate.reduce(all))
    },
  }
}

/** An aggregate without an argument has nothing to work on. */
export function targetMissing({ name }: Aggregate): DatabaseError<'INVALID_REQUEST'> {
  return new DatabaseError('INVALID_REQUEST', `aggregate must be provided with a property to aggregate: ${name}(…: {})`, {})
}

/** What an aggregate over documents takes its values from: a plan without columns, and how to read one value of each document that it selects. */
export interface DocumentSource {
  readonly plan: SelectPlan
  /** Documents and values follow from the documents alone. */
  readonly isOfRows: boolean
  values(groups: RowGroups, execution: Execution): Promise<readonly (readonly DocumentValue[])[]>
}

/**
 * Plans an aggregate over documents of `target`. `siblings` are selects of the same documents beside it: an aggregate of aggregates takes its values from the
 * one that has them.
 */
export function planDocuments(
  aggregate: Aggregate,
  target: CollectionVersion,
  selector: Readonly<Record<string, unknown>>,
  siblings: readonly RequestField[],
  field: RequestField,
  scope: Pick<PlanScope, 'planSelect'>,
): DocumentSource {
  const name = selector['field']
  const kind = target.fields.find((candidate) => candidate.name === name)?.kind
  if (aggregate.over === 'rows' || (typeof name === 'string' && kind?.type === 'value')) {
    const read = typeof name === 'string' && kind?.type === 'value' ? fieldReader(name, kind) : () => null
    const plan = scope.planSelect(target, { ...field, arguments: selector, fields: [] })
    return { plan: readForAll(plan), isOfRows: plan.isOfRows, values: (groups, execution) => readValues(groups, read, execution) }
  }
  const sibling = siblings.find(({ fields }) => fields.some((selected) => selected.name === name))
  if (sibling === undefined) {
    const message = `"${aggregate.name}" takes "${String(name)}" from a select of the same documents; select it there as well`
    throw new DatabaseError('INVALID_REQUEST', message, {})
  }
  const plan = scope.planSelect(target, { ...sibling, arguments: { ...selector, groupBy: sibling.arguments['groupBy'] } })
  const column = plan.columns[sibling.fields.findIndex((selected) => selected.name === name)]
  return {
    plan: readForAll(plan),
    isOfRows: plan.isOfRows,
    values: async (groups, execution) => {
      const cells = (await column?.read(groups.flat(), execution)) ?? []
      let end = 0
      // What an aggregate makes is a value.
      return groups.map(({ length }) => cells.slice(end, (end += length)) as readonly DocumentValue[])
    },
  }
}

async function readValues(
  groups: RowGroups,
  read: (row: Row) => DocumentValue,
  { pacer }: Execution,
): Promise<readonly (readonly DocumentValue[])[]> {
  const values: (readonly DocumentValue[])[] = []
  for (const rows of groups) values.push(await mapPaced(rows, pacer, read))
  return values
}

function planSource(
  aggregate: Aggregate,
  name: string,
  selector: Readonly<Record<string, unknown>>,
  field: RequestField,
  scope: PlanScope,
): Source {
  const { collection, collections } = scope
  if (name === '_version') {
    const slice = sliceArguments(selector)
    return { isOfRow: true, read: async (rows) => rows.map(({ record }) => slice(record.heads).map(() => null)) }
  }
  const description = collection.fields.find((candidate) => candidate.name === name)
  if (description?.kind.type === 'value') return listSource(name, description.kind, selector, collection.name, collections.limits)
  const relation = description === undefined ? undefined : collections.relation(collection, description)
  if (name !== '_group' && relation === undefined) throw targetMissing(aggregate)
  if (name === '_group') requireGroup(scope)
  const siblings = scope.select.fields.filter((selected) => selected.name === name)
  const { plan, isOfRows, values } = planDocuments(aggregate, relation?.target ?? collection, selector, siblings, field, scope)
  const read: Source['read'] = async (rows, execution) => {
    const found = relation === undefined ? await membersOf(rows, plan, execution) : await readRelated(relation, rows, plan, execution)
    return values(await runStages(plan, found, execution), execution)
  }
  return relation === undefined ? { isOfRow: isOfRows, read } : { isOfRow: false, join: { relation, reading: plan }, read }
}

/** The elements of a list that pass the filter, ordered and cut. */
function listSource(
  name: string,
  kind: ValueKind,
  selector: Readonly<Record<string, unknown>>,
  collection: string,
  limits: QueryLimits,
): Source {
  const element = knownValueKind(kind.scalar)
  const filter = selector['filter'] ?? undefined
  checkFilter(filter, limits)
  const test = filter === undefined ? () => true : compileValueCondition(element, filter, { collection, field: name })
  const read = fieldReader(name, kind)
  const slice = sliceArguments(selector)
  const elementsOf = (row: Row): readonly DocumentValue[] => {
    const value = read(row)
    const passed = (isList(value) ? value : []).filter(test)
    const order = selector['order']
    const sign = order === 'DESC' ? -1 : 1
    const ordered = order === 'ASC' || order === 'DESC' ? passed.toSorted((a, b) => sign * compareScalars(kind.scalar, a, b)) : passed
    return slice(ordered)
  }
  return { isOfRow: true, read: (rows, { pacer }) => mapPaced(rows, pacer, elementsOf) }
}

/**
 * Limits of an aggregate count for each parent, so that reading cannot stop early. And a sum of floats depends on their order: it is that of the document IDs, so
 * that an index changes no sum, unless the first that the index has are asked for.
 */
function readForAll(plan: SelectPlan): SelectPlan {
  const { enough: _, ...all } = plan
  return all.takesFirst === true ? all : { ...all, isOrderedLater: true }
}

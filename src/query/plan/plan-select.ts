import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { knownValueKind, type ValueKind } from '../../schema/kinds.ts'
import { didYouMean } from '../../util/did-you-mean.ts'
import type { QueryCollections } from '../collections.ts'
import { keepCells, type Column, type KeptColumn } from '../columns/column.ts'
import { planColumn } from '../columns/columns.ts'
import { checkFilter, checkList } from '../filter/check-filter.ts'
import { compileFilter, splitFilter } from '../filter/compile-filter.ts'
import { allOf, type Condition } from '../filter/condition.ts'
import type { OrderKey } from '../nodes/node.ts'
import { NODES } from '../nodes/nodes.ts'
import { countArgument } from '../request/count-argument.ts'
import type { RequestField } from '../request/request-field.ts'
import { planGroupKeys } from './group-keys.ts'
import { planOrder } from './order-keys.ts'
import type { PlanScope } from './scope.ts'
import type { SelectPlan } from './select-plan.ts'

/**
 * Plans the select that a field asks for: its arguments decide about reading and stages, its selected fields are the columns.
 *
 * @throws INVALID_REQUEST for what types alone do not forbid
 */
export function planSelect(collections: QueryCollections, collection: CollectionVersion, field: RequestField): SelectPlan {
  const { arguments: given } = field
  checkFilter(given['filter'], collections.limits)
  checkList(given['order'], 'orderKeys', collections.limits)
  checkList(given['docID'], 'listElements', collections.limits)
  const groupBy = namesOf(given['groupBy'])
  const computed = new Map<string, KeptColumn>()
  const scope: PlanScope = {
    collections,
    collection,
    select: field,
    isGrouped: groupBy !== undefined,
    planSelect: (target, nested) => planSelect(collections, target, nested),
    planColumn: (other) => planColumn(other, scope),
  }
  const computedColumn = (alias: string): KeptColumn | undefined => {
    const selected = field.fields.find(({ key }) => key === alias)
    const column = computed.get(alias) ?? (selected === undefined ? undefined : keepCells(planColumn(selected, scope)))
    if (column !== undefined) computed.set(alias, column)
    return column
  }
  const aliasKind = (alias: string): ValueKind | undefined =>
    computedColumn(alias) === undefined ? undefined : kindOfAlias(collection, field, alias)
  const parts = splitFilter(given['filter'])
  const conditions = parts.map((part) => compileFilter(collections, collection, part, aliasKind))
  const stored = conditions.filter(({ aliases }) => aliases.length === 0)
  const onComputed = conditions.filter(({ aliases }) => aliases.length > 0)
  const order = planOrder(collections, collection, given['order'], (alias) => {
    const column = computedColumn(alias)
    const kind = aliasKind(alias)
    return column === undefined || kind === undefined ? undefined : { column, kind }
  })
  const offset = countArgument(given, 'offset') ?? 0
  const limit = countArgument(given, 'limit')
  if (groupBy !== undefined) checkGrouped(collection, groupBy, field)
  const request = {
    groupBy: groupBy === undefined ? undefined : planGroupKeys(collections, collection, groupBy),
    computedFilter: onComputed.length === 0 ? undefined : allOf(onComputed),
    order,
    offset,
    limit,
    computed,
  }
  const docIds = namesOf(given['docID'])
  const columns: readonly Column[] = field.fields.map((selected) => computed.get(selected.key) ?? planColumn(selected, scope))
  const isReadAsShown = groupBy === undefined && onComputed.length === 0
  return {
    collection,
    ...(docIds === undefined ? {} : { docIds }),
    showDeleted: given['showDeleted'] === true,
    filter: allOf(stored),
    stages: NODES.flatMap((node) => {
      const run = node.plan(request)
      return run === undefined ? [] : [{ node: node.name, run }]
    }),
    ...(isReadAsShown ? orderOfReading(order) : { isOrderedLater: true }),
    ...(isReadAsShown && limit !== undefined ? { enough: offset + limit } : {}),
    ...(isReadAsShown && order.length === 0 && (offset > 0 || limit !== undefined) ? { takesFirst: true } : {}),
    columns,
    request: field,
    filters: filtersOf(given['filter'], parts, conditions),
    orderJoins: order.flatMap(({ joins = [] }) => joins),
    isOfRows: isOfRows(conditions, [...order, ...(request.groupBy ?? []), ...columns]),
    ...(isReadAsShown ? { ordering: { order, offset, limit } } : {}),
  }
}

/** The parts of a filter by what they are asked of; one that asks nothing of others stays as it was given. */
function filtersOf(given: unknown, parts: readonly unknown[], conditions: readonly Condition[]): SelectPlan['filters'] {
  const isRelated = (_: unknown, index: number): boolean => (conditions[index]?.relations.length ?? 0) > 0
  const related = parts.filter(isRelated)
  if (related.length === 0) return { stored: given ?? null, related: null }
  const stored = parts.filter((part, index) => !isRelated(part, index))
  return { stored: together(stored), related: together(related) }
}

function together(parts: readonly unknown[]): unknown {
  return parts.length === 0 ? null : Object.assign({}, ...parts)
}

/** The order as an index could have it: by values of the documents themselves. */
function orderOfReading(order: readonly OrderKey[]): Pick<SelectPlan, 'order' | 'isOrderedLater'> {
  if (order.length === 0) return {}
  const fields = order.flatMap(({ field, isDescending }) => (field === undefined ? [] : [{ field, isDescending }]))
  return fields.length === order.length ? { order: fields } : { isOrderedLater: true }
}

/** Whether neither these conditions nor these readers ask for anything but the rows. */
function isOfRows(conditions: readonly Condition[], readers: readonly { readonly isOfRow?: boolean }[]): boolean {
  return conditions.every(({ relations }) => relations.length === 0) && readers.every(({ isOfRow }) => isOfRow === true)
}

/** A list of names or IDs in an argument; absent when the argument is not given or null. */
function namesOf(given: unknown): readonly string[] | undefined {
  return Array.isArray(given) ? given.map(String) : undefined
}

/** The kind by which the values of a selected field are compared: its own, or that of whatever is computed. */
function kindOfAlias(collection: CollectionVersion, { fields }: RequestField, alias: string): ValueKind {
  const name = fields.find(({ key }) => key === alias)?.name
  const description = collection.fields.find((candidate) => candidate.name === name)
  return description?.kind.type === 'value' ? description.kind : knownValueKind('JSON')
}

/** In a group only what all members share has one value. */
function checkGrouped(collection: CollectionVersion, groupBy: readonly string[], { fields }: RequestField): void {
  for (const { name } of fields) {
    const description = collection.fields.find((candidate) => candidate.name === name)
    const isSingle = description !== undefined || name === '_deleted' || name === '_version'
    const isShared = groupBy.includes(name) || groupBy.includes(`${name}_id`) || groupBy.some((grouped) => `${grouped}_id` === name)
    if (!isSingle || isShared) continue
    const message = `cannot select a non-group-by field at group-level. Field: ${name}; group by it, or select it inside "_group"${didYouMean(name, groupBy)}`
    throw new DatabaseError('INVALID_REQUEST', message, {})
  }
}

import { AGGREGATES } from '../aggregates/aggregates.ts'
import { planAccess } from '../access/plan-access.ts'
import type { Relation } from '../collections.ts'
import type { Column } from '../columns/column.ts'
import { isPlainObject } from '../filter/value-condition.ts'
import { GROUP } from '../nodes/group.ts'
import { ORDER } from '../nodes/order.ts'
import { SLICE } from '../nodes/slice.ts'
import type { Reading } from '../plan/read-rows.ts'
import type { SelectPlan } from '../plan/select-plan.ts'
import type { WorkLog } from '../plan/work.ts'
import type { RequestField } from '../request/request-field.ts'
import { iterationsOf, node, type ExplainMode, type Graph } from './graph.ts'

/** The graph of a select: from what is done last to what is read first. */
export function explainSelect(plan: SelectPlan, mode: ExplainMode): Graph {
  const { arguments: given, fields } = plan.request
  let inner = selectNode(plan, mode)
  const stageNamed = (name: string): object => plan.stages.find((stage) => stage.node === name) ?? {}
  if (given['groupBy'] !== undefined && given['groupBy'] !== null) {
    inner = node(
      'groupNode',
      mode,
      { attributes: groupAttributes(plan), counters: (work) => iterationsOf(stageNamed(GROUP.name), work) },
      inner,
    )
  }
  for (const [index, field] of fields.entries()) {
    const aggregate = AGGREGATES.find(({ name }) => name === field.name)
    if (aggregate === undefined) continue
    const column = plan.columns[index] ?? {}
    inner = node(aggregate.node, mode, { attributes: { sources: sourcesOf(field) }, counters: (work) => iterationsOf(column, work) }, inner)
  }
  if (needsOrder(plan, mode)) {
    const counters = (work: WorkLog): Graph => iterationsOf(stageNamed(ORDER.name), work)
    inner = node('orderNode', mode, { attributes: { orderings: orderingsOf(given['order']) }, counters }, inner)
  }
  const [limit, offset] = [numberOf(given['limit']), numberOf(given['offset'])]
  if (limit !== null || offset !== null) {
    const counters = (work: WorkLog): Graph => iterationsOf(stageNamed(SLICE.name), work)
    inner = node('limitNode', mode, { attributes: { limit, offset: offset ?? 0 }, counters }, inner)
  }
  return { selectTopNode: inner }
}

/** What an aggregate takes its values from, as its arguments name it. */
export function sourcesOf({ arguments: given }: RequestField): readonly Graph[] {
  return Object.entries(given).flatMap(([fieldName, selector]) => {
    if (selector === null) return []
    const { field, filter } = isPlainObject(selector) ? selector : {}
    return [{ fieldName, ...(field === undefined ? {} : { childFieldName: field }), filter: filter ?? null }]
  })
}

function selectNode(plan: SelectPlan, mode: ExplainMode): Graph {
  const joins = joinsOf(plan)
  const [only] = joins
  const graphs = joins.map((join) => joinNode(plan, join, mode))
  const inner = only === undefined ? scanNode(plan, mode) : joins.length === 1 ? (graphs[0] ?? {}) : { parallelNode: graphs }
  const counters = (work: WorkLog): Graph => {
    const { matches, runs } = work.of(plan)
    return { iterations: matches + runs, filterMatches: matches }
  }
  return node('selectNode', mode, { attributes: { docID: plan.docIds ?? null, filter: plan.filters.related }, counters }, inner)
}

/** A relation with everything that reads its other side. */
interface Joined {
  readonly relation: Relation
  readonly readings: readonly (Reading | SelectPlan)[]
}

/** Joins that the filter, the order or a selected field asks for. One that the filter asks for serves a selected field as well. */
function joinsOf({ filter, columns, orderJoins }: SelectPlan): readonly Joined[] {
  const shown = [...orderJoins, ...columns.flatMap(({ joins = [] }: Column) => joins)]
  const asked = filter.relations.map(({ relation, matching }) => {
    const reading: Reading = { collection: relation.target, showDeleted: false, filter: matching, origin: matching }
    return { relation, reading, served: shown.find((join) => join.relation.name === relation.name) }
  })
  return [
    ...asked.map(({ relation, reading, served }) => ({ relation, readings: served === undefined ? [reading] : [served.reading, reading] })),
    ...shown
      .filter((join) => asked.every(({ served }) => served !== join))
      .map(({ relation, reading }) => ({ relation, readings: [reading] })),
  ]
}

function joinNode(plan: SelectPlan, { relation, readings }: Joined, mode: ExplainMode): Graph {
  const [first] = readings
  const subPlan = first !== undefined && 'stages' in first ? explainSelect(first, mode) : undefined
  const sub = subPlan ?? { selectTopNode: { selectNode: scanNode(first ?? plan, mode) } }
  const sides = { root: scanNode(plan, mode), subType: sub }
  switch (mode.type) {
    case 'debug':
      return { typeIndexJoin: { [joinType(relation)]: sides } }
    case 'simple':
      return { typeIndexJoin: { joinType: joinType(relation), ...directionOf(relation), subTypeName: relation.name, ...sides } }
    case 'execute': {
      const { matches, runs } = mode.work.of(plan)
      const own = node('scanNode', mode, { counters: (work) => readingCounters([plan], work, false) })
      const other = node('subTypeScanNode', mode, { counters: (work) => readingCounters(readings, work, !relation.list) })
      return { typeIndexJoin: { iterations: matches + runs, ...own, ...other } }
    }
  }
}

function joinType({ list }: Relation): string {
  return list ? 'typeJoinMany' : 'typeJoinOne'
}

/** Which side of a relation to one stores it. */
function directionOf({ list, storedIn }: Relation): Graph {
  return list ? {} : { direction: storedIn === 'this' ? 'primary' : 'secondary' }
}

/** Where documents come from. */
function scanNode(reading: Reading | SelectPlan, mode: ExplainMode): Graph {
  const access = planAccess(reading, undefined)
  const { name, collectionId } = reading.collection
  const attributes = {
    collectionID: collectionId,
    collectionName: name,
    filter: 'filters' in reading ? reading.filters.stored : null,
    ...(access.kind === 'index' ? { index: access.access.index.name } : {}),
  }
  return node('scanNode', mode, { attributes, counters: (work) => readingCounters([reading], work, false) })
}

/** What readings have done together. A lookup by ID ends with the document; a scan is asked once more. */
function readingCounters(readings: readonly Reading[], work: WorkLog, areLookups: boolean): Graph {
  const sums = { iterations: 0, docFetches: 0, fieldFetches: 0, indexFetches: 0 }
  for (const reading of readings) {
    const { matches, runs, docFetches, fieldFetches, indexFetches } = work.of(reading.origin ?? reading)
    sums.iterations += matches + (areLookups ? 0 : runs)
    sums.docFetches += docFetches
    sums.fieldFetches += fieldFetches
    sums.indexFetches += indexFetches
  }
  return sums
}

/** Whether the documents do not come in their order by themselves. */
function needsOrder(plan: SelectPlan, mode: ExplainMode): boolean {
  const stage = plan.stages.find(({ node: name }) => name === ORDER.name)
  if (stage === undefined) return false
  if (mode.type === 'execute') return mode.work.noted(stage) !== undefined
  const access = plan.docIds === undefined && !plan.showDeleted ? planAccess(plan, undefined) : undefined
  return !(access?.kind === 'index' && access.access.ordered !== undefined)
}

function groupAttributes({ request: { arguments: given, fields }, collection }: SelectPlan): Graph {
  const childSelects = fields
    .filter(({ name }) => name === GROUP_FIELD)
    .map(({ arguments: own }) => ({
      collectionName: collection.name,
      docID: own['docID'] ?? null,
      filter: own['filter'] ?? null,
      groupBy: own['groupBy'] ?? null,
      limit: limitOf(own),
      orderBy: own['order'] === undefined ? null : orderingsOf(own['order']),
    }))
  return { groupByFields: given['groupBy'], childSelects }
}

const GROUP_FIELD = '_group'

function limitOf(given: Readonly<Record<string, unknown>>): Graph | null {
  const [limit, offset] = [numberOf(given['limit']), numberOf(given['offset'])]
  return limit === null && offset === null ? null : { limit, offset: offset ?? 0 }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null
}

function orderingsOf(given: unknown): readonly Graph[] {
  const entries: readonly unknown[] = Array.isArray(given) ? given : []
  return entries.flatMap((entry) => {
    const fields: string[] = []
    let direction = entry
    while (isPlainObject(direction)) {
      const [member] = Object.entries(direction)
      if (member === undefined) return []
      fields.push(member[0])
      direction = member[1]
    }
    return [{ fields, direction }]
  })
}

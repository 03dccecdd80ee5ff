import type { PlainFilter } from './filters.testkit.ts'
import type { AggregateSource, PlainField, PlainOrder, PlainRequest, SelectField } from './request.testkit.ts'
import { kindOf, typeNamed, type KindShape, type Shape, type TypeShape } from './shape.testkit.ts'

/**
 * What of the language a request uses, in words: `_gt on Int`, `order by a relation`, `groupBy in a group`. A run that leaves out a part of the language proves
 * nothing about it.
 */
export function constructsOf(shape: Shape, { roots }: PlainRequest): ReadonlySet<string> {
  const found = new Set<string>()
  if (roots.length > 1) found.add('several roots')
  for (const root of roots) {
    if (root.kind === 'select') addSelect(found, shape, root, 'root')
    if (root.kind === 'aggregate')
      for (const source of root.sources) addSource(found, typeNamed(shape, source.name), shape, source, root.name, 'the root')
  }
  return found
}

function addSelect(found: Set<string>, shape: Shape, select: SelectField, place: 'root' | 'group' | 'relation'): void {
  const type = typeNamed(shape, select.on)
  const { filter, order, groupBy } = select.arguments
  for (const name of Object.keys(select.arguments)) found.add(`${name} in a ${place}`)
  if (select.asVariables && Object.keys(select.arguments).length > 0) found.add('variables')
  for (const entry of order ?? []) addOrder(found, entry)
  if ((order?.length ?? 0) > 1) found.add('order by several keys')
  if (groupBy !== undefined) addGroupBy(found, type, groupBy)
  if (filter !== undefined && filter !== null) addFilter(found, shape, type, filter, 0)
  addFields(found, shape, type, select.fields)
}

function addGroupBy(found: Set<string>, type: TypeShape, groupBy: readonly string[]): void {
  if (groupBy.length === 0) found.add('groupBy nothing')
  if (groupBy.length > 1) found.add('groupBy several fields')
  for (const name of groupBy) {
    const kind = type.relations.some((side) => side.name === name) ? 'a relation' : undefined
    found.add(`groupBy ${kind ?? (name.endsWith('_id') ? 'the ID of a relation' : spelled(kindOf(type, name)))}`)
  }
}

function addFields(found: Set<string>, shape: Shape, type: TypeShape, fields: readonly PlainField[]): void {
  for (const field of fields) {
    switch (field.kind) {
      case 'value':
        found.add(`select ${kindOf(type, field.name)?.scalar ?? field.name}`)
        if (field.key !== field.name) found.add('alias of a value')
        break
      case 'similarity':
        found.add('_similarity')
        break
      case 'fragment':
        found.add(field.name === undefined ? 'inline fragment' : 'named fragment')
        addFields(found, shape, type, field.fields)
        break
      case 'aggregate':
        if (field.sources.length > 1) found.add('several sources in one aggregate')
        for (const source of field.sources) addAggregate(found, shape, type, source, field.name)
        break
      case 'select':
        if (field.name !== '_group') found.add(`select ${sideOf(type, field.name)}`)
        addSelect(found, shape, field, field.name === '_group' ? 'group' : 'relation')
    }
  }
}

function addAggregate(found: Set<string>, shape: Shape, type: TypeShape, source: AggregateSource, name: string): void {
  const side = type.relations.find((candidate) => candidate.name === source.name)
  const list = type.values.find((candidate) => candidate.name === source.name)
  const place = side === undefined ? (list === undefined ? source.name : 'a list') : 'a relation'
  addSource(found, side === undefined ? type : typeNamed(shape, side.target), shape, source, name, place, list)
}

function addSource(
  found: Set<string>,
  type: TypeShape,
  shape: Shape,
  { field, filter, order, limit, offset }: AggregateSource,
  name: string,
  place: string,
  list?: KindShape,
): void {
  found.add(`${name} over ${place}`)
  if (field?.startsWith('_') === true) found.add(`aggregate of ${field} over ${place}`)
  if (filter !== undefined) found.add(`filter of an aggregate over ${place}`)
  if (order !== undefined) found.add(`order of an aggregate over ${place}`)
  if (limit !== undefined) found.add(`limit of an aggregate over ${place}`)
  if (offset !== undefined) found.add(`offset of an aggregate over ${place}`)
  if (filter === undefined || filter === null) return
  if (list === undefined) addFilter(found, shape, type, filter, 0)
  else addCondition(found, { ...list, list: false }, filter, 'element of ')
}

function addOrder(found: Set<string>, entry: PlainOrder, depth = 0): void {
  for (const [name, direction] of Object.entries(entry)) {
    if (typeof direction === 'string') found.add(`order ${direction}`)
    else if (name === '_alias')
      found.add(
        Object.values(direction).every((inner) => typeof inner === 'string') ? 'order by an alias' : 'order by a member of an alias',
      )
    else {
      found.add(depth === 0 ? 'order by a relation' : 'order by a relation of a relation')
      addOrder(found, direction, depth + 1)
    }
  }
}

function addFilter(found: Set<string>, shape: Shape, type: TypeShape, filter: PlainFilter, depth: number): void {
  for (const [name, raw] of Object.entries(filter)) {
    if (name === '_and' || name === '_or' || name === '_not') {
      found.add(raw === null ? `${name}: null` : name)
      for (const part of partsOf(raw)) addFilter(found, shape, type, part, depth)
    } else if (name === '_alias') {
      found.add('_alias')
    } else if (kindOf(type, name) === undefined) {
      const side = type.relations.find((candidate) => candidate.name === name)
      found.add(`filter on ${sideOf(type, name)}${raw === null ? ' that is null' : ''}`)
      if (depth > 0) found.add('filter on a relation of a relation')
      if (side !== undefined && raw !== null) addFilter(found, shape, typeNamed(shape, side.target), raw as PlainFilter, depth + 1)
    } else {
      if (name.endsWith('_id')) found.add(`filter on the ID of ${sideOf(type, name.slice(0, -'_id'.length))}`)
      addCondition(found, kindOf(type, name) ?? { scalar: 'ID', list: false }, raw)
    }
  }
}

/** The operators of a condition, with what they are asked of. */
function addCondition(found: Set<string>, kind: KindShape, raw: unknown, place = ''): void {
  if (raw === null) found.add(`null on ${place}${spelled(kind)}`)
  for (const [name, operand] of Object.entries(raw ?? {}) as readonly (readonly [string, unknown])[]) {
    if (name === '_and' || name === '_or' || name === '_not') {
      found.add(`${name} on ${place}${spelled(kind)}`)
      for (const part of partsOf(operand)) addCondition(found, kind, part, place)
    } else if (name === '_any' || name === '_all' || name === '_none') {
      found.add(`${name} on ${spelled(kind)}`)
      addCondition(found, { ...kind, list: false }, operand, 'element of ')
    } else if (name.startsWith('_')) {
      found.add(`${name} on ${place}${spelled(kind)}`)
      if (operand === null) found.add(`${name}: null`)
    } else {
      found.add('path in JSON')
      addCondition(found, kind, operand, place)
    }
  }
}

/** A relation as seen from one side. */
function sideOf(type: TypeShape, name: string): string {
  const side = type.relations.find((candidate) => candidate.name === name)
  if (side === undefined) return name
  const itself = side.target === type.name ? ' to its own type' : ''
  if (side.isList) return `the many side${itself}`
  if (side.otherSide === undefined) return `a side without another${itself}`
  if (!side.isOneToOne) return `the one side${itself}`
  return `${side.storesId ? 'the primary side' : 'the secondary side'}${itself}`
}

function spelled(kind: KindShape | undefined): string {
  if (kind === undefined) return 'whether deleted'
  if (kind.list === false) return kind.scalar
  return kind.list === 'nillable' ? `[${kind.scalar}]` : `[${kind.scalar}!]`
}

function partsOf(raw: unknown): readonly PlainFilter[] {
  if (raw === null) return []
  return (Array.isArray(raw) ? raw : [raw]) as readonly PlainFilter[]
}

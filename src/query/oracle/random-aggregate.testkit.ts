import type { Choices } from './choices.testkit.ts'
import { AGGREGATE_NAMES } from './aggregates.testkit.ts'
import { randomElementFilter, randomFilter } from './random-filter.testkit.ts'
import { randomDirection, randomOrder } from './random-order.testkit.ts'
import type { AggregateField, AggregateName, AggregateSource, UnfoldedField } from './request.testkit.ts'
import { unfold } from './request.testkit.ts'
import { typeNamed, type KindShape, type TypeShape, type ValueShape } from './shape.testkit.ts'
import type { World } from './world.testkit.ts'

type MakeKey = (name: AggregateName) => string

/**
 * An aggregate over lists, related documents, versions, or, of groups, over their members; mostly over one of them. Whole numbers and floats are not mixed:
 * the sum of both is one of floats, which with the largest whole numbers depends on the order.
 */
export function randomAggregate(
  choices: Choices,
  world: World,
  type: TypeShape,
  makeKey: MakeKey,
  groupBy?: readonly string[],
): readonly AggregateField[] {
  const name = choices.pick(AGGREGATE_NAMES)
  const isWhole = name !== '_count' && choices.chance(50)
  const lists = type.values.filter(
    (field) => field.list !== false && (groupBy?.includes(field.name) ?? true) && isCounted(name, field, isWhole),
  )
  const many = type.relations.filter(({ isList }) => isList && groupBy === undefined)
  const sources = [
    ...(groupBy === undefined ? [] : documentSource(choices, world, type, '_group', name, isWhole)),
    ...many.flatMap((side) => documentSource(choices, world, typeNamed(world.shape, side.target), side.name, name, isWhole)),
    ...lists.map((list) => listSource(choices, list, name)),
    ...(name === '_count' && groupBy === undefined && choices.chance(15) ? [{ name: '_version' }] : []),
  ]
  return sources.length === 0 ? [] : [{ kind: 'aggregate', key: makeKey(name), name, sources: oneOrMore(choices, sources) }]
}

/** An aggregate over whole collections. */
export function randomRootAggregate(choices: Choices, world: World, key: string): AggregateField {
  const name = choices.pick(AGGREGATE_NAMES)
  const isWhole = choices.chance(50)
  const sources = world.shape.types.flatMap((type) => documentSource(choices, world, type, type.name, name, isWhole))
  if (sources.length > 0) return { kind: 'aggregate', key, name, sources: oneOrMore(choices, sources) }
  const [first] = world.shape.types
  return { kind: 'aggregate', key, name: '_count', sources: [{ name: first?.name ?? '' }] }
}

/**
 * An aggregate of aggregates that are selected on the members of groups or on related documents. Means of whole numbers are left alone: there may be large ones
 * among them, and the sum of such floats depends on the order.
 */
export function randomAggregateOfAggregates(
  choices: Choices,
  world: World,
  type: TypeShape,
  fields: readonly UnfoldedField[],
  makeKey: MakeKey,
): readonly AggregateField[] {
  const found = fields.flatMap((select) => {
    if (select.kind !== 'select' || (select.name !== '_group' && !type.relations.some((side) => side.isList && side.name === select.name)))
      return []
    const on = typeNamed(world.shape, select.on)
    return unfold(select.fields).flatMap((field) =>
      field.kind === 'aggregate' && (field.name !== '_avg' || isOfFloats(on, field)) ? [{ select, field }] : [],
    )
  })
  // The first of several selects of the same documents is asked, and there the first aggregate of this name.
  const asked = found.filter(({ select, field }) => firstOf(fields, select.name, field.name) === field)
  if (asked.length === 0) return []
  const { select, field } = choices.pick(asked)
  const name = choices.pick(AGGREGATE_NAMES.filter((candidate) => candidate !== '_count'))
  const filter = choices.chance(30) ? { filter: randomFilter(choices, world, typeNamed(world.shape, select.on), 1) } : {}
  return [{ kind: 'aggregate', key: makeKey(name), name, sources: [{ name: select.name, field: field.name, ...filter }] }]
}

function firstOf(fields: readonly UnfoldedField[], selectName: string, name: AggregateName): UnfoldedField | undefined {
  const inside = fields.flatMap((field) => (field.kind === 'select' && field.name === selectName ? [unfold(field.fields)] : []))
  return inside
    .find((selected) => selected.some((field) => field.kind === 'aggregate' && field.name === name))
    ?.find((field) => field.kind === 'aggregate' && field.name === name)
}

function isOfFloats(type: TypeShape, { sources }: AggregateField): boolean {
  return sources.every(({ name, field }) => type.values.some((value) => value.name === (field ?? name) && isFloat(value)))
}

function documentSource(
  choices: Choices,
  world: World,
  type: TypeShape,
  source: string,
  name: AggregateName,
  isWhole: boolean,
): readonly AggregateSource[] {
  const filter = choices.chance(35) ? { filter: randomFilter(choices, world, type, 2) } : {}
  const limits = { limit: choices.pick([2, 1, 0, 3]), ...(choices.chance(50) ? { offset: 1 } : {}) }
  if (name === '_count') return [{ name: source, ...filter, ...(choices.chance(20) ? limits : {}) }]
  const numbers = type.values.filter((field) => field.list === false && isCounted(name, field, isWhole))
  if (numbers.length === 0) return []
  // Without an order a limit leaves open what is added.
  const order = choices.chance(30) ? { order: randomOrder(choices, world, type), ...(choices.chance(70) ? limits : {}) } : {}
  return [{ name: source, field: choices.pick(numbers).name, ...filter, ...order }]
}

function listSource(choices: Choices, list: ValueShape, name: AggregateName): AggregateSource {
  return {
    name: list.name,
    ...(choices.chance(35) ? { filter: randomElementFilter(choices, list) } : {}),
    ...(name !== '_count' && choices.chance(35) ? { order: randomDirection(choices) } : {}),
    ...(choices.chance(25) ? { limit: choices.pick([2, 1, 0]) } : {}),
    ...(choices.chance(15) ? { offset: 1 } : {}),
  }
}

/** Whether an aggregate can be over such values: `_count` over any, the others over whole numbers or over floats. */
function isCounted(name: AggregateName, kind: KindShape, isWhole: boolean): boolean {
  return name === '_count' || (isWhole ? kind.scalar === 'Int' : isFloat(kind))
}

function isFloat({ scalar }: KindShape): boolean {
  return scalar === 'Float64' || scalar === 'Float32'
}

function oneOrMore(choices: Choices, sources: readonly AggregateSource[]): readonly AggregateSource[] {
  return choices.chance(25) ? sources : [choices.pick(sources)]
}

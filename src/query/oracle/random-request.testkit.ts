import type { Choices } from './choices.testkit.ts'
import { NOBODY, randomValue } from './pools.testkit.ts'
import { randomAggregate, randomAggregateOfAggregates, randomRootAggregate } from './random-aggregate.testkit.ts'
import { randomAliasFilter, randomFilter, type Alias } from './random-filter.testkit.ts'
import { randomOrder } from './random-order.testkit.ts'
import {
  unfold,
  type AggregateField,
  type PlainField,
  type PlainRequest,
  type SelectArguments,
  type SelectField,
  type UnfoldedField,
} from './request.testkit.ts'
import { kindOf, typeNamed, type TypeShape } from './shape.testkit.ts'
import { documentsOf, type World } from './world.testkit.ts'

/** What is selected, and where. */
interface Place {
  readonly world: World
  readonly type: TypeShape
  /** How many selects may still stand inside. */
  readonly depth: number
  /** The keys of the groups that are selected; absent where documents are. */
  readonly groupBy?: readonly string[]
  /** Gives each alias and fragment of a request a number of its own. */
  readonly number: () => number
}

/** One to three root fields on a world. */
export function randomRequest(choices: Choices, world: World): PlainRequest {
  let last = 0
  const number = (): number => ++last
  const root = (): PlainField => {
    if (choices.chance(20)) return randomRootAggregate(choices, world, `root${number()}`)
    const type = choices.pick(world.shape.types)
    return randomSelect(choices, { world, type, depth: 2, number }, { name: type.name, isRoot: true })
  }
  return { roots: choices.list(1, choices.pick([1, 1, 3]), root) }
}

function randomSelect(choices: Choices, outer: Place, { name, isRoot }: { readonly name: string; readonly isRoot: boolean }): SelectField {
  const { world, type, depth } = outer
  const groupBy = choices.chance(isRoot ? 28 : 15) ? randomGroupKeys(choices, type) : undefined
  const place: Place = { ...outer, depth: depth - 1, ...(groupBy === undefined ? {} : { groupBy }) }
  const fields = randomFields(choices, place)
  const aliases = unfold(fields).flatMap((field) => aliasOf(type, field))
  const docIds = [...documentsOf(world, type.name, { showDeleted: true }).map(({ docId }) => docId), ...NOBODY.slice(0, 1)]
  const given: SelectArguments = {
    ...(choices.chance(isRoot ? 75 : 45) ? { filter: randomArgument(choices, place, aliases) } : {}),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(choices.chance(45) ? { order: randomOrder(choices, world, type, aliases, groupBy) } : {}),
    ...(choices.chance(25) ? { limit: choices.pick([2, 1, 3, 5, 0]) } : {}),
    ...(choices.chance(15) ? { offset: choices.pick([1, 0, 2, 4]) } : {}),
    ...(choices.chance(10) ? { docID: choices.list(0, 6, () => choices.pick(docIds)) } : {}),
    ...(isRoot && choices.chance(20) ? { showDeleted: choices.chance(90) } : {}),
  }
  return {
    kind: 'select',
    key: choices.chance(30) ? `${name}${outer.number()}` : `${name}_${outer.number()}`,
    name,
    on: type.name,
    arguments: given,
    asVariables: choices.chance(15),
    fields,
  }
}

/** Groups are only filtered by what is selected of them, once their members are. */
function randomArgument(choices: Choices, { world, type, groupBy }: Place, aliases: readonly Alias[]): SelectArguments['filter'] & {} {
  if (groupBy === undefined) return randomFilter(choices, world, type, 2, choices.chance(50) ? aliases : [])
  const onMembers = choices.chance(60) ? randomFilter(choices, world, type, 2) : {}
  return aliases.length === 0 || choices.chance(40) ? onMembers : { ...onMembers, ...randomAliasFilter(choices, aliases) }
}

/** Values, lists, relations by themselves or by their ID, the document's ID, or whether it is deleted. */
function randomGroupKeys(choices: Choices, type: TypeShape): readonly string[] {
  const single = type.relations.filter(({ isList }) => !isList)
  const names = [...type.values.map(({ name }) => name), ...single.flatMap(({ name }) => [`${name}_id`, name]), '_deleted', '_docID']
  return [...new Set(choices.list(choices.chance(95) ? 1 : 0, 2, () => choices.pick(names)))]
}

function randomFields(choices: Choices, place: Place): readonly PlainField[] {
  const fields = place.groupBy === undefined ? documentFields(choices, place) : groupFields(choices, place, place.groupBy)
  const outer =
    place.depth >= 0 && choices.chance(70) ? randomAggregateOfAggregates(choices, place.world, place.type, fields, key(choices, place)) : []
  const all = [...fields, ...outer]
  const selected: readonly PlainField[] = all.length === 0 ? [{ kind: 'value', key: '__typename', name: '__typename' }] : all
  if (!choices.chance(12)) return selected
  const start = choices.below(selected.length)
  const named = choices.chance(50) ? { name: `part${place.number()}` } : {}
  return [...selected.slice(0, start), { kind: 'fragment', on: place.type.name, ...named, fields: selected.slice(start) }]
}

function documentFields(choices: Choices, place: Place): readonly UnfoldedField[] {
  const { world, type, depth } = place
  const single = type.relations.filter(({ isList }) => !isList)
  const values = [
    ...(choices.chance(35) ? [] : ['_docID']),
    ...choices.some(
      type.values.map(({ name }) => name),
      45,
    ),
    ...choices.some(
      single.map(({ name }) => `${name}_id`),
      30,
    ),
    ...choices.some(['_deleted', '__typename'], 10),
  ]
  const vectors = type.values.filter(({ size }) => size !== undefined)
  const similarities = choices.some(vectors, 50).map((field): UnfoldedField => {
    const vector = [randomValue(choices, { scalar: 'Float64', list: false }), 1].map(Number)
    return { kind: 'similarity', key: `near${place.number()}`, field: field.name, vector }
  })
  const relations =
    depth < 0 ? [] : choices.some(type.relations, 40).map(({ name, target, isList }) => randomRelated(choices, place, name, target, isList))
  const aggregates = choices.chance(depth < 1 ? 60 : 35)
    ? choices.list(1, 3, () => randomAggregate(choices, world, type, key(choices, place))).flat()
    : []
  return [...values.map((name) => valueField(choices, place, name)), ...similarities, ...relations, ...aggregates]
}

/** What all members share, the members, and numbers over them. */
function groupFields(choices: Choices, place: Place, groupBy: readonly string[]): readonly UnfoldedField[] {
  const { world, type } = place
  const shared = choices.some(groupBy, 75).map((name): UnfoldedField => {
    const side = type.relations.find((candidate) => candidate.name === name || `${candidate.name}_id` === name)
    if (side === undefined || choices.chance(50)) return valueField(choices, place, side === undefined ? name : `${side.name}_id`)
    return randomRelated(choices, { ...place, depth: Math.max(place.depth, 0) }, side.name, side.target, false)
  })
  const members =
    place.depth < 0
      ? []
      : choices.list(0, 1, () =>
          randomSelect(choices, { world, type, depth: place.depth, number: place.number }, { name: '_group', isRoot: false }),
        )
  const aggregates = choices.list(0, 2, () => randomAggregate(choices, world, type, key(choices, place), groupBy)).flat()
  return [...shared, ...members, ...aggregates]
}

function randomRelated(choices: Choices, place: Place, name: string, target: string, isList: boolean): SelectField {
  const type = typeNamed(place.world.shape, target)
  const inside = { world: place.world, type, depth: place.depth, number: place.number }
  if (isList) return randomSelect(choices, inside, { name, isRoot: false })
  return {
    kind: 'select',
    key: `${name}_${place.number()}`,
    name,
    on: target,
    arguments: {},
    asVariables: false,
    fields: randomFields(choices, { ...inside, depth: place.depth - 1 }),
  }
}

function valueField(choices: Choices, place: Place, name: string): UnfoldedField {
  return { kind: 'value', key: choices.chance(15) ? `alias${place.number()}` : name, name }
}

function key(choices: Choices, { number }: Place): (name: AggregateField['name']) => string {
  return (name) => (choices.chance(50) ? `${name.slice(1)}${number()}` : `x${name}${number()}`)
}

/** A selected field as filters and orders can name it. Means over means are left out: their last digits are open. */
function aliasOf(type: TypeShape, field: UnfoldedField): readonly Alias[] {
  switch (field.kind) {
    case 'value':
      return [{ key: field.key, kind: kindOf(type, field.name) ?? { scalar: 'JSON', list: false } }]
    case 'aggregate':
      return field.sources.some((source) => source.field?.startsWith('_') === true)
        ? []
        : [{ key: field.key, kind: { scalar: 'JSON', list: false } }]
    case 'similarity':
      return [{ key: field.key, kind: { scalar: 'JSON', list: false } }]
    case 'select': {
      const isOne = type.relations.some(({ name, isList }) => name === field.name && !isList)
      const members = unfold(field.fields).flatMap((selected) => (selected.kind === 'value' ? [selected.key] : []))
      return isOne && members.length > 0 ? [{ key: field.key, kind: { scalar: 'JSON', list: false }, members }] : []
    }
  }
}

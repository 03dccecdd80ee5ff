import type { Choices } from './choices.testkit.ts'
import type { IndexShape, KindShape, RelationShape, Shape, TypeShape, ValueShape } from './shape.testkit.ts'

const TYPE_NAMES = ['Ant', 'Bee', 'Cat']

/** What fields can be, the most telling first. Each has a short name that fields are called by. */
const KINDS: readonly (KindShape & { readonly word: string; readonly size?: number })[] = [
  { word: 'int', scalar: 'Int', list: false },
  { word: 'text', scalar: 'String', list: false },
  { word: 'json', scalar: 'JSON', list: false },
  { word: 'float', scalar: 'Float64', list: false },
  { word: 'time', scalar: 'DateTime', list: false },
  { word: 'yes', scalar: 'Boolean', list: false },
  { word: 'small', scalar: 'Float32', list: false },
  { word: 'blob', scalar: 'Blob', list: false },
  { word: 'ints', scalar: 'Int', list: 'nillable' },
  { word: 'intsNotNull', scalar: 'Int', list: 'non-null' },
  { word: 'texts', scalar: 'String', list: 'nillable' },
  { word: 'textsNotNull', scalar: 'String', list: 'non-null' },
  { word: 'floats', scalar: 'Float64', list: 'nillable' },
  { word: 'floatsNotNull', scalar: 'Float64', list: 'non-null' },
  { word: 'smalls', scalar: 'Float32', list: 'nillable' },
  { word: 'yeses', scalar: 'Boolean', list: 'nillable' },
  { word: 'yesesNotNull', scalar: 'Boolean', list: 'non-null' },
  { word: 'vector', scalar: 'Float64', list: 'non-null', size: 2 },
]

/** What there is most to ask of stands there more often. */
const FREQUENT = [...KINDS.filter(({ list }) => list === false), ...KINDS.filter(({ scalar }) => scalar === 'JSON')]

export function randomShape(choices: Choices): Shape {
  const names = TYPE_NAMES.slice(0, 1 + choices.below(TYPE_NAMES.length))
  const sides = names.flatMap((_, number) => randomRelation(choices, names, number))
  const types = names.map((name): TypeShape => {
    const values = choices
      .list(2, 7, () => choices.pick([...FREQUENT, ...KINDS]))
      .map(({ word, ...kind }, number): ValueShape => ({ ...kind, name: `${word}${number}` }))
    const relations = sides.filter(({ on }) => on === name).map(({ side }) => side)
    const indexable = [...values, ...relations.filter(({ storesId }) => storesId)]
    return { name, values, relations, indexes: choices.list(0, 4, () => randomIndex(choices, indexable)) }
  })
  return { types }
}

interface Side {
  readonly on: string
  readonly side: RelationShape
}

/** One or two sides: one-sided, one to one, or one to many; also of a type with itself. */
function randomRelation(choices: Choices, types: readonly string[], number: number): readonly Side[] {
  if (!choices.chance(80)) return []
  const on = choices.pick(types)
  const target = choices.pick(types)
  const relation = `relation${number}`
  const name = `to${number}`
  const other = `from${number}`
  const many = {
    on: target,
    side: { name: other, relation, target: on, otherSide: name, isList: true, storesId: false, isOneToOne: false },
  }
  const shared = { name, relation, target, isList: false, storesId: true }
  switch (choices.below(4)) {
    case 0:
    case 1:
      return [{ on, side: { ...shared, otherSide: other, isOneToOne: false } }, many]
    case 2:
      return [
        { on, side: { ...shared, otherSide: other, isOneToOne: true } },
        { on: target, side: { name: other, relation, target: on, otherSide: name, isList: false, storesId: false, isOneToOne: true } },
      ]
    default:
      return [{ on, side: { ...shared, isOneToOne: false } }]
  }
}

/** Over one to three fields. A unique one has no lists and no JSON, of which a document has many entries. */
function randomIndex(choices: Choices, indexable: readonly (ValueShape | RelationShape)[]): IndexShape {
  const size = choices.pick([1, 1, 2, 3])
  const chosen = new Map(Array.from({ length: size }, () => choices.pick(indexable)).map((field) => [field.name, field]))
  const isSingle = [...chosen.values()].every((field) => 'relation' in field || (field.list === false && field.scalar !== 'JSON'))
  return {
    unique: isSingle && choices.chance(25),
    fields: [...chosen.keys()].map((name) => ({ name, isDescending: choices.chance(40) })),
  }
}

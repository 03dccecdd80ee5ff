import type { Choices } from './choices.testkit.ts'
import type { Alias } from './random-filter.testkit.ts'
import type { Direction, PlainOrder } from './request.testkit.ts'
import { typeNamed, type IndexShape, type TypeShape } from './shape.testkit.ts'
import type { World } from './world.testkit.ts'

/** One to three keys: values, values of related documents, what is selected. Groups are ordered by what their members share. */
export function randomOrder(
  choices: Choices,
  world: World,
  type: TypeShape,
  aliases: readonly Alias[] = [],
  groupBy?: readonly string[],
): readonly PlainOrder[] {
  const isShared = (name: string): boolean => groupBy === undefined || groupBy.includes(name)
  const sides = type.relations.filter(({ name, isList }) => !isList && (isShared(name) || isShared(`${name}_id`)))
  const values = type.values.filter(({ name, list }) => list === false && isShared(name)).map(({ name }) => name)
  const single = [...values, ...values, ...sides.map(({ name }) => `${name}_id`), ...(isShared('_docID') ? ['_docID'] : [])]
  const ordered = aliases.filter(({ kind }) => kind.list === false)
  const kinds = [
    ...(single.length > 0 ? (['value', 'value'] as const) : []),
    ...(sides.length > 0 ? (['related'] as const) : []),
    ...(ordered.length > 0 ? (['alias'] as const) : []),
  ]
  if (kinds.length === 0) return []
  const indexes = type.indexes.filter(({ fields }) => fields.every(({ name }) => values.includes(name)))
  if (indexes.length > 0 && choices.chance(30)) return orderOfIndex(choices, choices.pick(indexes))
  return choices.list(1, 3, (): PlainOrder => {
    switch (choices.pick(kinds)) {
      case 'value':
        return { [choices.pick(single)]: randomDirection(choices) }
      case 'related': {
        const side = choices.pick(sides)
        return { [side.name]: relatedOrder(choices, world, typeNamed(world.shape, side.target)) }
      }
      case 'alias': {
        const { key, members = [] } = choices.pick(ordered)
        const direction = randomDirection(choices)
        return { _alias: { [key]: members.length === 0 ? direction : { [choices.pick(members)]: direction } } }
      }
    }
  })
}

/** The order that an index is in, or its reverse; sometimes one of its directions is another. */
function orderOfIndex(choices: Choices, { fields }: IndexShape): readonly PlainOrder[] {
  const isReversed = choices.chance(50)
  const isMixed = choices.chance(20)
  return fields.map(({ name, isDescending }, position) => {
    const isOther = isReversed !== (isMixed && position === 0)
    return { [name]: isDescending === isOther ? 'ASC' : 'DESC' }
  })
}

/** By one value of a related document, or of the one that this one is related to. */
function relatedOrder(choices: Choices, world: World, type: TypeShape): PlainOrder {
  const sides = type.relations.filter(({ isList }) => !isList)
  const values = ['_docID', ...type.values.filter(({ list }) => list === false).map(({ name }) => name)]
  if (sides.length === 0 || !choices.chance(20)) return { [choices.pick(values)]: randomDirection(choices) }
  const side = choices.pick(sides)
  const target = typeNamed(world.shape, side.target)
  return { [side.name]: { [target.values.find(({ list }) => list === false)?.name ?? '_docID']: randomDirection(choices) } }
}

export function randomDirection(choices: Choices): Direction {
  return choices.pick(['ASC', 'DESC'])
}

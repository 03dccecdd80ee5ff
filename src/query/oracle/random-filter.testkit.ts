import type { Scalar } from '../../schema/kinds.ts'
import type { Choices } from './choices.testkit.ts'
import type { PlainFilter } from './filters.testkit.ts'
import { JSON_NAMES, NOBODY, PATTERNS, randomOperand } from './pools.testkit.ts'
import { ID_KIND, typeNamed, type KindShape, type TypeShape } from './shape.testkit.ts'
import { documentsOf, relationNamed, type World } from './world.testkit.ts'

/** Something that is selected, for `_alias`: its key, and the kind it is compared as. */
export interface Alias {
  readonly key: string
  readonly kind: KindShape
  /** For a related document: what is selected of it. */
  readonly members?: readonly string[]
}

/** The operators of each scalar, by what stands behind them. */
export const OPERATORS: Readonly<Record<Scalar, Readonly<Record<'value' | 'list' | 'text', readonly string[]>>>> = {
  ID: { value: ['_eq', '_ne'], list: ['_in', '_nin'], text: [] },
  Boolean: { value: ['_eq', '_ne'], list: ['_in', '_nin'], text: [] },
  Int: { value: ['_eq', '_ne', '_gt', '_ge', '_lt', '_le'], list: ['_in', '_nin'], text: [] },
  Float64: { value: ['_eq', '_ne', '_gt', '_ge', '_lt', '_le'], list: ['_in', '_nin'], text: [] },
  Float32: { value: ['_eq', '_ne', '_gt', '_ge', '_lt', '_le'], list: ['_in', '_nin'], text: [] },
  String: { value: ['_eq', '_ne'], list: ['_in', '_nin'], text: ['_like', '_nlike', '_ilike', '_nilike'] },
  DateTime: { value: ['_eq', '_ne', '_gt', '_ge', '_lt', '_le'], list: ['_in', '_nin'], text: [] },
  Blob: { value: ['_eq', '_ne'], list: ['_in', '_nin'], text: ['_like', '_nlike', '_ilike', '_nilike'] },
  JSON: {
    value: ['_eq', '_ne', '_gt', '_ge', '_lt', '_le'],
    list: ['_in', '_nin'],
    text: ['_like', '_nlike', '_ilike', '_nilike'],
  },
}

const LIST_OPERATORS = ['_any', '_all', '_none']

/** A filter of one type: on its values, its relations from both sides, on what is selected, and combinations of these. */
export function randomFilter(choices: Choices, world: World, type: TypeShape, depth: number, aliases: readonly Alias[] = []): PlainFilter {
  const entries = Array.from({ length: choices.pick([1, 1, 2]) }, () => randomEntry(choices, world, type, depth, aliases))
  return Object.fromEntries([...entries, ...(choices.chance(20) ? indexedEntries(choices, world, type) : [])])
}

/** A filter on what is selected, and nothing else: of groups, which have no values of their own. */
export function randomAliasFilter(choices: Choices, aliases: readonly Alias[]): PlainFilter {
  const conditions = choices.list(1, 2, () => {
    const { key, kind, members = [] } = choices.pick(aliases)
    const condition = randomCondition(choices, kind)
    return [key, members.length === 0 ? condition : { [choices.pick(members)]: condition }] as const
  })
  return { _alias: Object.fromEntries(conditions) }
}

function randomEntry(
  choices: Choices,
  world: World,
  type: TypeShape,
  depth: number,
  aliases: readonly Alias[],
): readonly [string, unknown] {
  const inner = (): PlainFilter => randomFilter(choices, world, type, depth - 1, aliases)
  const kinds = [
    ...Array.from({ length: 9 }, () => 'value' as const),
    ...(type.relations.length > 0 ? (['relationId'] as const) : []),
    ...(type.relations.length > 0 && depth > 0 ? (['relation', 'relation', 'relation'] as const) : []),
    ...(depth > 0 ? (['compound', 'compound', 'compound'] as const) : []),
    ...(aliases.length > 0 ? (['alias', 'alias', 'alias', 'alias'] as const) : []),
    'docId',
  ] as const
  switch (choices.pick(kinds)) {
    case 'value': {
      const field = choices.pick(type.values)
      return [field.name, randomCondition(choices, field)]
    }
    case 'docId':
      return ['_docID', randomIdCondition(choices, world, type)]
    case 'relationId': {
      const single = type.relations.filter(({ isList }) => !isList)
      if (single.length === 0) return ['_docID', randomIdCondition(choices, world, type)]
      const side = choices.pick(single)
      return [`${side.name}_id`, randomIdCondition(choices, world, typeNamed(world.shape, side.target))]
    }
    case 'relation': {
      const side = choices.pick(type.relations)
      if (choices.chance(22)) return [side.name, null]
      return [side.name, randomFilter(choices, world, typeNamed(world.shape, side.target), depth - 1)]
    }
    case 'compound': {
      const name = choices.pick(['_and', '_or', '_not'])
      if (choices.chance(8)) return [name, null]
      return [name, name === '_not' ? inner() : choices.list(0, 3, inner)]
    }
    case 'alias':
      return Object.entries(randomAliasFilter(choices, aliases))[0] ?? ['_alias', null]
  }
}

/** Conditions on several fields that one index has, which it can answer together. */
function indexedEntries(choices: Choices, world: World, type: TypeShape): readonly (readonly [string, unknown])[] {
  const composite = type.indexes.filter(({ fields }) => fields.length > 1)
  if (composite.length === 0) return []
  return choices.pick(composite).fields.map(({ name }) => {
    const field = type.values.find((value) => value.name === name)
    if (field !== undefined) return [field.name, randomCondition(choices, field)]
    return [`${name}_id`, randomIdCondition(choices, world, typeNamed(world.shape, relationNamed(type, name).target))]
  })
}

function randomIdCondition(choices: Choices, world: World, type: TypeShape): PlainFilter | null {
  if (choices.chance(8)) return null
  const ids = [...documentsOf(world, type.name, { showDeleted: true }).map(({ docId }) => docId), ...NOBODY.slice(0, 2)]
  const operators = OPERATORS[ID_KIND.scalar]
  const name = choices.pick([...operators.value, ...operators.list])
  if (operators.list.includes(name)) return { [name]: choices.list(0, 3, () => choices.pick([...ids, null])) }
  return { [name]: choices.chance(12) ? null : choices.pick(ids) }
}

/** A condition on one value, on the elements of a list, or on a JSON tree. */
function randomCondition(choices: Choices, kind: KindShape, depth = 2): PlainFilter | null {
  if (choices.chance(6)) return null
  if (kind.list !== false) return { [choices.pick(LIST_OPERATORS)]: randomScalarCondition(choices, kind) }
  return kind.scalar === 'JSON' ? randomJsonCondition(choices, depth) : randomScalarCondition(choices, kind)
}

/** A condition on the elements of a list where they are aggregated. */
export function randomElementFilter(choices: Choices, kind: KindShape): PlainFilter {
  const name = choices.pick([undefined, undefined, '_or', '_and'])
  const part = (): PlainFilter => randomScalarCondition(choices, kind) ?? {}
  return name === undefined ? part() : { [name]: choices.list(1, 2, part) }
}

function randomScalarCondition(choices: Choices, kind: KindShape): PlainFilter | null {
  if (kind.list !== false && choices.chance(6)) return null
  return Object.fromEntries(Array.from({ length: choices.pick([1, 1, 1, 2]) }, () => randomTest(choices, kind)))
}

function randomTest(choices: Choices, { scalar, list }: KindShape): readonly [string, unknown] {
  const { value, list: onLists, text } = OPERATORS[scalar]
  // Most often what people ask for.
  const name = choices.pick(['_eq', ...value, ...onLists, ...text])
  const operand = (): unknown => (scalar === 'ID' ? choices.pick(NOBODY) : randomOperand(choices, scalar))
  if (text.includes(name)) return [name, choices.chance(6) ? null : choices.pick(PATTERNS)]
  if (onLists.includes(name)) {
    const canBeNull = list !== 'non-null'
    return [name, choices.list(0, 3, () => (canBeNull && choices.chance(15) ? null : operand()))]
  }
  if (choices.chance(15)) return [name, null]
  // In JSON only numbers have an order.
  const isJsonOrder = scalar === 'JSON' && name !== '_eq' && name !== '_ne'
  return [name, isJsonOrder ? choices.pick([1, 0, 1.5, 2]) : operand()]
}

function randomJsonCondition(choices: Choices, depth: number): PlainFilter {
  const inner = (): PlainFilter | null => randomCondition(choices, { scalar: 'JSON', list: false }, depth - 1)
  switch (depth === 0 ? 'test' : choices.pick(['test', 'test', 'path', 'path', 'path', 'list', 'list', 'compound'] as const)) {
    case 'test':
      return Object.fromEntries([randomTest(choices, { scalar: 'JSON', list: false })])
    case 'path':
      return Object.fromEntries(choices.list(1, 2, () => [choices.pick(JSON_NAMES), inner()]))
    case 'list':
      return { [choices.pick(LIST_OPERATORS)]: inner() }
    case 'compound': {
      const name = choices.pick(['_and', '_or', '_not'])
      return { [name]: name === '_not' ? inner() : choices.list(0, 2, () => inner() ?? {}) }
    }
  }
}

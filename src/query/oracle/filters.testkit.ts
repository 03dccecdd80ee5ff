import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'
import { compare, isSame } from './compare.testkit.ts'
import { kindOf, type KindShape, type TypeShape } from './shape.testkit.ts'
import { relatedTo, relationNamed, targetOf, valueOf, type PlainDocument, type World } from './world.testkit.ts'

/** A filter as GraphQL has it, as a plain object. */
export interface PlainFilter {
  readonly [name: string]: unknown
}

/** What a select shows under a key, for `_alias`; the kind says how it is compared. */
export type Alias = (key: string) => { readonly kind: KindShape; readonly value: DocumentValue }

/** Whether a document passes: all entries of the filter have to be true of it. Null, like `{}`, is true of everything. */
export function passes(
  world: World,
  type: TypeShape,
  document: PlainDocument,
  filter: PlainFilter | null,
  alias: Alias = noAlias,
): boolean {
  const isPassed = (part: PlainFilter | null): boolean => passes(world, type, document, part, alias)
  return Object.entries(filter ?? {}).every(([name, raw]) => {
    if (name === '_and') return partsOf(raw).every(isPassed)
    if (name === '_or') return raw === null || partsOf(raw).some(isPassed)
    if (name === '_not') return raw === null || !isPassed(raw as PlainFilter)
    if (name === '_alias') return Object.entries(raw ?? {}).every(([key, condition]) => aliasHolds(alias(key), condition))
    const kind = kindOf(type, name)
    if (kind !== undefined) return holds(kind, valueOf(world, type, document, name), raw as PlainFilter | null)
    // A relation: is there one on the other side of which the filter is true? Null asks whether there is none.
    const side = relationNamed(type, name)
    const others = relatedTo(world, side, document)
    if (raw === null) return others.length === 0
    return others.some((other) => passes(world, targetOf(world, side), other, raw as PlainFilter))
  })
}

/** The parts of a filter of which each has to be true, `_and` taken apart. */
export function conjunctsOf(filter: PlainFilter | null): readonly PlainFilter[] {
  return Object.entries(filter ?? {}).flatMap(([name, raw]) =>
    name === '_and' ? partsOf(raw).flatMap((part) => conjunctsOf(part)) : [{ [name]: raw }],
  )
}

/** Whether the answer depends on what is selected. */
export function asksForAlias(filter: PlainFilter | null): boolean {
  return Object.entries(filter ?? {}).some(
    ([name, raw]) => name === '_alias' || (['_and', '_or', '_not'].includes(name) && partsOf(raw).some(asksForAlias)),
  )
}

/** Whether a condition such as `{ _gt: 3 }` is true of a value. Null asks whether there is none. */
export function holds(kind: KindShape, value: DocumentValue, condition: PlainFilter | null): boolean {
  if (condition === null) return value === null
  return Object.entries(condition).every(([name, operand]) => {
    const isTrue = (part: PlainFilter | null): boolean => holds(kind, value, part)
    if (name === '_and') return partsOf(operand).every(isTrue)
    if (name === '_or') return operand === null || partsOf(operand).some(isTrue)
    if (name === '_not') return !isTrue(operand as PlainFilter | null)
    const list = Array.isArray(value) ? (value as readonly DocumentValue[]) : undefined
    const isTrueOf = (element: DocumentValue): boolean => holds({ ...kind, list: false }, element, operand as PlainFilter | null)
    switch (name) {
      // What is no list has no elements; only of null, which is no value at all, is it said that none passes.
      case '_any':
        return list !== undefined && list.some(isTrueOf)
      case '_all':
        return list !== undefined && list.every(isTrueOf)
      case '_none':
        return value === null || (list !== undefined && !list.some(isTrueOf))
      case '_in':
        return isAmong(kind.scalar, value, operand)
      case '_nin':
        return !isAmong(kind.scalar, value, operand)
      case '_eq':
        return isSame(kind.scalar, value, readAs(kind.scalar, operand))
      case '_ne':
        return !isSame(kind.scalar, value, readAs(kind.scalar, operand))
      case '_gt':
      case '_ge':
      case '_lt':
      case '_le':
        return isInOrder(kind.scalar, name, value, readAs(kind.scalar, operand))
      case '_like':
        return isLike(value, operand, (text) => text)
      case '_nlike':
        return !isLike(value, operand, (text) => text)
      case '_ilike':
        return isLike(value, operand, (text) => text.toLowerCase())
      case '_nilike':
        return !isLike(value, operand, (text) => text.toLowerCase())
      default:
        if (kind.scalar !== 'JSON') throw new Error(`the oracle does not know "${name}"`)
        return holds(kind, memberOf(value, name), operand as PlainFilter | null)
    }
  })
}

/** Null comes before every value; but what has no value is compared with nothing but null. */
function isInOrder(scalar: Scalar, operator: string, value: DocumentValue, operand: DocumentValue): boolean {
  if (operand === null) return operator === '_ge' || (operator === '_gt' && value !== null) || (operator === '_le' && value === null)
  if (value === null) return false
  // JSON has an order of numbers only, as far as filters go.
  if (scalar === 'JSON' && typeof value !== 'number' && typeof value !== 'bigint') return false
  const difference = compare(scalar, value, operand)
  if (operator === '_gt') return difference > 0
  if (operator === '_ge') return difference >= 0
  return operator === '_lt' ? difference < 0 : difference <= 0
}

function isAmong(scalar: Scalar, value: DocumentValue, operands: unknown): boolean {
  return partsOf<unknown>(operands).some((operand) => isSame(scalar, value, readAs(scalar, operand)))
}

/** `%` stands for any characters. What is no text is like nothing but null, which is like null. */
function isLike(value: DocumentValue, pattern: unknown, fold: (text: string) => string): boolean {
  if (typeof pattern !== 'string') return value === null
  if (typeof value !== 'string') return false
  const parts = fold(pattern)
    .split('%')
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(fold(value))
}

/** A member of a JSON object; null where there is no object or no such member. */
function memberOf(value: DocumentValue, name: string): DocumentValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.entries(value).find(([key]) => key === name)?.[1] ?? null
}

/** An operand as a value of the scalar: small floats are rounded as the stored ones were, and JSON has no whole numbers of 64 bits. */
function readAs(scalar: Scalar, operand: unknown): DocumentValue {
  if (scalar === 'Float32' && typeof operand === 'number') return Math.fround(operand)
  return (scalar === 'JSON' ? asJson(operand) : operand) as DocumentValue
}

/** `_alias` is JSON, whatever the kind of what it asks for: its numbers are floats. */
function aliasHolds({ kind, value }: ReturnType<Alias>, condition: unknown): boolean {
  return holds(kind, value, asJson(condition) as PlainFilter | null)
}

function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asJson(member)]))
}

/** A list as it is; one thing stands for a list of it, null for an empty one. */
function partsOf<T = PlainFilter>(given: unknown): readonly T[] {
  if (given === null || given === undefined) return []
  return (Array.isArray(given) ? given : [given]) as readonly T[]
}

function noAlias(key: string): never {
  throw new Error(`the oracle has nothing under the alias "${key}"`)
}

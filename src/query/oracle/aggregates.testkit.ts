import type { DocumentValue } from '../../schema/document-value.ts'
import { compare } from './compare.testkit.ts'
import { holds } from './filters.testkit.ts'
import {
  unfold,
  type AggregateField,
  type AggregateName,
  type AggregateSource,
  type PlainField,
  type UnfoldedField,
} from './request.testkit.ts'
import { chooseRows, type Row } from './rows.testkit.ts'
import { typeNamed, type TypeShape } from './shape.testkit.ts'
import { documentsOf, relatedTo, targetOf, valueOf, type World } from './world.testkit.ts'

/** An aggregate that is selected on a row, beside `siblings`. */
export function aggregate(
  world: World,
  type: TypeShape,
  row: Row,
  { name, sources }: AggregateField,
  siblings: readonly UnfoldedField[],
): DocumentValue {
  return reduce(
    name,
    sources.flatMap((source) => valuesOf(world, type, row, source, siblings)),
  )
}

/** An aggregate at the root: its sources are whole collections. */
export function aggregateRoot(world: World, { name, sources }: AggregateField): DocumentValue {
  return reduce(
    name,
    sources.flatMap((source) => {
      const type = typeNamed(world.shape, source.name)
      const rows = documentsOf(world, type.name).map((document) => ({ document }))
      return valuesOfRows(world, type, rows, source, undefined)
    }),
  )
}

function valuesOf(
  world: World,
  type: TypeShape,
  row: Row,
  source: AggregateSource,
  siblings: readonly UnfoldedField[],
): readonly DocumentValue[] {
  // A document that nobody changed elsewhere at the same time has one version.
  if (source.name === '_version') return sliced([null], source)
  const list = type.values.find((value) => value.name === source.name)
  if (list !== undefined) {
    const value = valueOf(world, type, row.document, list.name)
    const elements = Array.isArray(value) ? (value as readonly DocumentValue[]) : []
    const passed = elements.filter((element) => source.filter === undefined || holds({ ...list, list: false }, element, source.filter))
    const sign = source.order === 'DESC' ? -1 : 1
    const isOrdered = typeof source.order === 'string'
    return sliced(isOrdered ? passed.toSorted((a, b) => sign * compare(list.scalar, a, b)) : passed, source)
  }
  // An aggregate of aggregates: the first select of the same documents that has it says how they are grouped.
  const nested = siblings.find(
    (sibling) =>
      sibling.kind === 'select' && sibling.name === source.name && unfold(sibling.fields).some((field) => isAggregate(field, source.field)),
  )
  const select = nested?.kind === 'select' ? nested : undefined
  const side = type.relations.find((candidate) => candidate.name === source.name)
  if (side === undefined) return valuesOfRows(world, type, row.members ?? [], source, select)
  const rows = relatedTo(world, side, row.document).map((document) => ({ document }))
  return valuesOfRows(world, targetOf(world, side), rows, source, select)
}

function valuesOfRows(
  world: World,
  type: TypeShape,
  rows: readonly Row[],
  { field, filter, order, limit, offset }: AggregateSource,
  select: { readonly arguments: { readonly groupBy?: readonly string[] }; readonly fields: readonly PlainField[] } | undefined,
): readonly DocumentValue[] {
  const isOfAggregates = field !== undefined && AGGREGATE_NAMES.some((name) => name === field)
  const groupBy = isOfAggregates ? select?.arguments.groupBy : undefined
  const given = {
    ...(filter === undefined ? {} : { filter }),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(Array.isArray(order) ? { order } : {}),
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
  }
  const tiers = chooseRows(world, type, rows, given, () => () => ({ kind: { scalar: 'JSON', list: false }, value: null }))
  // Where a tier is cut only counts are asked for, which are the same for any of its members.
  const chosen = tiers.flatMap(({ count, of }) => of.slice(0, count))
  if (field === undefined) return chosen.map(() => null)
  if (!isOfAggregates) return chosen.map(({ document }) => valueOf(world, type, document, field))
  const fields = unfold(select?.fields ?? [])
  const inner = fields.find((candidate) => isAggregate(candidate, field))
  if (inner?.kind !== 'aggregate') throw new Error(`the oracle finds no "${field}" to aggregate`)
  return chosen.map((row) => aggregate(world, type, row, inner, fields))
}

export const AGGREGATE_NAMES: readonly AggregateName[] = ['_count', '_sum', '_avg', '_min', '_max']

function isAggregate(field: UnfoldedField, name: string | undefined): boolean {
  return field.kind === 'aggregate' && field.name === name
}

function sliced<T>(items: readonly T[], { offset = 0, limit }: AggregateSource): readonly T[] {
  return items.slice(offset, limit === undefined ? undefined : offset + limit)
}

/** `_count` counts whatever is there; the others take the numbers among it. Of nothing, sum and mean are 0, the smallest and the largest null. */
function reduce(name: AggregateName, values: readonly DocumentValue[]): DocumentValue {
  const numbers = values.filter((value) => typeof value === 'number' || typeof value === 'bigint')
  const sorted = numbers.toSorted((a, b) => Number(a > b) - Number(a < b))
  switch (name) {
    case '_count':
      return values.length
    case '_sum':
      return sum(numbers)
    case '_avg':
      return numbers.length === 0 ? 0 : mean(numbers)
    case '_min':
      return sorted[0] ?? null
    case '_max':
      return sorted.at(-1) ?? null
  }
}

/** Whole numbers are added exactly, in 64 bits as `Int` has them. */
function sum(numbers: readonly (number | bigint)[]): number | bigint {
  if (!numbers.every(isWhole)) return floatSum(numbers)
  const exact = BigInt.asIntN(64, wholeSum(numbers))
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
}

function mean(numbers: readonly (number | bigint)[]): number {
  return (numbers.every(isWhole) ? Number(wholeSum(numbers)) : floatSum(numbers)) / numbers.length
}

function floatSum(numbers: readonly (number | bigint)[]): number {
  return numbers.reduce((total: number, number) => total + Number(number), 0)
}

function wholeSum(numbers: readonly (number | bigint)[]): bigint {
  return numbers.reduce((total: bigint, number) => total + BigInt(number), 0n)
}

function isWhole(number: number | bigint): boolean {
  return typeof number === 'bigint' || Number.isSafeInteger(number)
}

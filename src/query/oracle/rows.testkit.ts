import type { DocumentValue } from '../../schema/document-value.ts'
import { compare } from './compare.testkit.ts'
import type { Tier } from './expected.testkit.ts'
import { asksForAlias, conjunctsOf, passes, type Alias } from './filters.testkit.ts'
import type { PlainOrder, SelectArguments } from './request.testkit.ts'
import { kindOf, type KindShape, type TypeShape } from './shape.testkit.ts'
import { relatedTo, relationNamed, targetOf, valueOf, type PlainDocument, type World } from './world.testkit.ts'

/** A document in a select, or a group of them, which stands there with the values that its members share. */
export interface Row {
  readonly document: PlainDocument
  readonly members?: readonly Row[]
}

/** What a row shows under the key of a selected field. */
export type AliasOf = (row: Row) => Alias

/**
 * The rows that the arguments of a select leave, step by step: filter the documents, group them, filter the groups by what is selected of them, order, cut.
 */
export function chooseRows(
  world: World,
  type: TypeShape,
  rows: readonly Row[],
  given: SelectArguments,
  aliasOf: AliasOf,
): readonly Tier<Row>[] {
  const conditions = conjunctsOf(given.filter ?? null)
  const onDocuments = conditions.filter((condition) => !asksForAlias(condition))
  const onAliases = conditions.filter(asksForAlias)
  const passed = rows.filter(
    ({ document }) =>
      (given.docID?.includes(document.docId) ?? true) && onDocuments.every((condition) => passes(world, type, document, condition)),
  )
  const grouped = given.groupBy === undefined ? passed : groupRows(world, type, passed, given.groupBy)
  const found = grouped.filter((row) => onAliases.every((condition) => passes(world, type, row.document, condition, aliasOf(row))))
  return cut(orderRows(world, type, found, given.order ?? [], aliasOf), given.offset ?? 0, given.limit)
}

/** One row for all that share the stored form of these fields: 0 and -0 are two, and so are one moment with two offsets. */
function groupRows(world: World, type: TypeShape, rows: readonly Row[], names: readonly string[]): readonly Row[] {
  const groups = Map.groupBy(rows, ({ document }) =>
    JSON.stringify(names.map((name) => storedForm(groupValue(world, type, document, name)))),
  )
  return [...groups.values()].flatMap((members) => {
    const [first] = members
    return first === undefined ? [] : [{ document: first.document, members }]
  })
}

/** A relation is grouped by the ID it has, as its `_id` field is. */
function groupValue(world: World, type: TypeShape, document: PlainDocument, name: string): DocumentValue {
  if (name === '_deleted') return document.isDeleted
  const isRelation = type.relations.some((side) => side.name === name)
  return valueOf(world, type, document, isRelation ? `${name}_id` : name)
}

function storedForm(value: DocumentValue): unknown {
  if (Object.is(value, -0)) return ['-0']
  if (typeof value === 'bigint') return [String(value)]
  if (Array.isArray(value)) return ['list', ...value.map(storedForm)]
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value as Readonly<Record<string, DocumentValue>>)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, storedForm(member)])
}

/**
 * The rows in tiers. Documents that are equal in all keys are in the order of their IDs; without any key their order is open. Groups have no IDs, so what is
 * equal in all keys stays open.
 */
function orderRows(
  world: World,
  type: TypeShape,
  rows: readonly Row[],
  order: readonly PlainOrder[],
  aliasOf: AliasOf,
): readonly Tier<Row>[] {
  if (order.length === 0) return rows.length === 0 ? [] : [{ count: rows.length, of: rows }]
  const byKeys = (a: Row, b: Row): number => {
    for (const entry of order) {
      for (const [name, direction] of Object.entries(entry)) {
        const left = orderKey(world, type, a, name, direction, aliasOf)
        const right = orderKey(world, type, b, name, direction, aliasOf)
        const difference = compare(left.kind.scalar, left.value, right.value)
        if (difference !== 0) return left.isDescending ? -difference : difference
      }
    }
    return 0
  }
  const byId = (a: Row, b: Row): number => (a.document.docId < b.document.docId ? -1 : 1)
  const tiers: Row[][] = []
  for (const row of rows.toSorted((a, b) => byKeys(a, b) || byId(a, b))) {
    const [previous] = tiers.at(-1) ?? []
    if (previous?.members !== undefined && byKeys(previous, row) === 0) tiers.at(-1)?.push(row)
    else tiers.push([row])
  }
  return tiers.map((of) => ({ count: of.length, of }))
}

interface OrderKey {
  readonly kind: KindShape
  readonly value: DocumentValue
  readonly isDescending: boolean
}

/** What a row is ordered by; a value of a related document is null where there is none. */
function orderKey(world: World, type: TypeShape, row: Row, name: string, direction: PlainOrder[string], aliasOf: AliasOf): OrderKey {
  if (typeof direction === 'string') {
    const kind = kindOf(type, name)
    if (kind === undefined) throw new Error(`the oracle cannot order by "${name}"`)
    return { kind, value: valueOf(world, type, row.document, name), isDescending: direction === 'DESC' }
  }
  const [[inner, innerDirection] = ['', 'ASC' as const]] = Object.entries(direction)
  if (name === '_alias') return aliasKey(row, inner, innerDirection, aliasOf)
  const side = relationNamed(type, name)
  const [other] = relatedTo(world, side, row.document)
  const target = targetOf(world, side)
  if (other !== undefined) return orderKey(world, target, { document: other }, inner, innerDirection, aliasOf)
  const nobody: PlainDocument = { docId: '', isDeleted: true, values: new Map() }
  return { ...orderKey(world, target, { document: nobody }, inner, innerDirection, aliasOf), value: null }
}

/** By what is selected; a member of it, as in `{ _alias: { writer: { age: 'ASC' } } }`, is compared as JSON is. */
function aliasKey(row: Row, key: string, direction: PlainOrder[string], aliasOf: AliasOf): OrderKey {
  let { kind, value } = aliasOf(row)(key)
  let last = direction
  while (typeof last !== 'string') {
    const [[member, next] = ['', 'ASC' as const]] = Object.entries(last)
    value = value === null ? null : ((value as Readonly<Record<string, DocumentValue>>)[member] ?? null)
    kind = { scalar: 'JSON', list: false }
    last = next
  }
  return { kind, value, isDescending: last === 'DESC' }
}

/** What is left of tiers between two positions. */
function cut(tiers: readonly Tier<Row>[], offset: number, limit = Number.POSITIVE_INFINITY): readonly Tier<Row>[] {
  let start = 0
  return tiers.flatMap(({ of }) => {
    const from = Math.max(start, offset)
    start += of.length
    const count = Math.min(start, offset + limit) - from
    return count <= 0 ? [] : [{ count, of }]
  })
}

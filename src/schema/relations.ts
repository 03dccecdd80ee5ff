import type { FieldDescription } from './collection-version.ts'
import type { DialectName } from './dialect-name.ts'
import type { DeclaredField, DeclaredType } from './declared-type.ts'
import type { RelationKind } from './kinds.ts'
import { schemaProblem } from './schema-problem.ts'
import { compareText } from '../util/bytes.ts'

/** One side of a relation: a field that is another document, or the list of them. */
export interface RelationSide {
  readonly type: DeclaredType
  readonly field: DeclaredField
  readonly kind: RelationKind
  readonly relationName: string
  /** The field on the other side, when there is one. */
  readonly other: { readonly type: DeclaredType; readonly field: DeclaredField } | undefined
  /** This side stores the ID: it says so, or nothing on the other side could. */
  readonly isPrimary: boolean
  /** The target only ever stands inside another document, so there is no ID to store. */
  readonly isTargetEmbedded: boolean
}

/** All relation sides of the types of one text, by type and field. @throws INVALID_SCHEMA when a relation lacks a side or has too many. */
export function completeRelations(types: readonly DeclaredType[]): ReadonlyMap<DeclaredField, RelationSide> {
  const typeByName = new Map(types.map((type) => [type.name, type]))
  const sides = types.flatMap((type) => type.fields.flatMap((field) => sideOf(type, field, typeByName)))
  for (const side of sides) checkSide(side, sides)
  return new Map(sides.map((side) => [side.field, side]))
}

/** The name of the field that holds the ID of a single relation: as it is stored, or as another dialect spells it. */
export function idFieldName(relation: string, dialect: DialectName = '0.19'): string {
  return ID_FIELDS[dialect](relation)
}

const ID_FIELDS: Readonly<Record<DialectName, (relation: string) => string>> = {
  '0.19': (relation) => `${relation}_id`,
  '1.0': (relation) => `_${relation}ID`,
}

/** The relation whose ID a field holds, on whichever side; `undefined` for any other field. */
export function relationOfId({ name, kind, relationName }: FieldDescription): string | undefined {
  if (relationName === undefined || kind.type === 'relation') return undefined
  const relation = name.slice(0, -idFieldName('').length)
  return idFieldName(relation) === name ? relation : undefined
}

/** The name of a relation that was given none: both type names in lower case in byte order, `author_book`. */
export function defaultRelationName(type: string, target: string): string {
  return [type.toLowerCase(), target.toLowerCase()].toSorted(compareText).join('_')
}

function sideOf(type: DeclaredType, field: DeclaredField, typeByName: ReadonlyMap<string, DeclaredType>): readonly RelationSide[] {
  const { kind } = field
  if (kind.type === 'value') return []
  const relationName = relationNameOf(type, field, kind)
  const target = typeByName.get(kind.collection)
  const counterpart = target?.fields.find(
    (candidate) =>
      candidate !== field &&
      candidate.kind.type === 'relation' &&
      candidate.kind.collection === type.name &&
      relationNameOf(target, candidate, candidate.kind) === relationName,
  )
  const other = target === undefined || counterpart === undefined ? undefined : { type: target, field: counterpart }
  const isPrimary = !kind.list && (field.isPrimary || other === undefined || other.field.kind.list !== false)
  return [{ type, field, kind, relationName, other, isPrimary, isTargetEmbedded: target?.isEmbeddedOnly === true }]
}

function relationNameOf(type: DeclaredType, field: DeclaredField, kind: RelationKind): string {
  return field.relationName ?? defaultRelationName(type.name, kind.collection)
}

function checkSide(side: RelationSide, sides: readonly RelationSide[]): void {
  const { type, field, kind, relationName, other, isPrimary } = side
  const clash = type.fields.find((candidate) => candidate.name === idFieldName(field.name))
  // On the other side nothing is stored under that name, so a value may have it.
  if (isPrimary && clash !== undefined && (clash.kind.type === 'relation' || clash.kind.name !== 'ID')) {
    const actual = clash.kind.type === 'relation' ? clash.kind.collection : clash.kind.name
    throw schemaProblem(
      `relational id field of invalid kind. Field: ${clash.name}, Expected: ID, Actual: ${actual}; it holds the ID of "${field.name}"`,
      clash.place,
    )
  }
  if (type.isEmbeddedOnly || side.isTargetEmbedded) return
  const fields = sides.filter((candidate) => candidate.relationName === relationName && isSamePair(candidate, side))
  if (fields.length > 2 && !fields.every((candidate) => candidate.other === undefined)) {
    const names = fields.map((candidate) => `${candidate.type.name}.${candidate.field.name}`).join(', ')
    throw schemaProblem(
      `the relation "${relationName}" has more than two fields: ${names}; give each pair a name with @relation(name: "…")`,
      field.place,
    )
  }
  if (kind.list && (other === undefined || other.field.kind.list !== false)) {
    const hint =
      other === undefined ? `"${kind.collection}" needs a field of type ${type.name}` : 'put a type between the two, with one field to each'
    throw schemaProblem(`relation missing field. Object: ${kind.collection}, RelationName: ${relationName}; ${hint}`, field.place)
  }
  if (kind.list || other === undefined || other.field.kind.list !== false) return
  if (field.isPrimary && other.field.isPrimary) {
    throw schemaProblem(`relation can only have a single field set as primary. RelationName: ${relationName}`, field.place)
  }
  if (!field.isPrimary && !other.field.isPrimary) {
    const here = `${type.name}.${field.name}`
    const there = `${other.type.name}.${other.field.name}`
    throw schemaProblem(
      `relation missing field. Object: ${type.name}, RelationName: ${relationName}; write @primary on ${here} or ${there}, the side that stores the ID`,
      field.place,
    )
  }
}

function isSamePair(a: RelationSide, b: RelationSide): boolean {
  return (
    (a.type.name === b.type.name && a.kind.collection === b.kind.collection) ||
    (a.type.name === b.kind.collection && a.kind.collection === b.type.name)
  )
}

import type { DocumentValue } from '../../schema/document-value.ts'
import type { Choices } from './choices.testkit.ts'
import { isSame } from './compare.testkit.ts'
import { passes, type PlainFilter } from './filters.testkit.ts'
import { NOBODY, randomValue } from './pools.testkit.ts'
import { randomFilter } from './random-filter.testkit.ts'
import { ID_KIND, typeNamed, type TypeShape } from './shape.testkit.ts'
import { documentsOf, type PlainDocument, type World } from './world.testkit.ts'

export type PlainValues = Readonly<Record<string, DocumentValue>>

/** A write that every database is asked for. */
export type Change =
  | { readonly kind: 'create'; readonly type: string; readonly values: PlainValues }
  | { readonly kind: 'update'; readonly type: string; readonly docId: string; readonly values: PlainValues }
  | { readonly kind: 'delete'; readonly type: string; readonly docId: string }
  | { readonly kind: 'updateMany'; readonly type: string; readonly filter: PlainFilter; readonly values: PlainValues }
  | { readonly kind: 'deleteMany'; readonly type: string; readonly filter: PlainFilter }

/** A change of a world, or none where a unique index or a relation of one to one would forbid it. */
export function randomChange(choices: Choices, world: World): Change | undefined {
  const type = choices.pick(world.shape.types)
  const kind = choices.pick(KINDS)
  const there = documentsOf(world, type.name)
  if (kind === 'create' || there.length === 0) {
    const values = randomValues(choices, world, type, { given: 85 })
    return isAllowed(world, type, undefined, values) ? { kind: 'create', type: type.name, values } : undefined
  }
  if (kind === 'deleteMany') return { kind, type: type.name, filter: randomFilter(choices, world, type, 1) }
  if (kind === 'updateMany') {
    const values = randomValues(choices, world, withoutUnique(type), { given: 30 })
    return { kind, type: type.name, filter: randomFilter(choices, world, type, 1), values }
  }
  const { docId } = choices.pick(there)
  if (kind === 'delete') return { kind, type: type.name, docId }
  const values = randomValues(choices, world, type, { given: 30 })
  return isAllowed(world, type, docId, values) ? { kind, type: type.name, docId, values } : undefined
}

/** Each as often as it stands here. */
const KINDS = [
  ...Array.from({ length: 10 }, () => 'create' as const),
  ...Array.from({ length: 5 }, () => 'update' as const),
  'updateMany',
  'delete',
  'delete',
  'deleteMany',
] as const

/** The IDs of the documents that a change is about; of a new document only the database knows it. */
export function changedIds(world: World, change: Exclude<Change, { readonly kind: 'create' }>): readonly string[] {
  if ('docId' in change) return [change.docId]
  const type = typeNamed(world.shape, change.type)
  return documentsOf(world, change.type)
    .filter((document) => passes(world, type, document, change.filter))
    .map(({ docId }) => docId)
}

/** The world after a change of these documents. */
export function changed(world: World, change: Change, docIds: readonly string[]): World {
  const before = world.documents.get(change.type) ?? []
  const created = docIds.map((docId): PlainDocument => ({ docId, isDeleted: false, values: new Map() }))
  const after = change.kind === 'create' ? [...before, ...created] : before
  const set = (document: PlainDocument): PlainDocument => {
    if (!docIds.includes(document.docId)) return document
    if (change.kind === 'delete' || change.kind === 'deleteMany') return { ...document, isDeleted: true }
    return { ...document, values: new Map([...document.values, ...Object.entries(change.values)]) }
  }
  return { ...world, documents: new Map([...world.documents, [change.type, after.map(set)]]) }
}

function randomValues(choices: Choices, world: World, type: TypeShape, { given }: { readonly given: number }): PlainValues {
  const values = choices.some(type.values, given).map((field): readonly [string, DocumentValue] => {
    return [field.name, choices.chance(12) ? null : randomValue(choices, field, field.size)]
  })
  const ids = choices.some(
    type.relations.filter(({ storesId }) => storesId),
    given,
  )
  const references = ids.map((side): readonly [string, DocumentValue] => {
    const others = documentsOf(world, side.target, { showDeleted: true }).map(({ docId }) => docId)
    return [`${side.name}_id`, choices.chance(15) ? null : choices.pick([...others, ...others, ...others, ...NOBODY])]
  })
  return Object.fromEntries([...values, ...references])
}

/** A type without what has to be different in each document, and so cannot be set in many at once. */
function withoutUnique(type: TypeShape): TypeShape {
  const unique = new Set(type.indexes.flatMap((index) => (index.unique ? index.fields.map(({ name }) => name) : [])))
  return {
    ...type,
    values: type.values.filter(({ name }) => !unique.has(name)),
    relations: type.relations.filter(({ name, isOneToOne }) => !isOneToOne && !unique.has(name)),
  }
}

/** Whether no other document has the same values in the fields of a unique index, or the same document in a relation of one to one. */
function isAllowed(world: World, type: TypeShape, docId: string | undefined, values: PlainValues): boolean {
  const all = world.documents.get(type.name) ?? []
  const before = all.find((document) => document.docId === docId)?.values ?? new Map<string, DocumentValue>()
  const after = new Map([...before, ...Object.entries(values)])
  const others = all.filter((document) => document.docId !== docId && !document.isDeleted)
  const stored = (name: string): string => (type.relations.some((side) => side.name === name) ? `${name}_id` : name)
  const unique = type.indexes.filter((index) => index.unique).map(({ fields }) => fields.map(({ name }) => stored(name)))
  const single = type.relations.filter(({ isOneToOne, storesId }) => isOneToOne && storesId).map(({ name }) => [stored(name)])
  const isTaken = (names: readonly string[], other: PlainDocument): boolean =>
    names.every((name) => {
      const { scalar } = typeNamed(world.shape, type.name).values.find((field) => field.name === name) ?? ID_KIND
      return isSame(scalar, after.get(name) ?? null, other.values.get(name) ?? null)
    })
  return (
    !unique.some((names) => others.some((other) => isTaken(names, other))) &&
    !single.some((names) => names.every((name) => typeof after.get(name) === 'string') && others.some((other) => isTaken(names, other)))
  )
}

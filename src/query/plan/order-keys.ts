import { compareScalars } from '../../document/value.ts'
import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import type { ValueKind } from '../../schema/kinds.ts'
import { didYouMean } from '../../util/did-you-mean.ts'
import { mapPaced } from '../../util/pacer.ts'
import { quote } from '../../util/quote.ts'
import type { QueryCollections, Relation } from '../collections.ts'
import type { KeptColumn } from '../columns/column.ts'
import { allOf } from '../filter/condition.ts'
import { isPlainObject } from '../filter/value-condition.ts'
import type { OrderKey } from '../nodes/node.ts'
import { fieldReader } from '../row.ts'
import { readRelated } from './read-rows.ts'

/** The column of a selected field by its key in the response, and the kind its values are compared by. */
export type ComputedField = (alias: string) => { readonly column: KeptColumn; readonly kind: ValueKind } | undefined

/** Compiles `order`: a list of objects with one field each; the first decides. @throws INVALID_REQUEST */
export function planOrder(
  collections: QueryCollections,
  collection: CollectionVersion,
  given: unknown,
  computed: ComputedField,
): readonly OrderKey[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : []
  return list.flatMap((entry) => {
    const named = oneMember(entry)
    return named === undefined || named.value === null ? [] : [planKey(collections, collection, named.name, named.value, computed)]
  })
}

function planKey(
  collections: QueryCollections,
  collection: CollectionVersion,
  name: string,
  value: unknown,
  computed: ComputedField,
): OrderKey {
  if (name === '_alias') return aliasKey(value, computed)
  const field = collection.fields.find((candidate) => candidate.name === name)
  const relation = field === undefined ? undefined : collections.relation(collection, field)
  if (field?.kind.type === 'relation' && relation !== undefined) {
    const named = oneMember(value)
    if (named === undefined) throw badOrder(`"${name}" needs a field of the related document, such as { ${name}: { _docID: ASC } }`)
    return relatedKey(
      relation,
      planKey(collections, relation.target, named.name, named.value, () => undefined),
    )
  }
  if (field === undefined || field.kind.type === 'relation') {
    throw badOrder(
      `"${collection.name}" has no field "${name}"${didYouMean(
        name,
        collection.fields.map((candidate) => candidate.name),
      )}`,
    )
  }
  const { scalar } = field.kind
  const isDescending = readDirection(value)
  const compare = (a: DocumentValue, b: DocumentValue): number => compareScalars(scalar, a, b)
  if (name === '_docID') return { isOfRow: true, isDescending, compare, read: (rows) => rows.map(({ docId }) => docId) }
  if (relation?.storedIn === 'target')
    return { ...relatedKey(relation, { isDescending, compare, read: (rows) => rows.map(({ docId }) => docId) }) }
  const read = fieldReader(name, field.kind)
  return { field: name, isOfRow: true, isDescending, compare, read: (rows, { pacer }) => mapPaced(rows, pacer, read) }
}

/** By a value of the related document; null where there is none. */
function relatedKey(relation: Relation, key: OrderKey): OrderKey {
  const { field: _, ...rest } = key
  const reading = { collection: relation.target, showDeleted: false, filter: allOf([]) }
  return {
    ...rest,
    isOfRow: false,
    joins: [{ relation, reading }],
    read: async (rows, execution) => {
      const related = await readRelated(relation, rows, reading, execution)
      const values = await key.read(related.flat(), execution)
      let index = 0
      return related.map((group) => {
        const value = group.length === 0 ? null : (values[index] ?? null)
        index += group.length
        return value
      })
    },
  }
}

/** By a selected field, or by a member of what is selected: `{ _alias: { writer: { age: ASC } } }`. */
function aliasKey(given: unknown, computed: ComputedField): OrderKey {
  const named = oneMember(given)
  if (named === undefined) throw badOrder('"_alias" names a selected field, such as { _alias: { total: ASC } }')
  const field = computed(named.name)
  if (field === undefined) throw badOrder(`nothing is selected under the name "${named.name}"; select it, or correct the name`)
  const { path, direction } = pathOf(named.value)
  const { column, kind } = field
  return {
    isDescending: readDirection(direction),
    isOfRow: column.isOfRow === true,
    compare: (a, b) => compareScalars(path.length === 0 ? kind.scalar : 'JSON', a, b),
    read: async (rows, execution) => {
      const cells = await column.read(rows, execution)
      return mapPaced(cells, execution.pacer, (cell) => memberAt(cell, path))
    },
  }
}

/** The members on the way to the direction: `{ age: ASC }` is `age`, then `ASC`. */
function pathOf(given: unknown): { readonly path: readonly string[]; readonly direction: unknown } {
  const path: string[] = []
  let direction = given
  while (isPlainObject(direction)) {
    const named = oneMember(direction)
    if (named === undefined) break
    path.push(named.name)
    direction = named.value
  }
  return { path, direction }
}

/** What a response holds are values, lists and objects of them; anything else counts as null. */
function memberAt(cell: unknown, path: readonly string[]): DocumentValue {
  let value = cell
  for (const name of path) value = isPlainObject(value) ? value[name] : null
  return (value ?? null) as DocumentValue
}

function oneMember(given: unknown): { readonly name: string; readonly value: unknown } | undefined {
  if (given === null || given === undefined) return undefined
  const members = isPlainObject(given) ? Object.entries(given) : []
  if (members.length > 1) {
    const list = members.map(([name, value]) => `{ ${name}: ${quote(value).replaceAll('"', '')} }`).join(', ')
    throw badOrder(`each order argument can only define one field; write a list: [${list}]`)
  }
  const [member] = members
  return member === undefined ? undefined : { name: member[0], value: member[1] }
}

function readDirection(value: unknown): boolean {
  if (value === 'ASC') return false
  if (value === 'DESC') return true
  throw badOrder(`a direction is ASC or DESC, not ${quote(value)}`)
}

function badOrder(reason: string): DatabaseError<'INVALID_REQUEST'> {
  return new DatabaseError('INVALID_REQUEST', `order: ${reason}`, {})
}

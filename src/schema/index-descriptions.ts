import type { CollectionVersion, FieldDescription, IndexDescription } from './collection-version.ts'
import type { AppliedDirective } from './directives.ts'
import type { DialectName } from './dialect-name.ts'
import type { DocumentValue } from './document-value.ts'
import { idFieldName, relationOfId } from './relations.ts'
import { schemaProblem, type SchemaPlace } from './schema-problem.ts'
import { DatabaseError } from '../errors.ts'
import { didYouMean } from '../util/did-you-mean.ts'
import { quote } from '../util/quote.ts'

/** An `@index` with the field it stands on; on a type there is none. */
export interface DeclaredIndex {
  readonly directive: AppliedDirective
  readonly field?: string
}

/** A field as far as an index is concerned: `indexed` is the field whose values it holds, absent where there are none. */
export interface IndexableField {
  readonly name: string
  /** What `includes` calls it, where that is not its name. */
  readonly written?: string
  readonly indexed: string | undefined
}

/** An index as a caller asks for it: without a name it gets the first free one. */
export interface IndexRequest {
  readonly name?: string
  readonly fields: readonly { readonly name: string; readonly descending?: boolean }[]
  readonly unique?: boolean
}

/** More fields than any query asks for; with more the room for each in a key would not hold a useful beginning of a text. */
export const MAX_INDEX_FIELDS = 16

/** The indexes of one collection, numbered from 1. A relation stands under its `_id` field. @throws INVALID_SCHEMA */
export function describeIndexes(
  collection: string,
  declared: readonly DeclaredIndex[],
  fields: readonly IndexableField[],
  place: SchemaPlace,
): readonly IndexDescription[] {
  const indexes: IndexDescription[] = []
  for (const { directive, field } of declared) {
    const here = { ...place, ...(field === undefined ? {} : { field }), node: directive.node }
    const indexed = indexedFields(directive, field, fields, here)
    const given = directive.values.get('name')
    const name = typeof given === 'string' ? given : freeName(collection, indexed, indexes)
    checkName(name, here)
    if (indexes.some((other) => other.name === name)) throw schemaProblem(`index with name already exists. Name: ${name}`, here)
    indexes.push({ name, id: indexes.length + 1, fields: indexed, unique: directive.values.get('unique') === true })
  }
  return indexes
}

/**
 * An index to add to a collection, of which `versions` are all there are: its number is one that none of them has.
 * @throws ALREADY_EXISTS when an index of the collection has its name, INVALID_SCHEMA, INVALID_ARGUMENT
 */
export function describeIndex(
  collection: CollectionVersion,
  versions: readonly CollectionVersion[],
  request: IndexRequest,
  dialect: DialectName,
): IndexDescription {
  const place = { type: collection.name }
  const given: unknown = request.fields
  if (!Array.isArray(given) || given.length === 0 || !given.every(isFieldRequest)) {
    const message = `an index names its fields, such as [{ name: "age", descending: true }], not ${quote(given)}`
    throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'fields', value: given })
  }
  const known = collection.fields.map((field) => ({ name: field.name, written: writtenName(field, dialect), indexed: indexedName(field) }))
  const fields = resolveFields(
    request.fields.map(({ name, descending }) => ({ name, descending: descending === true })),
    known,
    place,
  )
  const name = request.name === undefined || request.name === '' ? freeName(collection.name, fields, collection.indexes) : request.name
  checkName(name, place)
  if (collection.indexes.some((other) => other.name === name)) {
    const message = `index with name already exists. Name: ${name}; give the new index another name, or drop the old one`
    throw new DatabaseError('ALREADY_EXISTS', message, { what: 'index', id: name })
  }
  const ids = versions.filter(({ collectionId }) => collectionId === collection.collectionId).flatMap(({ indexes }) => indexes)
  return { name, id: 1 + Math.max(0, ...ids.map(({ id }) => id)), fields, unique: request.unique === true }
}

/** The index of a collection with this name. @throws NOT_FOUND */
export function namedIndex({ name: collection, indexes }: CollectionVersion, name: string): IndexDescription {
  const index = indexes.find((candidate) => candidate.name === name)
  if (index !== undefined) return index
  const names = indexes.map((candidate) => candidate.name)
  const known = names.length === 0 ? `; "${collection}" has no index` : didYouMean(name, names) || `; "${collection}" has ${listed(names)}`
  throw new DatabaseError('NOT_FOUND', `index with name doesn't exists. Name: ${name}${known}`, { what: 'index', id: name })
}

/** The field that holds what an index on `field` would: the ID of a relation; none on its other side. */
export function indexedName({ name, kind, isPrimary, relationName }: FieldDescription): string | undefined {
  if (relationName !== undefined && isPrimary !== true) return undefined
  return kind.type === 'relation' ? idFieldName(name) : name
}

/** What the schema language calls a field. */
export function writtenName(field: FieldDescription, dialect: DialectName): string {
  const relation = relationOfId(field)
  return relation === undefined ? field.name : idFieldName(relation, dialect)
}

function isFieldRequest(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'name' in entry && typeof entry.name === 'string'
}

function checkName(name: string, place: SchemaPlace): void {
  if (/^[_a-zA-Z]\w*$/.test(name)) return
  throw schemaProblem(`"${name}" is no name of an index; it starts with a letter and has letters, digits and underscores`, place)
}

/** The default name: `Users_age_ASC`, then `Users_age_ASC_2`. Always with the first field and `ASC`, whatever the index holds. */
function freeName(collection: string, fields: IndexDescription['fields'], taken: readonly IndexDescription[]): string {
  const first = `${collection}_${fields[0]?.name ?? ''}_ASC`
  let name = first
  for (let number = 2; taken.some((other) => other.name === name); number++) name = `${first}_${number}`
  return name
}

function indexedFields(
  directive: AppliedDirective,
  own: string | undefined,
  fields: readonly IndexableField[],
  place: SchemaPlace,
): IndexDescription['fields'] {
  const isDescending = directive.values.get('direction') === 'DESC'
  const includes = directive.values.get('includes')
  const listed = (Array.isArray(includes) ? includes : []).map((entry: DocumentValue) => readInclude(entry, isDescending, fields, place))
  const all = own === undefined || listed.some(({ name }) => name === own) ? listed : [{ name: own, descending: isDescending }, ...listed]
  if (all.length === 0) throw schemaProblem('"@index" on a type names its fields: @index(includes: [{ field: "…" }])', place)
  return resolveFields(all, fields, place)
}

function resolveFields(all: IndexDescription['fields'], fields: readonly IndexableField[], place: SchemaPlace): IndexDescription['fields'] {
  if (all.length > MAX_INDEX_FIELDS) throw schemaProblem(`the index has ${all.length} fields; the most is ${MAX_INDEX_FIELDS}`, place)
  const resolved = all.map(({ name, descending }) => ({ name: resolveField(name, fields, place), descending }))
  const twice = resolved.find(({ name }, position) => resolved.findIndex((other) => other.name === name) !== position)
  if (twice !== undefined) throw schemaProblem(`the index has the field "${twice.name}" twice`, place)
  return resolved
}

function readInclude(
  entry: DocumentValue,
  isDescending: boolean,
  fields: readonly IndexableField[],
  place: SchemaPlace,
): { readonly name: string; readonly descending: boolean } {
  const members = typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? Object.entries(entry) : []
  const unknown = members.find(([name]) => name !== 'field' && name !== 'direction')
  if (unknown !== undefined)
    throw schemaProblem(`an entry of "includes" has no "${unknown[0]}"${didYouMean(unknown[0], ['field', 'direction'])}`, place)
  const name = new Map(members).get('field')
  const direction = new Map(members).get('direction')
  if (typeof name !== 'string') throw schemaProblem('each entry of "includes" names a field: { field: "…" }', place)
  if (direction !== undefined && direction !== 'ASC' && direction !== 'DESC') throw schemaProblem('"direction" is ASC or DESC', place)
  return { name: includedField(name, fields, place), descending: direction === undefined ? isDescending : direction === 'DESC' }
}

/** The name of the field that is written like this; what is none is refused where names are resolved. */
function includedField(written: string, fields: readonly IndexableField[], place: SchemaPlace): string {
  const field = fields.find((candidate) => (candidate.written ?? candidate.name) === written)
  const renamed = field === undefined ? fields.find(({ name }) => name === written)?.written : undefined
  if (renamed !== undefined) throw schemaProblem(`there is no field "${written}" to index; in this dialect it is "${renamed}"`, place)
  return field?.name ?? written
}

function resolveField(name: string, fields: readonly IndexableField[], place: SchemaPlace): string {
  const field = fields.find((candidate) => candidate.name === name)
  if (field === undefined) {
    const known = fields.map((candidate) => candidate.written ?? candidate.name)
    throw schemaProblem(
      `creating an index on a non-existing property. Property: ${name}${didYouMean(name, known) || `; there are ${listed(known)}`}`,
      place,
    )
  }
  if (field.indexed === undefined) throw schemaProblem(`"${name}" holds no values to index: the other side of the relation has them`, place)
  return field.indexed
}

/** Enough names to recognize one by. */
const MOST_LISTED = 8

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).map((name) => `"${name}"`)
  return shown.join(', ') + (names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : '')
}

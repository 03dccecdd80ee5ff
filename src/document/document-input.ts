import { DatabaseError } from '../errors.ts'
import type { CollectionVersion, FieldDescription } from '../schema/collection-version.ts'
import { UTC_NOW } from '../schema/default-value.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import type { RelationKind, ValueKind } from '../schema/kinds.ts'
import { didYouMean } from '../util/did-you-mean.ts'
import { quote } from '../util/quote.ts'
import { isDocId } from './document-id.ts'
import type { FieldValues } from './field-values.ts'
import { isList } from './json-value.ts'
import { parseValue } from './value.ts'

/**
 * Reads what a caller passed as a document (`create`) or a patch (`update`) of `collection`: a plain object of values by field name. Every value comes out in
 * the form of its field's kind; a relation `x` comes out as `x_id`. Fields that were not passed, or passed as `undefined`, stay absent: see `withDefaults`.
 *
 * @throws INVALID_DOCUMENT naming the field and quoting the value.
 */
export function parseDocument(collection: CollectionVersion, input: unknown, purpose: 'create' | 'update'): FieldValues {
  if (collection.isEmbeddedOnly) {
    const message = `"${collection.name}" only stands inside other documents; it has none of its own`
    throw new DatabaseError('INVALID_DOCUMENT', message, { collection: collection.name })
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const word = purpose === 'create' ? 'a document' : 'a patch'
    const message = `${word} of "${collection.name}" is an object of values by field name, not ${quote(input)}`
    throw new DatabaseError('INVALID_DOCUMENT', message, { collection: collection.name, value: input })
  }
  const fieldByName = new Map(collection.fields.map((field) => [field.name, field]))
  const values = new Map<string, DocumentValue>()
  for (const [name, given] of Object.entries(input) as [string, unknown][]) {
    if (given === undefined) continue
    const field = fieldByName.get(name)
    if (field === undefined) throw unknownField(collection, name, given)
    const target = storedField(collection, field, fieldByName, given)
    if (values.has(target.name)) {
      throw misfit(collection, name, given, `"${target.name}" is given twice, also as its relation; give one of them`)
    }
    values.set(target.name, readValue(collection, field, target, given))
  }
  return values
}

/** The values of a new document: those given, and the default of every field that was not given (an explicit null counts as given). */
export function withDefaults(collection: CollectionVersion, values: FieldValues, now: () => Date = () => new Date()): FieldValues {
  const complete = new Map(values)
  for (const { name, kind, defaultValue } of collection.fields) {
    if (defaultValue === undefined || kind.type === 'relation' || complete.has(name)) continue
    const standard = kind.scalar === 'DateTime' && defaultValue === UTC_NOW ? now().toISOString() : defaultValue
    complete.set(name, parseValue(kind, standard, { collection: collection.name, field: name }))
  }
  return complete
}

interface StoredField extends FieldDescription {
  readonly kind: ValueKind
}

/** The field that holds the value: `x_id` for a relation `x`, else the field itself. */
function storedField(
  collection: CollectionVersion,
  field: FieldDescription,
  fieldByName: ReadonlyMap<string, FieldDescription>,
  given: unknown,
): StoredField {
  if (field.name === '_docID') {
    throw misfit(collection, field.name, given, '"_docID" cannot be set: the ID of a document follows from its first content')
  }
  if (field.relationName !== undefined && field.isPrimary !== true) {
    throw misfit(
      collection,
      field.name,
      given,
      `cannot set relation from secondary side. Field: ${field.name}; ${whereToSet(collection, field)}`,
    )
  }
  const stored = field.kind.type === 'relation' ? fieldByName.get(`${field.name}_id`) : field
  if (stored === undefined || !holdsValue(stored)) {
    throw misfit(collection, field.name, given, `"${field.name}" stands inside other documents and cannot be written`)
  }
  return stored
}

function holdsValue(field: FieldDescription): field is StoredField {
  return field.kind.type === 'value'
}

function whereToSet(collection: CollectionVersion, field: FieldDescription): string {
  const relation = collection.fields.find(isRelationOf(field))
  return `set it on the ${relation?.kind.collection ?? 'other'} document, which stores the ID of the ${collection.name}`
}

/** The relation a field belongs to: itself, or the one whose `_id` it is. */
function isRelationOf({
  name,
}: FieldDescription): (field: FieldDescription) => field is FieldDescription & { readonly kind: RelationKind } {
  return (field): field is FieldDescription & { readonly kind: RelationKind } =>
    field.kind.type === 'relation' && (field.name === name || `${field.name}_id` === name)
}

function readValue(collection: CollectionVersion, field: FieldDescription, target: StoredField, given: unknown): DocumentValue {
  const value = parseValue(target.kind, given, { collection: collection.name, field: field.name })
  if (value === null) return null
  if (target.relationName !== undefined && (typeof value !== 'string' || !isDocId(value))) {
    const takes = `"${field.name}" takes the ID of a document, such as "bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3"`
    throw misfit(collection, field.name, given, `${takes}${lengthFault(value)}`)
  }
  if (target.size !== undefined && isList(value) && value.length !== target.size) {
    const sizes = `Field: ${field.name}, Expected: ${target.size}, Actual: ${value.length}`
    throw misfit(collection, field.name, given, `array size mismatch. ${sizes}`)
  }
  return value
}

/** Part of an ID is a frequent mistake; in the words of DefraDB. */
function lengthFault(value: DocumentValue): string {
  const uuid = typeof value === 'string' ? (/^bae-(.*)$/s.exec(value)?.[1] ?? '') : ''
  return uuid === '' || uuid.length === 36 ? '' : `; uuid: incorrect UUID length ${uuid.length} in string ${quote(uuid)}`
}

function unknownField(collection: CollectionVersion, name: string, value: unknown): DatabaseError {
  const known = collection.fields.map((field) => field.name).filter((field) => field !== '_docID')
  const message = `the given field does not exist. Name: ${name}, Collection: ${collection.name}${didYouMean(name, known)}`
  return new DatabaseError('INVALID_DOCUMENT', message, { collection: collection.name, field: name, value })
}

function misfit(collection: CollectionVersion, field: string, value: unknown, reason: string): DatabaseError {
  const message = `${reason} (collection "${collection.name}", given ${quote(value)})`
  return new DatabaseError('INVALID_DOCUMENT', message, { collection: collection.name, field, value })
}

import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { FieldValues } from './field-values.ts'

/**
 * Reads what a caller passed as a document (`create`) or a patch (`update`) of `collection`: a plain object of values by field name. Every value comes out in
 * the form of its field's kind; a relation `x` comes out as `x_id`. Fields that were not passed stay absent: see `withDefaults`.
 *
 * @throws INVALID_DOCUMENT naming the field and quoting the value.
 */
export function parseDocument(_collection: CollectionVersion, _input: unknown, _purpose: 'create' | 'update'): FieldValues {
  throw new DatabaseError('UNSUPPORTED', 'documents cannot be read yet', { feature: 'documents' })
}

/** The values of a new document: those given, and the default of every field that was not given (an explicit null counts as given). */
export function withDefaults(_collection: CollectionVersion, _values: FieldValues): FieldValues {
  throw new DatabaseError('UNSUPPORTED', 'documents cannot be read yet', { feature: 'documents' })
}

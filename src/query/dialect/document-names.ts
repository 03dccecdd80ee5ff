import { parseDocument } from '../../document/document-input.ts'
import type { FieldValues } from '../../document/field-values.ts'
import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { DialectName } from '../../schema/dialect-name.ts'
import { isPlainObject } from '../filter/value-condition.ts'
import { DIALECTS } from './dialect.ts'
import { createWording } from './wording.ts'
import { fieldWord } from './words.ts'

/** The documents of one collection as a dialect names their fields, where they are plain objects and no requests. */
export interface DocumentNames {
  /** Reads a document or a patch. @throws INVALID_DOCUMENT in the words of the dialect */
  parse(input: unknown, purpose: 'create' | 'update'): FieldValues
  /** The name under which a field is shown. */
  shown(field: string): string
}

export function documentNames(name: DialectName, collection: CollectionVersion): DocumentNames {
  const dialect = DIALECTS[name]
  if (dialect.isCanonical) return { parse: (input, purpose) => parseDocument(collection, input, purpose), shown: (field) => field }
  const word = fieldWord(dialect, collection)
  const shown = (field: string): string => word(field) ?? field
  const renamed = new Map(collection.fields.flatMap((field) => (shown(field.name) === field.name ? [] : [[shown(field.name), field.name]])))
  const toOwn = ([key, value]: readonly [string, unknown]): readonly [string, unknown] => {
    const wanted = shown(key)
    if (wanted === key || value === undefined) return [renamed.get(key) ?? key, value]
    const message = `the given field does not exist. Name: ${key}, Collection: ${collection.name}; in dialect ${name} it is "${wanted}"`
    throw new DatabaseError('INVALID_DOCUMENT', message, { collection: collection.name, field: key, value })
  }
  return {
    shown,
    parse: (input, purpose) => {
      const own = isPlainObject(input) ? Object.fromEntries(Object.entries(input).map(toOwn)) : input
      try {
        return parseDocument(collection, own, purpose)
      } catch (error) {
        throw createWording(dialect, [collection]).failure(error)
      }
    },
  }
}

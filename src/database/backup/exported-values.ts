import type { FieldValues } from '../../document/field-values.ts'
import type { DocumentRecord } from '../../document/record.ts'
import { decodeValue } from '../../document/value.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { DocumentValue } from '../../schema/document-value.ts'

/**
 * What an export has of a document: the fields that were ever set. A field that an import would fill by itself, by a default or an embedding, has an explicit null where
 * the document has no value, so that it stays as it is.
 */
export function exportedValues(collection: CollectionVersion, record: DocumentRecord): FieldValues {
  const values = new Map<string, DocumentValue>()
  for (const { name, kind, relationName, isPrimary, defaultValue, embedding } of collection.fields) {
    const isElsewhere = relationName !== undefined && isPrimary !== true
    if (kind.type !== 'value' || name === '_docID' || isElsewhere) continue
    const field = record.fields.get(name)
    if (field !== undefined) values.set(name, decodeValue(kind, field.data))
    else if (defaultValue !== undefined || embedding !== undefined) values.set(name, null)
  }
  return values
}

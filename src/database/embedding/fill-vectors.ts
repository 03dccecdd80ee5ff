import { buildCommit } from '../../dag/append.ts'
import { mergeCommit } from '../../dag/merge.ts'
import type { FieldValues } from '../../document/field-values.ts'
import type { DocumentRecord } from '../../document/record.ts'
import { decodeValue } from '../../document/value.ts'
import type { CollectionVersion, EmbeddingDescription, FieldDescription } from '../../schema/collection-version.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import { templateParts } from '../../schema/embedding-template.ts'
import type { Vectors } from './vectors.ts'

interface EmbeddingField extends FieldDescription {
  readonly embedding: EmbeddingDescription
}

/** The fields of a collection whose values are made from those of others. */
export function embeddingFields({ fields }: CollectionVersion): readonly EmbeddingField[] {
  return fields.filter((field): field is EmbeddingField => field.embedding !== undefined)
}

/** The values of a new document (with defaults) and the vectors that were not given; none where there is nothing to embed. */
export function withNewVectors(collection: CollectionVersion, values: FieldValues, vectors: Vectors): FieldValues {
  const complete = new Map(values)
  for (const field of embeddingFields(collection)) {
    if (values.has(field.name)) continue
    const text = textOf(field.embedding, (name) => values.get(name) ?? null)
    const vector = text === undefined ? undefined : vectors.find({ collection, field, embedding: field.embedding, text })
    if (vector !== undefined) complete.set(field.name, vector)
  }
  return complete
}

/**
 * A patch and the vectors that change with it: those of which a field is in the patch, and which are not there themselves. The text is that of the document as the
 * patch leaves it, counters included. Where nothing is left to embed, an old vector goes.
 */
export function withChangedVectors(
  collection: CollectionVersion,
  docId: string,
  record: DocumentRecord,
  patch: FieldValues,
  vectors: Vectors,
): FieldValues {
  const touched = embeddingFields(collection).filter(
    ({ name, embedding }) => !patch.has(name) && embedding.fields.some((source) => patch.has(source)),
  )
  if (touched.length === 0) return patch
  const after = recordAfter(collection, docId, record, patch)
  const complete = new Map(patch)
  for (const field of touched) {
    const text = textOf(field.embedding, (name) => valueIn(collection, after, name))
    const vector = text === undefined ? null : vectors.find({ collection, field, embedding: field.embedding, text })
    const isNews = vector !== null || valueIn(collection, record, field.name) !== null
    if (vector !== undefined && isNews) complete.set(field.name, vector)
  }
  return complete
}

/** What the patch makes of a document. The nonce does not matter: nothing of this is stored. */
function recordAfter(collection: CollectionVersion, docId: string, record: DocumentRecord, patch: FieldValues): DocumentRecord {
  return mergeCommit(
    collection,
    record,
    buildCommit(collection, docId, record, { kind: 'write', values: patch }, () => 1n),
  )
}

function valueIn(collection: CollectionVersion, record: DocumentRecord, name: string): DocumentValue {
  const kind = collection.fields.find((field) => field.name === name)?.kind
  const stored = record.fields.get(name)
  return kind?.type !== 'value' || stored === undefined ? null : decodeValue(kind, stored.data)
}

/** The text to embed: the values, one a line, or the template with the values in it. `undefined` when no field has a value. */
function textOf({ fields, template }: EmbeddingDescription, valueOf: (name: string) => DocumentValue): string | undefined {
  const textByField = new Map(fields.map((name) => [name, valueOf(name)] as const).map(([name, value]) => [name, asText(value)]))
  const texts = [...textByField.values()].filter((text) => text !== '')
  if (texts.length === 0) return undefined
  if (template === undefined) return texts.join('\n')
  return templateParts(template)
    .map((part) => (part.kind === 'text' ? part.text : (textByField.get(part.name) ?? '')))
    .join('')
}

/** Only single values are embedded, never JSON, and each of them is a text or has an obvious one. */
function asText(value: DocumentValue): string {
  return typeof value === 'object' ? '' : String(value)
}

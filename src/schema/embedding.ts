import type { EmbeddingDescription } from './collection-version.ts'
import type { AppliedDirective } from './directives.ts'
import { templateFault } from './embedding-template.ts'
import type { FieldKind } from './kinds.ts'
import { schemaProblem, type SchemaPlace } from './schema-problem.ts'
import { didYouMean } from '../util/did-you-mean.ts'

/** A field as far as embeddings are concerned. */
interface EmbeddableField {
  readonly name: string
  readonly kind: FieldKind
  readonly embedding?: EmbeddingDescription
}

const VECTOR_KINDS = ['[Float32!]', '[Float64!]']

/** What `@embedding` says, unchecked. */
export function readEmbedding(directive: AppliedDirective): EmbeddingDescription {
  const text = (name: string): string => {
    const value = directive.values.get(name)
    return typeof value === 'string' ? value : ''
  }
  const fields = directive.values.get('fields')
  return {
    provider: text('provider'),
    model: text('model'),
    ...(text('url') === '' ? {} : { url: text('url') }),
    ...(text('template') === '' ? {} : { template: text('template') }),
    fields: Array.isArray(fields) ? fields.map(String) : [],
  }
}

/** Whether a vector can be made for `field` from its siblings; making it is not the schema's matter. @throws INVALID_SCHEMA */
export function checkEmbedding(
  embedding: EmbeddingDescription,
  field: EmbeddableField,
  siblings: readonly EmbeddableField[],
  place: SchemaPlace,
): void {
  if (!isVector(field.kind)) {
    throw schemaProblem(`invalid type for vector embedding. Field: ${field.name}; it must be ${VECTOR_KINDS.join(' or ')}`, place)
  }
  for (const name of embedding.fields) {
    const source = siblings.find((candidate) => candidate.name === name)
    if (source === undefined) {
      const known = siblings.map((candidate) => candidate.name)
      throw schemaProblem(`the given field does not exist. Embedding generation field: ${name}${didYouMean(name, known)}`, place)
    }
    if (source.embedding !== undefined) {
      throw schemaProblem(`embedding fields cannot refer to self or another embedding field. Field: ${name}`, place)
    }
    if (!isSourceOfVectors(source.kind)) {
      throw schemaProblem(`invalid field type for vector embedding generation. Field: ${name}; it must be a single scalar`, place)
    }
  }
  const missing = [
    ['Fields', embedding.fields.length],
    ['Provider', embedding.provider.length],
    ['Model', embedding.model.length],
  ].find(([, length]) => length === 0)
  if (missing !== undefined) throw schemaProblem(`embedding ${missing[0]} cannot be empty. Field: ${field.name}`, place)
  const fault = embedding.template === undefined ? undefined : templateFault(embedding.template, embedding.fields)
  if (fault !== undefined) throw schemaProblem(`${fault}. Field: ${field.name}`, place)
}

/** Whether a field of this kind can hold the vector. */
export function isVector(kind: FieldKind): boolean {
  return kind.type === 'value' && VECTOR_KINDS.includes(kind.name)
}

/** Whether a vector can be made from the value of such a field. */
export function isSourceOfVectors(kind: FieldKind): boolean {
  return kind.type === 'value' && kind.list === false && kind.scalar !== 'JSON'
}

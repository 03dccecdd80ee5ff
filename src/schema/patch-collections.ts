import { collectionToJson, parseCollectionJson, type PatchedCollection, type VectorEmbedding } from './collection-json.ts'
import { COLLECTION_RULES } from './collection-rules.ts'
import type { CollectionVersion, EmbeddingDescription, FieldDescription } from './collection-version.ts'
import { applyJsonPatch, isSameJson, parseJsonPatch } from './json-patch.ts'
import { patchProblem } from './patch-problem.ts'
import { DatabaseError } from '../errors.ts'

/**
 * Changes the local part of collections by a JSON patch over `{ <version ID>: <collection> }` of all versions, active or not. A version can be activated or put
 * out of use, and its vector embeddings can change; everything else is fixed once it is there. Gives the versions that change.
 *
 * @throws INVALID_SCHEMA with every fault on a line of its own; UNSUPPORTED for a transform between versions.
 */
export function patchCollections(versions: readonly CollectionVersion[], patch: unknown): readonly CollectionVersion[] {
  const document = Object.fromEntries(versions.map((version) => [version.versionId, collectionToJson(version, versions)]))
  const patched = Object.values(Object(applyJsonPatch(document, parseJsonPatch(patch)))).map(parseCollectionJson)
  const faults = COLLECTION_RULES.flatMap((rule) => rule({ before: versions, after: patched }))
  if (faults.length > 0) throw patchProblem(faults)
  const patchedById = new Map(patched.map((after) => [after.versionId, after]))
  return versions.flatMap((before) => {
    const after = patchedById.get(before.versionId)
    return after === undefined || isUnchanged(before, after, versions) ? [] : [changed(before, after)]
  })
}

function isUnchanged(before: CollectionVersion, after: PatchedCollection, versions: readonly CollectionVersion[]): boolean {
  if (after.sources.some(({ hasTransform }) => hasTransform)) {
    throw new DatabaseError(
      'UNSUPPORTED',
      `"Transform" is not supported: documents are not migrated between versions of "${before.name}"`,
      {
        feature: 'migrations',
      },
    )
  }
  return after.isActive === before.isActive && isSameJson(collectionToJson(before, versions).VectorEmbeddings, after.embeddings)
}

function changed(before: CollectionVersion, { isActive, embeddings }: PatchedCollection): CollectionVersion {
  const embeddingByField = new Map(embeddings.map((embedding) => [embedding.FieldName, embedding]))
  const fields = before.fields.map((field): FieldDescription => {
    const { embedding: given, ...rest } = field
    const embedding = embeddingByField.get(field.name)
    if (embedding !== undefined) return { ...rest, embedding: describeEmbedding(embedding) }
    return given === undefined ? field : rest
  })
  return Object.freeze({ ...before, isActive, fields })
}

function describeEmbedding({ Fields, Provider, Model, URL, Template }: VectorEmbedding): EmbeddingDescription {
  return {
    provider: Provider,
    model: Model,
    ...(URL === '' ? {} : { url: URL }),
    ...(Template === '' ? {} : { template: Template }),
    fields: Fields,
  }
}

import { collectionToJson, type PatchedCollection, type VectorEmbedding } from './collection-json.ts'
import type { CollectionVersion, FieldDescription } from './collection-version.ts'
import { templateFault } from './embedding-template.ts'
import { isSourceOfVectors, isVector } from './embedding.ts'
import { isSameJson } from './json-patch.ts'
import { patchFault } from './patch-problem.ts'

/** All versions before and after a patch. */
export interface PatchedCollections {
  readonly before: readonly CollectionVersion[]
  readonly after: readonly PatchedCollection[]
}

/** What a collection patch must not do; one message for each case. */
type CollectionsRule = (patched: PatchedCollections) => readonly string[]

/** The same for one version that is there before and after. */
type VersionRule = (before: CollectionVersion, after: PatchedCollection, versions: readonly CollectionVersion[]) => readonly string[]

/** The rules of a collection patch, in the order in which their messages come. */
export const COLLECTION_RULES: readonly CollectionsRule[] = [
  ofVersion((before, after) => {
    const sources = before.previousVersionId === undefined ? [] : [before.previousVersionId]
    const place = { CollectionID: after.versionId }
    if (sources.length !== after.sources.length) return [patchFault('collection sources cannot be added or removed', place)]
    return after.sources
      .filter(({ versionId }, index) => versionId !== sources[index])
      .map(({ versionId }, index) =>
        patchFault('collection source ID cannot be mutated', {
          ...place,
          NewCollectionSourceID: versionId,
          OldCollectionSourceID: sources[index] ?? '',
        }),
      )
  }),
  unchanged('Indexes', 'collection indexes cannot be mutated'),
  unchanged('Fields', 'collection fields cannot be mutated'),
  unchanged('Policy', 'collection policy cannot be mutated'),
  ({ after }) => after.filter(({ versionId }) => versionId === '').map(() => 'collection ID cannot be empty'),
  ({ after }) =>
    repeated(after, ({ versionId }) => versionId).map(({ versionId }) => patchFault('collection already exists', { ID: versionId })),
  ofVersion((before, after) =>
    after.collectionId === before.collectionId ? [] : [patchFault('collection ID cannot be mutated', { CollectionID: after.versionId })],
  ),
  ({ after }) =>
    repeated(
      after.filter(({ isActive }) => isActive),
      ({ collectionId }) => collectionId,
    ).map(({ name, collectionId }) =>
      patchFault('multiple versions of same collection cannot be active', { Name: name, Root: collectionId }),
    ),
  ({ before, after }) =>
    after
      .filter(({ versionId }) => before.every((version) => version.versionId !== versionId))
      .map(({ name, versionId }) => patchFault('adding collections via patch is not supported', { Name: name, ID: versionId })),
  ({ before, after }) =>
    before
      .filter(({ versionId }) => after.every((version) => version.versionId !== versionId))
      .map(({ versionId }) => patchFault('collections cannot be deleted', { CollectionID: versionId })),
  ofVersion((before, after) =>
    after.isBranchable === before.isBranchable ? [] : [patchFault('mutating IsBranchable is not supported', { Collection: before.name })],
  ),
  ofVersion((before, after) =>
    after.isEmbeddedOnly === before.isEmbeddedOnly
      ? []
      : [patchFault('mutating IsEmbeddedOnly is not supported', { Collection: before.name })],
  ),
  ({ after }) =>
    repeated(
      after.filter(({ isActive }) => isActive),
      ({ name }) => name,
    ).map(({ name }) => patchFault('collection already exists', { Name: name })),
  // A collection that is not there before has no schema either.
  ({ before, after }) =>
    after.filter(({ versionId }) => before.every((version) => version.versionId !== versionId)).map(() => "schema name can't be empty"),
  ({ after }) => after.filter(({ name }) => name === '').map(() => "collection name can't be empty"),
  ofVersion((before, after) =>
    after.name === before.name || after.name === ''
      ? []
      : [patchFault('collection name cannot be mutated', { NewName: after.name, OldName: before.name })],
  ),
  ofVersion((before, after) =>
    after.isMaterialized || !before.isMaterialized
      ? []
      : [patchFault('non-materialized collections are not supported', { Collection: before.name })],
  ),
  ofVersion((before, after) => after.embeddings.flatMap((embedding) => vectorFaults(embedding, before.fields))),
  ofVersion((before, after) => after.embeddings.flatMap((embedding) => sourceFaults(embedding, after.embeddings, before.fields))),
  ofVersion((_before, after) =>
    after.embeddings.flatMap(({ Provider, Model, Template, Fields }) => [
      ...(Provider === '' ? ['embedding Provider cannot be empty'] : []),
      ...(Model === '' ? ['embedding Model cannot be empty'] : []),
      ...[templateFault(Template, Fields)].filter((fault) => fault !== undefined),
    ]),
  ),
  ofVersion((_before, { embeddings }) =>
    repeated(embeddings, ({ FieldName }) => FieldName)
      .filter(({ FieldName }) => FieldName !== '')
      .map(({ FieldName }) => patchFault('a field can have one embedding', { Field: FieldName })),
  ),
]

function ofVersion(rule: VersionRule): CollectionsRule {
  return ({ before, after }) =>
    after.flatMap((patched) => {
      const version = before.find(({ versionId }) => versionId === patched.versionId)
      return version === undefined ? [] : rule(version, patched, before)
    })
}

function unchanged(member: 'Fields' | 'Indexes' | 'Policy', reason: string): CollectionsRule {
  return ofVersion((before, after, versions) => {
    const isSame = isSameJson(collectionToJson(before, versions)[member], after.json.get(member))
    return isSame ? [] : [patchFault(reason, { CollectionID: after.versionId })]
  })
}

/** Everything but the first of those that have the same key. */
function repeated<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return items.filter((item, index) => items.findIndex((other) => keyOf(other) === keyOf(item)) !== index)
}

function vectorFaults({ FieldName }: VectorEmbedding, fields: readonly FieldDescription[]): readonly string[] {
  if (FieldName === '') return ['embedding FieldName cannot be empty']
  const field = fields.find(({ name }) => name === FieldName)
  if (field === undefined) return [patchFault('the given field does not exist', { 'Vector field': FieldName })]
  return isVector(field.kind) ? [] : [patchFault('invalid type for vector embedding', { Actual: kindName(field) })]
}

function sourceFaults(
  { Fields }: VectorEmbedding,
  embeddings: readonly VectorEmbedding[],
  fields: readonly FieldDescription[],
): readonly string[] {
  if (Fields.length === 0) return ['embedding Fields cannot be empty']
  return Fields.flatMap((name) => {
    const field = fields.find((candidate) => candidate.name === name)
    const circular = embeddings
      .filter(({ FieldName }) => FieldName === name)
      .map(() => patchFault('embedding fields cannot refer to self or another embedding field', { Field: name }))
    if (field === undefined) return [...circular, patchFault('the given field does not exist', { 'Embedding generation field': name })]
    if (isSourceOfVectors(field.kind)) return circular
    return [...circular, patchFault('invalid field type for vector embedding generation', { Actual: kindName(field) })]
  })
}

function kindName({ kind }: FieldDescription): string {
  return kind.type === 'value' ? kind.name : kind.collection
}

import type { CollectionKind, CollectionVersion, EmbeddingDescription, FieldDescription, SelfKind } from './collection-version.ts'
import type { DocumentValue } from './document-value.ts'
import { indexToJson, type CollectionIndexDescription } from './index-json.ts'
import { flagOf, listOf, membersOf, textOf } from './json-members.ts'
import { patchProblem } from './patch-problem.ts'
import { kindToTarget } from './schema-id.ts'
import { quote } from '../util/quote.ts'

/** The local part of a collection version, in the form that patches and DefraDB's API have for it. */
export interface CollectionDescription {
  readonly VersionID: string
  readonly CollectionID: string
  readonly Name: string
  readonly IsActive: boolean
  readonly IsMaterialized: boolean
  readonly IsBranchable: boolean
  readonly IsEmbeddedOnly: boolean
  /** The version this one was patched from. */
  readonly Sources: readonly { readonly SourceCollectionID: string; readonly Transform: null }[]
  readonly Fields: readonly CollectionFieldDescription[]
  readonly Indexes: readonly CollectionIndexDescription[]
  readonly Policy: null
  readonly VectorEmbeddings: readonly VectorEmbedding[]
}

interface CollectionFieldDescription {
  readonly Name: string
  /** Only for the fields of a relation; the kind of a value stands in the schema. */
  readonly Kind: number | CollectionKind | SelfKind | null
  readonly RelationName: string | null
  readonly DefaultValue: DocumentValue
  readonly Size: number
}

/** How the vector of one field is made from others. */
export interface VectorEmbedding {
  readonly FieldName: string
  readonly Fields: readonly string[]
  readonly Provider: string
  readonly Model: string
  readonly URL: string
  readonly Template: string
}

/** A collection version as JSON; `versions` are all that are there, among them the targets of its relations. */
export function collectionToJson(version: CollectionVersion, versions: readonly CollectionVersion[]): CollectionDescription {
  const { previousVersionId, fields, indexes } = version
  return {
    VersionID: version.versionId,
    CollectionID: version.collectionId,
    Name: version.name,
    IsActive: version.isActive,
    IsMaterialized: version.isMaterialized,
    IsBranchable: version.isBranchable,
    IsEmbeddedOnly: version.isEmbeddedOnly,
    Sources: previousVersionId === undefined ? [] : [{ SourceCollectionID: previousVersionId, Transform: null }],
    Fields: fields.map((field) => fieldToJson(field, version, versions)),
    Indexes: indexes.map(indexToJson),
    Policy: null,
    VectorEmbeddings: fields.flatMap(({ name, embedding }) => (embedding === undefined ? [] : [embeddingToJson(name, embedding)])),
  }
}

/** A collection version as it comes out of a patch: what may change is read, the rest is compared as it is. */
export interface PatchedCollection {
  readonly versionId: string
  readonly collectionId: string
  readonly name: string
  readonly isActive: boolean
  readonly isMaterialized: boolean
  readonly isBranchable: boolean
  readonly isEmbeddedOnly: boolean
  /** The IDs of the versions it comes from; empty for a source of another kind. */
  readonly sources: readonly { readonly versionId: string; readonly hasTransform: boolean }[]
  readonly embeddings: readonly VectorEmbedding[]
  /** `Fields`, `Indexes` and `Policy`. */
  readonly json: ReadonlyMap<string, unknown>
}

const MEMBERS: readonly (keyof CollectionDescription)[] = [
  'VersionID',
  'CollectionID',
  'Name',
  'IsActive',
  'IsMaterialized',
  'IsBranchable',
  'IsEmbeddedOnly',
  'Sources',
  'Fields',
  'Indexes',
  'Policy',
  'VectorEmbeddings',
]

/** Reads a collection that came out of a patch. @throws INVALID_SCHEMA */
export function parseCollectionJson(given: unknown): PatchedCollection {
  const members = membersOf(given, 'a collection', MEMBERS)
  return {
    versionId: textOf(members, 'VersionID'),
    collectionId: textOf(members, 'CollectionID'),
    name: textOf(members, 'Name'),
    isActive: flagOf(members, 'IsActive'),
    isMaterialized: flagOf(members, 'IsMaterialized'),
    isBranchable: flagOf(members, 'IsBranchable'),
    isEmbeddedOnly: flagOf(members, 'IsEmbeddedOnly'),
    sources: listOf(members, 'Sources').map((source) => {
      const own = membersOf(source, 'a source')
      return { versionId: textOf(own, 'SourceCollectionID'), hasTransform: (own.get('Transform') ?? null) !== null }
    }),
    embeddings: listOf(members, 'VectorEmbeddings').map(parseEmbedding),
    json: members,
  }
}

function fieldToJson(
  field: FieldDescription,
  version: CollectionVersion,
  versions: readonly CollectionVersion[],
): CollectionFieldDescription {
  return {
    Name: field.name,
    Kind: kindToJson(field, version, versions),
    RelationName: field.relationName ?? null,
    DefaultValue: field.defaultValue ?? null,
    Size: field.size ?? 0,
  }
}

function kindToJson(
  { kind, relationName }: FieldDescription,
  version: CollectionVersion,
  versions: readonly CollectionVersion[],
): CollectionFieldDescription['Kind'] {
  if (kind.type === 'value') return relationName === undefined ? null : kind.number
  const target = versions.find(({ name }) => name === kind.collection)
  return target === undefined ? null : kindToTarget(version.collectionId, target.collectionId, kind.list)
}

function embeddingToJson(field: string, { fields, provider, model, url = '', template = '' }: EmbeddingDescription): VectorEmbedding {
  return { FieldName: field, Fields: fields, Provider: provider, Model: model, URL: url, Template: template }
}

function parseEmbedding(given: unknown): VectorEmbedding {
  const members = membersOf(given, 'an embedding', ['FieldName', 'Fields', 'Provider', 'Model', 'URL', 'Template'])
  return {
    FieldName: textOf(members, 'FieldName'),
    Fields: listOf(members, 'Fields').map((name) => {
      if (typeof name === 'string') return name
      throw patchProblem([`"Fields" of an embedding are names of fields, not ${quote(name)}`])
    }),
    Provider: textOf(members, 'Provider'),
    Model: textOf(members, 'Model'),
    URL: textOf(members, 'URL'),
    Template: textOf(members, 'Template'),
  }
}

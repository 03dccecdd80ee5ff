import type { CollectionKind, CollectionVersion, NamedKind, SchemaField, SelfKind } from './collection-version.ts'
import { valueKindByName, valueKindByNumber } from './kinds.ts'
import { membersOf, textOf } from './json-members.ts'
import { patchProblem } from './patch-problem.ts'
import type { UnidentifiedSchema } from './schema-id.ts'
import { DatabaseError } from '../errors.ts'
import { compareText } from '../util/bytes.ts'
import { quote } from '../util/quote.ts'

/** The global part of a collection version, in the form that patches and DefraDB's API have for it. */
export interface SchemaDescription {
  /** The ID of the collection. */
  readonly Root: string
  readonly VersionID: string
  readonly Name: string
  readonly Fields: readonly SchemaFieldDescription[]
}

export interface SchemaFieldDescription {
  readonly Name: string
  /** The number of a kind of value, or the target of a relation. */
  readonly Kind: number | NamedKind | CollectionKind | SelfKind
  /** The number of the CRDT type. */
  readonly Typ: number
}

/** Which schemas are asked for: all of them without a filter. */
export interface SchemaFilter {
  readonly name?: string
  readonly root?: string
  readonly versionID?: string
}

/** The schemas of these versions that match, by version ID. @throws NOT_FOUND for a version ID that none has; a name or root may have none. */
export function describeSchemas(versions: readonly CollectionVersion[], filter: SchemaFilter = {}): readonly SchemaDescription[] {
  if (filter.versionID !== undefined) knownVersion(versions, filter.versionID)
  return versions
    .filter(
      (version) =>
        (filter.versionID ?? version.versionId) === version.versionId &&
        (filter.root ?? version.collectionId) === version.collectionId &&
        (filter.name ?? version.name) === version.name,
    )
    .toSorted((a, b) => compareText(a.versionId, b.versionId))
    .map(schemaToJson)
}

/** @throws NOT_FOUND when no version has this ID. */
export function knownVersion(versions: readonly CollectionVersion[], versionId: string): CollectionVersion {
  const version = versions.find((candidate) => candidate.versionId === versionId)
  if (version !== undefined) return version
  throw new DatabaseError('NOT_FOUND', `key not found: no schema has the version ID ${quote(versionId)}`, {
    what: 'schema version',
    id: versionId,
  })
}

/** The schema of one version. */
export function schemaToJson({ collectionId, versionId, name, schemaFields }: CollectionVersion): SchemaDescription {
  const Fields = schemaFields.map((field) => ({ Name: field.name, Kind: field.kind, Typ: field.typ }))
  return { Root: collectionId, VersionID: versionId, Name: name, Fields }
}

/** Reads a schema that came out of a patch. Unknown members of a field are passed over, as they always were. @throws INVALID_SCHEMA */
export function parseSchemaJson(given: unknown): UnidentifiedSchema {
  const members = membersOf(given, 'a schema', ['Root', 'VersionID', 'Name', 'Fields'])
  const fields = members.get('Fields') ?? []
  if (!Array.isArray(fields)) throw patchProblem([`"Fields" is a list of fields, not ${quote(fields)}`])
  return {
    root: textOf(members, 'Root'),
    versionId: textOf(members, 'VersionID'),
    name: textOf(members, 'Name'),
    fields: fields.map(parseField),
  }
}

/** A kind as messages show it: its SDL spelling, or for a relation what it points to. */
export function kindWord(kind: SchemaField['kind']): string {
  if (typeof kind === 'number') return valueKindByNumber(kind)?.name ?? String(kind)
  const target = 'Name' in kind ? kind.Name : 'Root' in kind ? kind.Root : ['Self', kind.RelativeID].filter(Boolean).join('-')
  return kind.Array ? `[${target}]` : target
}

function parseField(given: unknown): SchemaField {
  const members = membersOf(given, 'a field')
  const typ = members.get('Typ') ?? 0
  if (typeof typ !== 'number') throw patchProblem([`the "Typ" of a field is the number of a CRDT type, not ${quote(typ)}`])
  return { name: textOf(members, 'Name'), kind: parseKind(members.get('Kind')), typ }
}

/** A kind is its number, its SDL spelling, the name of a collection, `Self`, or the object that a described schema has. */
function parseKind(kind: unknown): SchemaField['kind'] {
  if (kind === undefined || kind === null) return 0
  if (typeof kind === 'number') return kind
  if (typeof kind === 'string') return parseKindText(kind)
  const members = membersOf(kind, 'a kind')
  const list = members.get('Array') === true
  if (members.has('Root')) return { Array: list, Root: textOf(members, 'Root') }
  if (members.has('RelativeID')) return { RelativeID: textOf(members, 'RelativeID'), Array: list }
  return { Name: textOf(members, 'Name'), Array: list }
}

function parseKindText(text: string): SchemaField['kind'] {
  const value = valueKindByName(text)
  if (value !== undefined) return value.number
  const list = text.startsWith('[') && text.endsWith(']')
  const target = list ? text.slice(1, -1) : text
  const [self, relative] = /^Self(?:-(\d+))?$/.exec(target) ?? []
  return self === undefined ? { Name: target, Array: list } : { RelativeID: relative ?? '', Array: list }
}

import type { CollectionKind, SchemaField, SelfKind } from './collection-version.ts'
import { schemaSets } from './schema-sets.ts'
import { cidToText, rawCid } from '../block/cid.ts'
import { encodeText } from '../util/bytes.ts'

/** A schema before it has its ID. `root` and `versionId` are those of the version it was patched from, empty for a first version. */
export interface UnidentifiedSchema {
  readonly root: string
  readonly versionId: string
  readonly name: string
  readonly fields: readonly SchemaField[]
}

/** A schema with its IDs, its relations in the form in which they are stored and hashed from then on. */
export interface IdentifiedSchema {
  readonly root: string
  readonly versionId: string
  readonly name: string
  readonly fields: readonly SchemaField[]
}

/**
 * Gives each schema its version ID, the raw CID of the JSON of the set it belongs to: the object itself when it is alone, else the list of the set by name,
 * and then member i carries the suffix `-i`. The root is the version ID of the first version, hence kept once it is there.
 *
 * All schemas that relate to each other come in one call. The result has the order of the input.
 */
export function identifySchemas(schemas: readonly UnidentifiedSchema[]): readonly IdentifiedSchema[] {
  const versionIdByName = new Map<string, string>()
  for (const set of setsOf(schemas)) {
    const base = cidToText(rawCid(encodeText(hashedJson(set))))
    for (const [index, { name }] of set.entries()) versionIdByName.set(name, set.length === 1 ? base : `${base}-${index}`)
  }
  const identified = schemas.map((schema) => {
    const versionId = versionIdByName.get(schema.name) ?? ''
    return { ...schema, versionId, root: schema.root === '' ? versionId : schema.root }
  })
  const rootByName = new Map(identified.map(({ name, root }) => [name, root]))
  return identified.map((schema) => ({ ...schema, fields: schema.fields.map((field) => storedField(field, schema.root, rootByName)) }))
}

/** The sets that are hashed together, each by name. */
export function setsOf(schemas: readonly UnidentifiedSchema[]): readonly (readonly UnidentifiedSchema[])[] {
  const related = schemas.map((schema) => ({ name: schema.name, targets: schema.fields.flatMap(targetOf), schema }))
  return schemaSets(related).map((set) => set.map(({ schema }) => schema))
}

/** The text that is hashed for a set: members in the order of the format, no white space. Names are GraphQL names, so nothing needs an escape. */
export function hashedJson(set: readonly UnidentifiedSchema[]): string {
  const objects = set.map(({ root, versionId, name, fields }) => ({
    Root: root,
    VersionID: versionId,
    Name: name,
    Fields: fields.map((field) => ({ Name: field.name, Kind: field.kind, Typ: field.typ })),
  }))
  return JSON.stringify(objects.length === 1 ? objects[0] : objects)
}

function targetOf({ kind }: SchemaField): readonly string[] {
  return typeof kind === 'object' && 'Name' in kind ? [kind.Name] : []
}

/** A named relation in its stored form. */
function storedField(field: SchemaField, ownRoot: string, rootByName: ReadonlyMap<string, string>): SchemaField {
  if (typeof field.kind === 'number' || !('Name' in field.kind)) return field
  const root = rootByName.get(field.kind.Name)
  return root === undefined ? field : { ...field, kind: kindToTarget(ownRoot, root, field.kind.Array) }
}

/** The stored kind of a relation between two roots: by the place in the set when both share one, else by the other's root. */
export function kindToTarget(ownRoot: string, root: string, isList: boolean): CollectionKind | SelfKind {
  const [base, index = ''] = root.split('-')
  return base === ownRoot.split('-')[0] ? { RelativeID: index, Array: isList } : { Array: isList, Root: root }
}

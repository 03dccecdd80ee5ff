import type { CollectionVersion, FieldDescription, SchemaField } from './collection-version.ts'
import { applyJsonPatch, parseJsonPatch, pathOfSegments, pathSegments, type PatchTarget } from './json-patch.ts'
import { knownValueKind, valueKindByNumber } from './kinds.ts'
import { patchFault, patchProblem } from './patch-problem.ts'
import { defaultRelationName, idFieldName } from './relations.ts'
import { identifySchemas, type IdentifiedSchema, type UnidentifiedSchema } from './schema-id.ts'
import { parseSchemaJson, schemaToJson } from './schema-json.ts'
import {
  FIELD_RULES,
  isSameField,
  isSingleRelation,
  newFieldsOf,
  relationTarget,
  SCHEMA_RULES,
  type PatchedSchema,
} from './schema-rules.ts'
import { activateVersions } from './set-active.ts'
import { CRDT_NUMBERS, type CrdtType } from '../crdt/kinds.ts'
import { DatabaseError } from '../errors.ts'
import { compareText } from '../util/bytes.ts'
import { quote } from '../util/quote.ts'

const ID_KIND = knownValueKind('ID')

/**
 * Adds fields to schemas by a JSON patch over `{ <name>: <schema> }` of all active collections. A path may have the name of a field instead of its index
 * (`/Users/Fields/email`), a kind may be spelled as in SDL or name a collection.
 *
 * Gives what is new or changed: a version for each changed schema, and, when they are to be active, the versions they put out of use.
 *
 * @throws INVALID_SCHEMA with every fault on a line of its own.
 */
export function patchSchema(
  versions: readonly CollectionVersion[],
  patch: unknown,
  options: { readonly setActive: boolean },
): readonly CollectionVersion[] {
  const proposed = proposeSchemas(versions, patch)
  const created = identifySchemas(proposed.map(({ schema }) => schema)).flatMap((identified, index) => {
    const before = proposed[index]?.before
    return before === undefined || !isChanged(before, identified) ? [] : [nextVersion(before, identified, versions)]
  })
  // The same patch on the same version gives the same version: it may be there already, not active.
  const added = created.filter(({ versionId }) => versions.every((version) => version.versionId !== versionId))
  if (!options.setActive) return added
  const activated = activateVersions(
    [...versions, ...added],
    created.map(({ versionId }) => versionId),
  )
  return [...activated, ...added.filter(({ versionId }) => activated.every((version) => version.versionId !== versionId))]
}

/** What is hashed after a patch: the schemas of all active collections, changed or not, with the version each comes from. @throws as `patchSchema` does */
export function proposeSchemas(
  versions: readonly CollectionVersion[],
  patch: unknown,
): readonly { readonly before: CollectionVersion; readonly schema: UnidentifiedSchema }[] {
  const active = versions.filter(({ isActive }) => isActive)
  const document = Object.fromEntries(active.map((version) => [version.name, schemaToJson(version)]))
  const patched = applyJsonPatch(document, parseJsonPatch(patch), resolveFieldName)
  // By the name inside: a schema that was copied or moved within the map is still the schema it says it is, and one that was taken out stays as it is.
  const schemas = [
    ...new Map(
      Object.values(Object(patched))
        .map(parseSchemaJson)
        .map((schema) => [schema.name, schema]),
    ).values(),
  ]
  const beforeByName = new Map(active.map((version) => [version.name, version]))
  const known = schemas.flatMap((after): readonly PatchedSchema[] => {
    const before = beforeByName.get(after.name)
    return before === undefined ? [] : [{ before, after, versions }]
  })
  const faults = [
    ...schemas
      .filter(({ name }) => name !== '' && !beforeByName.has(name))
      .map(({ name }) => patchFault('adding schema via patch is not supported', { Name: name })),
    ...SCHEMA_RULES.flatMap((rule) => known.flatMap(rule)),
    ...schemas.filter(({ name }) => name === '').map(() => "schema name can't be empty"),
  ]
  if (faults.length > 0) throw patchProblem(faults)
  const fieldFaults = FIELD_RULES.flatMap((rule) => known.flatMap(rule))
  if (fieldFaults.length > 0) throw patchProblem(fieldFaults)
  return known.map(({ before, after }) => ({
    before,
    schema: { ...after, versionId: before.versionId, fields: completeFields(before, after.fields) },
  }))
}

/**
 * A path with the name of a field in the place of its index. The name of a field that is not there yet is the end of the list, and goes into the field.
 */
function resolveFieldName(document: unknown, target: PatchTarget, isAdded: boolean): PatchTarget | undefined {
  const [schema = '', list, field = '', ...rest] = pathSegments(target.path)
  if (list !== 'Fields' || !/\p{L}/u.test(field)) return target
  const fields = listAt(document, schema)
  const position = fields?.findIndex((candidate) => nameIn(candidate) === field) ?? -1
  const value = rest.length === 0 && isAdded ? withName(target.value, field) : target.value
  if (position >= 0) return { path: pathOfSegments([schema, list, String(position), ...rest]), value }
  return fields !== undefined && isAdded && rest.length === 0 ? { path: pathOfSegments([schema, list, '-']), value } : undefined
}

function listAt(document: unknown, schema: string): readonly unknown[] | undefined {
  const description: unknown = new Map(Object.entries(Object(document))).get(schema)
  const fields: unknown = new Map(Object.entries(Object(description))).get('Fields')
  return Array.isArray(fields) ? fields : undefined
}

function nameIn(field: unknown): unknown {
  return new Map<string, unknown>(Object.entries(Object(field))).get('Name')
}

function withName(field: unknown, name: string): unknown {
  if (typeof field !== 'object' || field === null) return field
  const own = nameIn(field)
  if (own === undefined) return { ...field, Name: name }
  if (own === name) return field
  const given = typeof own === 'string' ? own : quote(own)
  throw patchProblem([patchFault('the index used does not match the given name', { Index: name, Name: given })])
}

/** New fields are registers unless they say otherwise; a relation has its ID beside it. */
function completeFields(before: CollectionVersion, fields: readonly SchemaField[]): readonly SchemaField[] {
  const added = newFieldsOf(before, fields)
  const typed = fields.map((field) =>
    added.includes(field) && field.typ === CRDT_NUMBERS.none ? { ...field, typ: CRDT_NUMBERS.lww } : field,
  )
  // At the end and without a CRDT type, unlike in SDL: the reference hashes them so.
  const companions = typed
    .filter(isSingleRelation)
    .map(({ name }) => idFieldName(name))
    .filter((name) => typed.every((field) => field.name !== name))
    .map((name) => ({ name, kind: ID_KIND.number, typ: CRDT_NUMBERS.none }))
  return [...typed, ...companions]
}

/**
 * Whether a schema becomes a new version. One with a relation always does, whatever the patch is about: the reference compares relation kinds by identity, and all
 * nodes that apply a patch must come to the same version IDs, since these are in every block.
 */
function isChanged(before: CollectionVersion, after: IdentifiedSchema): boolean {
  if (after.fields.some(({ kind }) => typeof kind === 'object')) return true
  return (
    after.fields.length !== before.schemaFields.length ||
    !after.fields.every((field) => before.schemaFields.some((own) => isSameField(own, field)))
  )
}

function nextVersion(before: CollectionVersion, schema: IdentifiedSchema, versions: readonly CollectionVersion[]): CollectionVersion {
  const added = newFieldsOf(before, schema.fields).map((field) => describeField(before, schema, field, versions))
  const kept = before.fields.filter(({ name }) => added.every((field) => field.name !== name))
  const [first, ...others] = kept
  return Object.freeze({
    ...before,
    versionId: schema.versionId,
    previousVersionId: before.versionId,
    isActive: false,
    fields: [...(first === undefined ? [] : [first]), ...[...others, ...added].toSorted((a, b) => compareText(a.name, b.name))],
    schemaFields: schema.fields,
  })
}

function describeField(
  before: CollectionVersion,
  schema: IdentifiedSchema,
  field: SchemaField,
  versions: readonly CollectionVersion[],
): FieldDescription {
  const relation = schema.fields.find(
    (candidate) => isSingleRelation(candidate) && [candidate.name, idFieldName(candidate.name)].includes(field.name),
  )
  const target = relation === undefined ? undefined : relationTarget(relation, schema.root, versions)
  const crdt = crdtOfNumber(field.typ)
  if (relation === undefined || target === undefined) return { name: field.name, kind: valueKindOf(field), crdt }
  const kind = relation === field ? ({ type: 'relation', collection: target.name, list: false } as const) : ID_KIND
  // Nothing on the other side can pair up with it, so its name must be no one else's.
  const own = before.fields.find(({ name }) => name === relation.name)?.relationName
  const relationName = own ?? `${defaultRelationName(before.name, target.name)}_${relation.name}`
  return { name: field.name, kind, crdt, relationName, isPrimary: true }
}

function valueKindOf({ name, kind }: SchemaField): ReturnType<typeof knownValueKind> {
  const value = typeof kind === 'number' ? valueKindByNumber(kind) : undefined
  if (value === undefined) throw new DatabaseError('INVALID_SCHEMA', `"${name}" has no kind`, { field: name })
  return value
}

function crdtOfNumber(typ: number): CrdtType {
  const names: readonly CrdtType[] = ['none', 'lww', 'pncounter', 'pcounter']
  return names.find((name) => CRDT_NUMBERS[name] === typ) ?? 'none'
}

import type { CollectionVersion, SchemaField } from './collection-version.ts'
import { valueKindByNumber } from './kinds.ts'
import { patchFault } from './patch-problem.ts'
import { idFieldName } from './relations.ts'
import type { UnidentifiedSchema } from './schema-id.ts'
import { kindWord } from './schema-json.ts'
import { RESERVED_FIELD_NAMES } from './type-names.ts'
import { CRDT_NUMBERS } from '../crdt/kinds.ts'
import { didYouMean } from '../util/did-you-mean.ts'

/** A schema after a patch, the version it was before, and everything it may point to. */
export interface PatchedSchema {
  readonly before: CollectionVersion
  readonly after: UnidentifiedSchema
  /** All versions that are there; a relation points to the active one of its target. */
  readonly versions: readonly CollectionVersion[]
}

/** What one schema does that a patch must not do; one message for each case. */
type SchemaRule = (schema: PatchedSchema) => readonly string[]

/**
 * The rules of a schema patch, in the order in which their messages come. What is there stays as it is: blocks of all times are read by it. Only fields are
 * added.
 */
export const SCHEMA_RULES: readonly SchemaRule[] = [
  ({ before, after }) =>
    after.root === before.collectionId
      ? []
      : [
          patchFault('SchemaRoot does not match existing', {
            Name: after.name,
            ExistingRoot: before.collectionId,
            ProposedRoot: after.root,
          }),
        ],
  ({ before, after }) =>
    ['', before.versionId].includes(after.versionId) ? [] : [patchFault('setting the VersionID is not supported', { Name: after.name })],
  ({ before, after }) =>
    before.schemaFields
      .filter((field) => after.fields.every(({ name }) => name !== field.name))
      .map(({ name }) => patchFault('deleting an existing field is not supported', { Name: name })),
  ({ before, after }) =>
    after.fields
      .filter((field) => before.schemaFields.some((existing) => existing.name === field.name && !isSameField(existing, field)))
      .map(({ name }) => patchFault('mutating an existing field is not supported', { ProposedName: name })),
  ({ before, after }) =>
    after.fields.flatMap(({ name }, position) => {
      const existing = before.schemaFields.findIndex((field) => field.name === name)
      if (existing < 0 || existing === position) return []
      return [patchFault('moving fields is not currently supported', { Name: name, ProposedIndex: position, ExistingIndex: existing })]
    }),
  ({ before, after, versions }) =>
    newFieldsOf(before, after.fields)
      .filter((field) => typeof field.kind === 'object' && relationTarget(field, after.root, versions) === undefined)
      .map(({ name, kind }) => patchFault('no type found for given name', { Field: name, Kind: kindWord(kind) }) + hintFor(kind, versions)),
  ({ after }) => {
    const relations = after.fields.filter(isSingleRelation).map(({ name }) => idFieldName(name))
    return after.fields
      .filter(({ name, kind }) => relations.includes(name) && kind !== ID_KIND)
      .map(({ name, kind }) => patchFault('relational id field of invalid kind', { Field: name, Expected: 'ID', Actual: kindWord(kind) }))
  },
  ({ after }) =>
    after.fields
      .filter(({ kind }) => typeof kind === 'object' && kind.Array)
      .map(({ name }) => patchFault('secondary relation fields cannot be defined on the schema', { Name: name })),
  ({ after }) =>
    after.fields
      .filter(({ typ }) => !CRDT_TYPES.includes(typ))
      .map(({ name, typ }) => patchFault('CRDT type not supported', { Name: name, CRDTType: crdtWord(typ) })),
  ({ after }) =>
    after.fields
      .filter(({ typ, kind }) => COUNTERS.includes(typ) && !COUNTABLE.includes(kindWord(kind)))
      .map(({ typ, kind }) => `CRDT type ${crdtWord(typ)} can't be assigned to field kind ${kindWord(kind)}`),
  ({ after }) =>
    after.fields
      .filter(({ name }, position) => after.fields.findIndex((other) => other.name === name) !== position)
      .map(({ name }) => patchFault('duplicate field', { Name: name })),
  // A relation of which the other collection stores the ID is no part of the schema, but has the name all the same.
  ({ before, after }) =>
    newFieldsOf(before, after.fields)
      .filter(({ name }) => before.fields.some((field) => field.name === name && field.kind.type === 'relation'))
      .map(({ name }) => patchFault('duplicate field', { Name: name })),
]

/** Rules that only make sense once all the others hold. */
export const FIELD_RULES: readonly SchemaRule[] = [
  ({ after }) =>
    after.fields
      .filter(({ name }) => !/^[_a-zA-Z]\w*$/.test(name))
      .map(({ name }) => `Names must match /^[_a-zA-Z][_a-zA-Z0-9]*$/ but ${JSON.stringify(name)} does not.`),
  ({ before, after }) =>
    newFieldsOf(before, after.fields)
      .filter(({ name }) => RESERVED_FIELD_NAMES.has(name) || name.startsWith('__'))
      .map(({ name }) => `"${name}" is a reserved name; "${after.name}" needs another one for its field`),
  ({ after }) =>
    after.fields
      .filter(({ kind }) => typeof kind === 'number' && valueKindByNumber(kind) === undefined)
      .map(({ kind }) => patchFault('no type found for given name', { Type: kindWord(kind) })),
]

/** The fields that the version before did not have. */
export function newFieldsOf(before: CollectionVersion, fields: readonly SchemaField[]): readonly SchemaField[] {
  return fields.filter(({ name }) => before.schemaFields.every((field) => field.name !== name))
}

/** Whether a field is a relation whose ID this side stores. */
export function isSingleRelation({ kind }: SchemaField): boolean {
  return typeof kind === 'object' && !kind.Array
}

/** Whether two fields are the same in name, kind and CRDT type. */
export function isSameField(a: SchemaField, b: SchemaField): boolean {
  return a.name === b.name && a.typ === b.typ && kindKey(a.kind) === kindKey(b.kind)
}

/** The active version a relation of the schema with this root points to. */
export function relationTarget({ kind }: SchemaField, root: string, versions: readonly CollectionVersion[]): CollectionVersion | undefined {
  if (typeof kind === 'number') return undefined
  if ('Name' in kind) return versions.find(({ isActive, name }) => isActive && name === kind.Name)
  const target = 'Root' in kind ? kind.Root : memberOfSet(root, kind.RelativeID)
  return versions.find(({ isActive, collectionId }) => isActive && collectionId === target)
}

/** The root of the member with this number in the circular set of `root`; without a number `root` itself. */
function memberOfSet(root: string, number: string): string {
  const [base = ''] = root.split('-')
  return number === '' ? root : `${base}-${number}`
}

const ID_KIND = 1
const COUNTERS: readonly number[] = [CRDT_NUMBERS.pcounter, CRDT_NUMBERS.pncounter]
const CRDT_TYPES: readonly number[] = Object.values(CRDT_NUMBERS)
const COUNTABLE = ['Int', 'Float64', 'Float32']

/** Names of CRDT types that have a number and are no type of a field. */
const OTHER_CRDT_NAMES: ReadonlyMap<number, string> = new Map([
  [2, 'object'],
  [3, 'composite'],
])

function crdtWord(typ: number): string {
  const known = Object.entries(CRDT_NUMBERS).find(([, number]) => number === typ)
  return known?.[0] ?? OTHER_CRDT_NAMES.get(typ) ?? 'unknown'
}

function kindKey(kind: SchemaField['kind']): string {
  return typeof kind === 'number' ? String(kind) : JSON.stringify(Object.entries(kind).toSorted())
}

function hintFor(kind: SchemaField['kind'], versions: readonly CollectionVersion[]): string {
  if (typeof kind === 'number' || !('Name' in kind)) return ''
  return didYouMean(
    kind.Name,
    versions.filter(({ isActive }) => isActive).map(({ name }) => name),
  )
}

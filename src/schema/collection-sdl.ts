import type { CollectionVersion, FieldDescription } from './collection-version.ts'
import { UTC_NOW } from './default-value.ts'
import type { DialectName } from './dialect-name.ts'
import type { DocumentValue } from './document-value.ts'
import type { RelationKind, ValueKind } from './kinds.ts'
import { idFieldName } from './relations.ts'
import { compareText } from '../util/bytes.ts'

/**
 * SDL that makes the same collections on another node, with the same IDs: the named ones and all that relations connect with them, which are hashed together. Fields
 * that a patch has added are left out, since the text that has them is another collection. So are indexes and the making of vectors, which are each node's own affair.
 *
 * Of 0.19 a default that is the time of creation is left out, too: that dialect has no word for it.
 */
export function collectionSdl(
  versions: readonly CollectionVersion[],
  names: readonly string[],
  { dialect = '0.19' }: { readonly dialect?: DialectName } = {},
): string {
  return connectedCollections(versions, names)
    .map((version) => typeText(version, dialect))
    .join('\n')
}

/** The first versions of the named collections and of all that relations connect with them, in either direction; by name. */
export function connectedCollections(versions: readonly CollectionVersion[], names: readonly string[]): readonly CollectionVersion[] {
  const first = versions.filter(({ versionId, collectionId }) => versionId === collectionId)
  const links = first.flatMap(({ name, fields }) =>
    fields.flatMap(({ kind }) => (kind.type === 'relation' ? [[name, kind.collection] as const] : [])),
  )
  const reached = new Set(names)
  const pending = [...reached]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const [from, to] of links) {
      const next = from === name ? to : to === name ? from : undefined
      if (next === undefined || reached.has(next)) continue
      reached.add(next)
      pending.push(next)
    }
  }
  return first.filter(({ name }) => reached.has(name)).toSorted((a, b) => compareText(a.name, b.name))
}

/** Whether a dialect has words for everything that these collections are. */
export function isSpelledIn(dialect: DialectName, versions: readonly CollectionVersion[]): boolean {
  return dialect !== '0.19' || versions.every(({ fields }) => fields.every(({ defaultValue }) => defaultValue !== UTC_NOW))
}

function typeText(version: CollectionVersion, dialect: DialectName): string {
  const { name, fields, isEmbeddedOnly, isBranchable, isMaterialized } = version
  const written = primariesInOrder(version)
  const implied = impliedIds(version)
  const lines = fields
    .filter((field) => field.name !== '_docID' && !implied.has(field.name))
    .map((field) => `  ${fieldText(field, written, dialect)}`)
  const directives = `${isBranchable ? ' @branchable' : ''}${isMaterialized ? '' : ' @materialized(if: false)'}`
  const body = lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n}`
  return `${isEmbeddedOnly ? 'interface' : 'type'} ${name}${directives} ${body}`
}

function fieldText(field: FieldDescription, written: ReadonlySet<string>, dialect: DialectName): string {
  const { name, kind, relationName, crdt, size } = field
  if (kind.type === 'relation') {
    const primary = written.has(name) ? ' @primary' : ''
    return `${name}: ${targetText(kind)}${primary} @relation(name: ${JSON.stringify(relationName)})`
  }
  return [
    `${name}: ${kind.name}`,
    ...(crdt === 'pncounter' || crdt === 'pcounter' ? [`@crdt(type: ${crdt})`] : []),
    ...(size === undefined ? [] : [`@constraints(size: ${size})`]),
    ...defaultText(field, kind, dialect),
  ].join(' ')
}

function targetText({ collection, list }: RelationKind): string {
  return list ? `[${collection}]` : collection
}

/** The relations that have to say `@primary`: those that stand among the other fields by name, before those that nothing else could be. Their order is in the hash. */
function primariesInOrder({ schemaFields, fields }: CollectionVersion): ReadonlySet<string> {
  const implied = impliedIds({ schemaFields, fields })
  const names = schemaFields.map(({ name }) => name).filter((name) => name !== '_docID' && !implied.has(name))
  const descent = names.findIndex((name, index) => index > 0 && compareText(names[index - 1] ?? '', name) > 0)
  const relations = new Set(fields.flatMap(({ name, kind }) => (kind.type === 'relation' ? [name] : [])))
  return new Set((descent < 0 ? names : names.slice(0, descent)).filter((name) => relations.has(name)))
}

/** The fields that come with a relation, and are not written: right behind one that stores an ID; or of the side that stores none. */
function impliedIds({ schemaFields, fields }: Pick<CollectionVersion, 'schemaFields' | 'fields'>): ReadonlySet<string> {
  const single = new Set(fields.flatMap(({ name, kind }) => (kind.type === 'relation' && !kind.list ? [name] : [])))
  return new Set(
    [...single].flatMap((relation) => {
      const id = idFieldName(relation)
      const position = schemaFields.findIndex(({ name }) => name === id)
      return position < 0 || schemaFields[position - 1]?.name === relation ? [id] : []
    }),
  )
}

/** The argument of `@default` that 0.19 has for a scalar. */
const DEFAULT_ARGUMENTS: Readonly<Record<ValueKind['scalar'], string>> = {
  ID: 'string',
  Boolean: 'bool',
  Int: 'int',
  Float64: 'float64',
  Float32: 'float32',
  String: 'string',
  DateTime: 'dateTime',
  Blob: 'blob',
  JSON: 'json',
}

function defaultText({ defaultValue }: FieldDescription, { scalar }: ValueKind, dialect: DialectName): readonly string[] {
  if (defaultValue === undefined) return []
  const isNow = scalar === 'DateTime' && defaultValue === UTC_NOW
  if (isNow && dialect === '0.19') return []
  const argument = dialect === '0.19' ? DEFAULT_ARGUMENTS[scalar] : 'value'
  return [`@default(${argument}: ${literalText(defaultValue, scalar)})`]
}

/** JSON stands in its quotes; the other literals of GraphQL are those of JSON. */
function literalText(value: DocumentValue, scalar: ValueKind['scalar']): string {
  if (typeof value === 'bigint') return value.toString()
  const json = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part))
  return scalar === 'JSON' ? JSON.stringify(json) : json
}

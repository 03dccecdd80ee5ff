import type { CollectionVersion, EmbeddingDescription, FieldDescription, IndexDescription, SchemaField } from './collection-version.ts'
import type { DocumentValue } from './document-value.ts'
import { integerOfText } from './literal.ts'
import { valueKindByName, type FieldKind } from './kinds.ts'
import { CRDT_NUMBERS, type CrdtType } from '../crdt/kinds.ts'
import { DatabaseError } from '../errors.ts'
import { decodeText, encodeText } from '../util/bytes.ts'

/** The first member of every stored description; another number is another form. */
const FORM = 1

/** The stored form of a collection version: JSON text as bytes. Kinds stand by name, a default that JSON cannot hold as `{ int: "…" }`. */
export function encodeCollection(version: CollectionVersion): Uint8Array {
  const fields = version.fields.map(({ kind, defaultValue, ...rest }) => ({
    ...rest,
    kind: kind.type === 'value' ? kind.name : { collection: kind.collection, list: kind.list },
    ...(defaultValue === undefined ? {} : { default: storedDefault(defaultValue) }),
  }))
  return encodeText(JSON.stringify({ form: FORM, ...version, fields }))
}

/** @throws CORRUPT_DATA when the bytes are not those of `encodeCollection`. */
export function decodeCollection(bytes: Uint8Array): CollectionVersion {
  try {
    const stored = member(JSON.parse(decodeText(bytes)))
    if (stored.number('form') !== FORM) throw new TypeError(`its form is not ${FORM}`)
    return Object.freeze({
      name: stored.text('name'),
      collectionId: stored.text('collectionId'),
      versionId: stored.text('versionId'),
      ...optional('previousVersionId', stored.optionalText('previousVersionId')),
      isActive: stored.flag('isActive'),
      isBranchable: stored.flag('isBranchable'),
      isMaterialized: stored.flag('isMaterialized'),
      isEmbeddedOnly: stored.flag('isEmbeddedOnly'),
      fields: stored.list('fields').map(decodeField),
      schemaFields: stored.list('schemaFields').map(decodeSchemaField),
      indexes: stored.list('indexes').map(decodeIndex),
    })
  } catch (error) {
    throw new DatabaseError('CORRUPT_DATA', 'a stored collection cannot be read', { what: 'collection' }, { cause: error })
  }
}

function storedDefault(value: DocumentValue): unknown {
  return typeof value === 'bigint' ? { int: value.toString() } : { value }
}

function decodeField(stored: Member): FieldDescription {
  const size = stored.optional('size') === undefined ? undefined : stored.number('size')
  return {
    name: stored.text('name'),
    kind: decodeKind(stored),
    crdt: decodeCrdt(stored.text('crdt')),
    ...optional('relationName', stored.optionalText('relationName')),
    ...optional('isPrimary', stored.optional('isPrimary') === undefined ? undefined : stored.flag('isPrimary')),
    ...optional('defaultValue', decodeDefault(stored)),
    ...optional('size', size),
    ...optional('embedding', decodeEmbedding(stored)),
  }
}

function decodeKind(stored: Member): FieldKind {
  const kind = stored.optional('kind')
  if (typeof kind !== 'string') {
    const relation = member(kind)
    return { type: 'relation', collection: relation.text('collection'), list: relation.flag('list') }
  }
  const known = valueKindByName(kind)
  if (known === undefined) throw new TypeError(`unknown kind "${kind}"`)
  return known
}

function decodeCrdt(name: string): CrdtType {
  if (!isCrdtType(name)) throw new TypeError(`unknown CRDT type "${name}"`)
  return name
}

function isCrdtType(name: string): name is CrdtType {
  return Object.hasOwn(CRDT_NUMBERS, name)
}

function decodeDefault(stored: Member): DocumentValue | undefined {
  if (stored.optional('default') === undefined) return undefined
  const standard = member(stored.optional('default'))
  const int = standard.optionalText('int')
  // JSON text has no other values than these.
  return int === undefined ? (standard.optional('value') as DocumentValue | undefined) : integerOfText(int)
}

function decodeEmbedding(stored: Member): EmbeddingDescription | undefined {
  if (stored.optional('embedding') === undefined) return undefined
  const embedding = member(stored.optional('embedding'))
  return {
    provider: embedding.text('provider'),
    model: embedding.text('model'),
    ...optional('url', embedding.optionalText('url')),
    ...optional('template', embedding.optionalText('template')),
    fields: embedding.texts('fields'),
  }
}

function decodeSchemaField(stored: Member): SchemaField {
  const kind = stored.optional('kind')
  const name = stored.text('name')
  const typ = stored.number('typ')
  if (typeof kind === 'number') return { name, kind, typ }
  const relation = member(kind)
  const list = relation.flag('Array')
  const root = relation.optionalText('Root')
  const relative = relation.optionalText('RelativeID')
  if (root !== undefined) return { name, kind: { Array: list, Root: root }, typ }
  if (relative !== undefined) return { name, kind: { RelativeID: relative, Array: list }, typ }
  return { name, kind: { Name: relation.text('Name'), Array: list }, typ }
}

function decodeIndex(stored: Member): IndexDescription {
  const fields = stored.list('fields').map((field) => ({ name: field.text('name'), descending: field.flag('descending') }))
  return { name: stored.text('name'), id: stored.number('id'), fields, unique: stored.flag('unique') }
}

function optional<Name extends string, T>(name: Name, value: T | undefined): { readonly [key in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]?: T })
}

/** A JSON object whose members are read by what they must be. */
interface Member {
  optional(name: string): unknown
  text(name: string): string
  optionalText(name: string): string | undefined
  texts(name: string): readonly string[]
  number(name: string): number
  flag(name: string): boolean
  list(name: string): readonly Member[]
}

function member(value: unknown): Member {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('an object is missing')
  const values = new Map<string, unknown>(Object.entries(value))
  const wrong = (name: string): never => {
    throw new TypeError(`its "${name}" is wrong`)
  }
  const items = (name: string): readonly unknown[] => {
    const list = values.get(name)
    return Array.isArray(list) ? list : wrong(name)
  }
  const self: Member = {
    optional: (name) => values.get(name),
    text: (name) => self.optionalText(name) ?? wrong(name),
    optionalText: (name) => {
      const text = values.get(name)
      return text === undefined || typeof text === 'string' ? text : wrong(name)
    },
    texts: (name) => items(name).map((item) => (typeof item === 'string' ? item : wrong(name))),
    number: (name) => {
      const number = values.get(name)
      return typeof number === 'number' ? number : wrong(name)
    },
    flag: (name) => {
      const flag = values.get(name)
      return typeof flag === 'boolean' ? flag : wrong(name)
    },
    list: (name) => items(name).map(member),
  }
  return self
}

import { compareText } from '../util/bytes.ts'
import { quote } from '../util/quote.ts'
import type { CrdtType } from '../crdt/kinds.ts'
import type { CollectionVersion, FieldDescription } from './collection-version.ts'
import { UTC_NOW } from './default-value.ts'
import type { DialectName } from './dialect-name.ts'
import type { Scalar, ValueKind } from './kinds.ts'
import { idFieldName, relationOfId } from './relations.ts'

/** What `DocumentValue` says of each scalar. */
const TYPES: Readonly<Record<Scalar, string>> = {
  ID: 'string',
  Boolean: 'boolean',
  Int: 'number | bigint',
  Float64: 'number',
  Float32: 'number',
  String: 'string',
  DateTime: 'string',
  Blob: 'string',
  JSON: 'DocumentValue',
}

/** What is written into such a text, for kinds whose type does not say it. */
const FORMS: Readonly<Partial<Record<Scalar, string>>> = {
  ID: 'the ID of a document',
  Int: 'a bigint where a number is not exact',
  DateTime: 'as of RFC 3339',
  Blob: 'bytes in hex',
}

const COUNTERS: Readonly<Partial<Record<CrdtType, string>>> = {
  pncounter: 'counter (pncounter): an update gives what is added',
  pcounter: 'counter (pcounter): an update gives what is added, and nothing can be taken away',
}

/** Names that an interface cannot have: words of the language, and what the text itself declares or imports. */
const TAKEN_NAMES: readonly string[] = [
  'Collections DocumentValue',
  'any bigint boolean never null number object string symbol undefined unknown void',
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements',
  'import in instanceof interface let new package private protected public return static super switch this throw true try typeof var while with yield',
].flatMap((words) => words.split(' '))

/**
 * The TypeScript of the documents of all active collections: an interface for each, as `db.collection<Book>('Book')` takes and gives its documents, and `Collections`,
 * which has them by the names of the collections. The same collections give the same text, in whatever order they come.
 *
 * One interface serves for what is created, patched and read. So every field may be absent or null: a patch has some of them, and a document may lack any.
 */
export function typesText(
  collections: readonly CollectionVersion[],
  { dialect = '0.19' }: { readonly dialect?: DialectName } = {},
): string {
  const active = collections
    .filter(({ isActive, isEmbeddedOnly }) => isActive && !isEmbeddedOnly)
    .toSorted((a, b) => compareText(a.name, b.name))
  const nameByCollection = interfaceNames(active.map(({ name }) => name))
  const hasJson = active.some(({ fields }) => fields.some(({ kind }) => kind.type === 'value' && kind.scalar === 'JSON'))
  const members = [...nameByCollection].map(([name, type]) => `  ${propertyName(name)}: ${type}`)
  return (
    [
      '// Made by "warrendb types" from the schema of a database. Changes are lost when it is made again.',
      ...(hasJson ? [`import type { DocumentValue } from 'warrendb'`] : []),
      ...active.map((collection) => interfaceText(collection, nameByCollection.get(collection.name) ?? '', dialect)),
      block(
        `${comment(`The documents of each collection by its name: db.collection<Collections['…']>('…').`)}\nexport interface Collections`,
        members,
      ),
    ].join('\n\n') + '\n'
  )
}

function interfaceText(collection: CollectionVersion, type: string, dialect: DialectName): string {
  const shown = shownNames(collection, dialect)
  const lines = collection.fields.flatMap((field) => memberLines(field, collection, shown))
  const elsewhere = collection.fields.filter(isElsewhere).map(({ name, kind }) => {
    const target = kind.type === 'value' ? kind.name : kind.list ? `[${kind.collection}]` : kind.collection
    return `${name} (${target})`
  })
  const requests = elsewhere.length === 0 ? '' : ` Only in requests, since the other side stores the relation: ${elsewhere.join(', ')}.`
  return block(`${comment(`A document of the collection ${quote(collection.name)}.${requests}`)}\nexport interface ${type}`, lines)
}

/** How the fields of a collection are called in documents. A name that is that of another field already is left to it, as in requests. */
function shownNames({ fields }: CollectionVersion, dialect: DialectName): (field: FieldDescription) => string {
  const taken = new Set(fields.map(({ name }) => name))
  return (field) => {
    const relation = relationOfId(field)
    const shown = relation === undefined ? field.name : idFieldName(relation, dialect)
    return taken.has(shown) ? field.name : shown
  }
}

/** A field and the comment before it; nothing for one that no document has. */
function memberLines(
  field: FieldDescription,
  { fields }: CollectionVersion,
  shown: (field: FieldDescription) => string,
): readonly string[] {
  const { name, kind, relationName, isPrimary } = field
  if (name === '_docID' || (relationName !== undefined && isPrimary !== true)) return []
  if (kind.type === 'value') return memberOf(shown(field), typeOf(kind), describe(field, kind, fields))
  // Without a field for its ID it stands inside other documents.
  const id = fields.find((candidate) => candidate.kind.type === 'value' && relationOfId(candidate) === name)
  if (id === undefined) return []
  const says = `${kind.collection}, relation ${quote(relationName)}: another name for ${shown(id)} where a document is written; none that is read has it.`
  return memberOf(name, TYPES.ID, says)
}

function memberOf(name: string, type: string, says: string): readonly string[] {
  return [`  ${comment(says)}`, `  ${propertyName(name)}?: ${type} | null`]
}

function typeOf({ scalar, list }: ValueKind): string {
  const type = TYPES[scalar]
  const element = list === 'nillable' ? `${type} | null` : type
  if (list === false) return element
  return `readonly ${element.includes('|') ? `(${element})` : element}[]`
}

/** The kind as in SDL, and what else there is to know. */
function describe(field: FieldDescription, kind: ValueKind, fields: readonly FieldDescription[]): string {
  const { crdt, defaultValue, size, embedding } = field
  const relation = relationOfId(field)
  const target = fields.find(({ name }) => name === relation)?.kind
  const form = relation === undefined ? FORMS[kind.scalar] : undefined
  const standard = defaultValue === UTC_NOW && kind.scalar === 'DateTime' ? 'the time of its creation' : quote(defaultValue)
  const says = [
    form === undefined ? kind.name : `${kind.name} (${form})`,
    ...(target?.type === 'relation'
      ? [`of the document that is ${relation}: in ${quote(target.collection)}, relation ${quote(field.relationName)}`]
      : []),
    ...(COUNTERS[crdt] === undefined ? [] : [COUNTERS[crdt]]),
    ...(size === undefined ? [] : [`${size} elements`]),
    ...(defaultValue === undefined ? [] : [`default ${standard}`]),
    ...(embedding === undefined ? [] : [`made from ${embedding.fields.join(', ')} by ${embedding.model}`]),
  ]
  return `${says.join(', ')}.`
}

/** Whether a request finds something here that the document does not hold. The field for its ID says nothing more. */
function isElsewhere(field: FieldDescription): boolean {
  return field.kind.type === 'relation' && field.isPrimary !== true
}

/** The names of the interfaces by those of the collections. */
function interfaceNames(collections: readonly string[]): ReadonlyMap<string, string> {
  // A collection whose name will do has it, whatever others would become.
  const taken = new Set([...TAKEN_NAMES, ...collections.filter(isIdentifier)])
  return new Map(
    collections.map((collection) => {
      if (isIdentifier(collection) && !TAKEN_NAMES.includes(collection)) return [collection, collection]
      let name = collection.replaceAll(/[^\w$]/g, '_').replace(/^(?=\d|$)/, '_')
      while (taken.has(name)) name += '_'
      taken.add(name)
      return [collection, name]
    }),
  )
}

function propertyName(name: string): string {
  return isIdentifier(name) ? name : JSON.stringify(name)
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name)
}

/** A comment on one line, whatever the names and values in it are. */
function comment(text: string): string {
  return `/** ${text.replaceAll(/\s+/g, ' ').replaceAll('*/', String.raw`*\/`)} */`
}

function block(head: string, lines: readonly string[]): string {
  return lines.length === 0 ? `${head} {}` : `${head} {\n${lines.join('\n')}\n}`
}

import type { CollectionVersion, FieldDescription, SchemaField } from './collection-version.ts'
import type { DialectName } from './dialect-name.ts'
import { isTypeNode, readDeclaredType, type DeclaredField, type DeclaredType } from './declared-type.ts'
import { describeIndexes, indexedName, writtenName } from './index-descriptions.ts'
import { knownValueKind, type ValueKind } from './kinds.ts'
import { completeRelations, idFieldName, type RelationSide } from './relations.ts'
import { identifySchemas, type UnidentifiedSchema } from './schema-id.ts'
import { schemaProblem } from './schema-problem.ts'
import { parseSchemaText } from './sdl-text.ts'
import { typeNameProblem } from './type-names.ts'
import { CRDT_NUMBERS } from '../crdt/kinds.ts'
import { DatabaseError } from '../errors.ts'
import { compareText } from '../util/bytes.ts'

const DOC_ID = '_docID'
const ID_KIND: ValueKind = knownValueKind('ID')

/**
 * The collections of one SDL text, in the order of the text: all of them or none. Related types stand in one text, because they are hashed together.
 *
 * @throws INVALID_SCHEMA with type, field and position; ALREADY_EXISTS when `existing` or the text has a collection of the same name.
 */
export function parseSdl(
  sdl: string,
  existing: readonly CollectionVersion[],
  { dialect = '0.19' }: { readonly dialect?: DialectName } = {},
): readonly CollectionVersion[] {
  const { types, sides, schemas } = declareSchemas(sdl, existing, dialect)
  const identified = identifySchemas(schemas)
  return types.map((type, index) => {
    const schema = identified[index]
    const fields = describeFields(type, sides)
    return Object.freeze({
      name: type.name,
      collectionId: schema?.root ?? '',
      versionId: schema?.versionId ?? '',
      isActive: true,
      isBranchable: type.isBranchable,
      isMaterialized: type.isMaterialized,
      isEmbeddedOnly: type.isEmbeddedOnly,
      fields,
      schemaFields: schema?.fields ?? [],
      indexes: describeIndexes(
        type.name,
        type.indexes,
        fields.map((field) => ({ name: field.name, written: writtenName(field, dialect), indexed: indexedName(field) })),
        type.place,
      ),
    })
  })
}

/** The types of a text with their relations completed, and what is hashed for each. @throws as `parseSdl` does */
export function declareSchemas(
  sdl: string,
  existing: readonly CollectionVersion[],
  dialect: DialectName = '0.19',
): {
  readonly types: readonly DeclaredType[]
  readonly sides: ReadonlyMap<DeclaredField, RelationSide>
  readonly schemas: readonly UnidentifiedSchema[]
} {
  const types = readTypes(sdl, existing, dialect)
  const sides = completeRelations(types)
  return { types, sides, schemas: types.map((type) => firstVersion(type, sides)) }
}

/**
 * What is hashed for a type that is new. `_docID` is first; values and sides with `@primary` follow by name; sides that are primary because nothing else could
 * be stand at the end, in the order of their names. Each side that stores an ID has its `_id` field right behind it.
 */
function firstVersion(type: DeclaredType, sides: ReadonlyMap<DeclaredField, RelationSide>): UnidentifiedSchema {
  const fields: SchemaField[] = [{ name: DOC_ID, kind: ID_KIND.number, typ: CRDT_NUMBERS.none }]
  const append = (field: DeclaredField): void => {
    const kind = field.kind.type === 'value' ? field.kind.number : { Name: field.kind.collection, Array: false }
    fields.push({ name: field.name, kind, typ: CRDT_NUMBERS[field.crdt] })
  }
  for (const field of type.fields) if (field.kind.type === 'value' || field.isPrimary) append(field)
  if (!type.isEmbeddedOnly) {
    for (const field of type.fields) {
      const side = sides.get(field)
      if (side === undefined || side.kind.list) continue
      if (side.isPrimary && !field.isPrimary) append(field)
      const position = fields.findIndex(({ name }) => name === field.name)
      const idName = idFieldName(field.name)
      if (position < 0 || side.isTargetEmbedded || fields.some(({ name }) => name === idName)) continue
      fields.splice(position + 1, 0, { name: idName, kind: ID_KIND.number, typ: CRDT_NUMBERS.lww })
    }
  }
  return { root: '', versionId: '', name: type.name, fields }
}

function readTypes(sdl: string, existing: readonly CollectionVersion[], dialect: DialectName): readonly DeclaredType[] {
  const nodes = parseSchemaText(sdl).definitions.filter(isTypeNode)
  const taken = [...new Set(existing.map(({ name }) => name))]
  const names = nodes.map((node) => node.name.value)
  const repeated = names.filter((name, index) => taken.includes(name) || names.indexOf(name) < index)
  const [first] = repeated
  if (first !== undefined) {
    const advice = taken.includes(first) ? 'change it with a schema patch' : 'the text declares it more than once'
    const lines = repeated.map((name) => `collection already exists. Name: ${name}`).join('\n')
    throw new DatabaseError('ALREADY_EXISTS', `${lines}; ${advice}`, { what: 'collection', id: first })
  }
  for (const [index, node] of nodes.entries()) {
    const name = node.name.value
    const problem = typeNameProblem(name, [...taken, ...names.slice(0, index)])
    if (problem !== undefined) throw schemaProblem(`"${name}" cannot be the name of a type: it ${problem}`, { type: name, node: node.name })
  }
  return nodes.map((node) => readDeclaredType(node, names, dialect))
}

/** Every field that a document or a query of the collection knows, `_docID` first, then by name. */
function describeFields(type: DeclaredType, sides: ReadonlyMap<DeclaredField, RelationSide>): readonly FieldDescription[] {
  const described = type.fields.flatMap((field) => {
    const side = sides.get(field)
    return side === undefined ? [describeValue(field)] : describeRelation(side)
  })
  // The ID of a relation may be declared as well: on the side that stores it the relation describes it, on the other it is a value of its own.
  const isTaken = ({ name, isPrimary }: FieldDescription): boolean =>
    isPrimary === false && type.fields.some((field) => field.name === name && !sides.has(field))
  const unique = described
    .filter((field) => !isTaken(field))
    .filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index)
  return [{ name: DOC_ID, kind: ID_KIND, crdt: 'none' }, ...unique.toSorted((a, b) => compareText(a.name, b.name))]
}

function describeValue({ name, kind, crdt, defaultValue, size, embedding }: DeclaredField): FieldDescription {
  return {
    name,
    kind,
    crdt,
    ...(defaultValue === undefined ? {} : { defaultValue }),
    ...(size === undefined ? {} : { size }),
    ...(embedding === undefined ? {} : { embedding }),
  }
}

function describeRelation({ field, kind, relationName, isPrimary }: RelationSide): readonly FieldDescription[] {
  const relation = { relationName, isPrimary }
  const self: FieldDescription = { name: field.name, kind, crdt: field.crdt, ...relation }
  return kind.list ? [self] : [self, { name: idFieldName(field.name), kind: ID_KIND, crdt: 'lww', ...relation }]
}

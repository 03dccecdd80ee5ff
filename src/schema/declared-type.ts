import {
  Kind,
  type DefinitionNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeNode,
} from 'graphql'

import type { CrdtType } from '../crdt/kinds.ts'
import type { EmbeddingDescription } from './collection-version.ts'
import { defaultValueOf } from './default-value.ts'
import type { DialectName } from './dialect-name.ts'
import { directiveNamed, isSwitchedOn, readDirectives, type AppliedDirective } from './directives.ts'
import type { DocumentValue } from './document-value.ts'
import { checkEmbedding, readEmbedding } from './embedding.ts'
import type { DeclaredIndex } from './index-descriptions.ts'
import { valueKindByName, type FieldKind, type Scalar } from './kinds.ts'
import { schemaProblem, type SchemaPlace } from './schema-problem.ts'
import { isReservedFieldName } from './type-names.ts'
import { DatabaseError } from '../errors.ts'
import { compareText } from '../util/bytes.ts'
import { didYouMean } from '../util/did-you-mean.ts'

/** A type as it is written, before relations are completed and IDs known. */
export interface DeclaredType {
  readonly name: string
  readonly place: SchemaPlace
  readonly isEmbeddedOnly: boolean
  readonly isBranchable: boolean
  readonly isMaterialized: boolean
  /** Sorted by name bytewise, the order in which they are hashed. */
  readonly fields: readonly DeclaredField[]
  readonly indexes: readonly DeclaredIndex[]
}

export interface DeclaredField {
  readonly name: string
  readonly place: SchemaPlace
  readonly kind: FieldKind
  readonly crdt: CrdtType
  /** `@primary` stands on it. */
  readonly isPrimary: boolean
  readonly relationName?: string
  readonly defaultValue?: DocumentValue
  readonly size?: number
  readonly embedding?: EmbeddingDescription
}

export type TypeNodeWithFields = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

/** The scalars counters add up in. */
const COUNTABLE: readonly Scalar[] = ['Int', 'Float64', 'Float32']
const SCALAR_WORDS = ['ID', 'Boolean', 'Int', 'Float', 'Float32', 'Float64', 'String', 'DateTime', 'Blob', 'JSON']

/** Whether a definition declares a collection. @throws INVALID_SCHEMA for any other kind of definition. */
export function isTypeNode(node: DefinitionNode): node is TypeNodeWithFields {
  if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION) return true
  const words = node.kind.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  throw schemaProblem(`a schema holds "type" and "interface" definitions; this is a ${words}`, { node })
}

/** Reads one definition. `typeNames` are all types of the text: what a relation can point to. @throws INVALID_SCHEMA */
export function readDeclaredType(node: TypeNodeWithFields, typeNames: readonly string[], dialect: DialectName): DeclaredType {
  const name = node.name.value
  const place: SchemaPlace = { type: name, node: node.name }
  if ((node.interfaces ?? []).length > 0) throw schemaProblem(`"${name}" cannot implement another type; write its fields out`, place)
  const directives = readDirectives(node.directives, 'type', place)
  refusePolicy(directives)
  refuseUnknownTypes(node, typeNames)
  const read = (node.fields ?? []).map((field) => readField(field, name, typeNames, dialect))
  const fields = read.map(({ field }) => field)
  const twice = fields.find((field, position) => fields.findIndex((other) => other.name === field.name) !== position)
  if (twice !== undefined) throw schemaProblem(`duplicate field. Name: ${twice.name}`, twice.place)
  for (const { field, directives: own } of read) {
    if (field.embedding !== undefined)
      checkEmbedding(field.embedding, field, fields, { ...field.place, node: directiveNamed(own, 'embedding')?.node })
  }
  return {
    name,
    place,
    isEmbeddedOnly: node.kind === Kind.INTERFACE_TYPE_DEFINITION,
    isBranchable: isSwitchedOn(directives, 'branchable', false),
    isMaterialized: isSwitchedOn(directives, 'materialized', true),
    fields: fields.toSorted((a, b) => compareText(a.name, b.name)),
    indexes: [
      ...read.flatMap(({ field, directives: own }) => indexesIn(own).map((directive) => ({ directive, field: field.name }))),
      ...indexesIn(directives).map((directive) => ({ directive })),
    ],
  }
}

interface ReadField {
  readonly field: DeclaredField
  readonly directives: readonly AppliedDirective[]
}

function readField(node: FieldDefinitionNode, type: string, typeNames: readonly string[], dialect: DialectName): ReadField {
  const name = node.name.value
  const place: SchemaPlace = { type, field: name, node: node.name }
  if (isReservedFieldName(name, dialect))
    throw schemaProblem(`"${name}" is a reserved name; "${type}" needs another one for its field`, place)
  if ((node.arguments ?? []).length > 0) throw schemaProblem(`the field "${name}" of "${type}" cannot have arguments`, place)
  const kind = readKind(node.type, place, typeNames, dialect)
  const directives = readDirectives(node.directives, 'field', place)
  const relation = directiveNamed(directives, 'relation')
  const primary = directiveNamed(directives, 'primary')
  for (const directive of [relation, primary]) {
    if (directive !== undefined && kind.type === 'value') {
      throw schemaProblem(`"@${directive.name}" stands on a field that is another document; "${name}" is ${kind.name}`, {
        ...place,
        node: directive.node,
      })
    }
  }
  if (primary !== undefined && kind.list !== false) {
    throw schemaProblem(`"@primary" cannot stand on the list "${name}": the other side stores the ID`, { ...place, node: primary.node })
  }
  const relationName = relation?.values.get('name')
  const standard = directiveNamed(directives, 'default')
  const size = sizeOf(directives, kind, place)
  const embedding = directiveNamed(directives, 'embedding')
  return {
    directives,
    field: {
      name,
      place,
      kind,
      crdt: crdtOf(directives, kind, place),
      isPrimary: primary !== undefined,
      ...(typeof relationName === 'string' ? { relationName } : {}),
      ...(standard === undefined ? {} : { defaultValue: defaultValueOf(standard, kind, place, dialect) }),
      ...(size === undefined ? {} : { size }),
      ...(embedding === undefined ? {} : { embedding: readEmbedding(embedding) }),
    },
  }
}

/** The stored format numbers its kinds as 0.19 does, which has none that cannot be null: accepted, `!` would be a promise that no other node keeps. */
const NON_NULL_PROBLEMS: Readonly<Record<DialectName, (written: string, nullable: string) => string>> = {
  '0.19': (_, nullable) => `NonNull fields are not currently supported: every field can be null, so write "${nullable}"`,
  '1.0': (written, nullable) =>
    `"${written}" is not supported: documents are stored in the format of DefraDB 0.19, where every field can be null (elements of a list need not); write "${nullable}"`,
}

/** A scalar, a list of one, or a relation to a type of the text. */
function readKind(node: TypeNode, place: SchemaPlace, typeNames: readonly string[], dialect: DialectName): FieldKind {
  const here = { ...place, node }
  if (node.kind === Kind.NON_NULL_TYPE) {
    throw schemaProblem(NON_NULL_PROBLEMS[dialect](spelling(node), spelling(node.type)), here)
  }
  const kind = valueKindByName(spelling(node))
  if (kind !== undefined) return kind
  const named = node.kind === Kind.LIST_TYPE ? node.type : node
  if (named.kind === Kind.LIST_TYPE) throw schemaProblem('a list of lists is not supported; a JSON field holds any nesting', here)
  if (named.kind === Kind.NON_NULL_TYPE) {
    throw schemaProblem(
      `NonNull variants for type are not supported. Type: ${spelling(named.type)}; write "[${spelling(named.type)}]"`,
      here,
    )
  }
  const target = named.name.value
  if (typeNames.includes(target)) return { type: 'relation', collection: target, list: node.kind === Kind.LIST_TYPE }
  throw schemaProblem(`a list of ${target} is not supported; lists hold Boolean, Int, Float64, Float32 or String`, here)
}

/** All fields of a type that is not there, in one message: most often they come together, from a text that was cut in two. */
function refuseUnknownTypes(node: TypeNodeWithFields, typeNames: readonly string[]): void {
  const known = [...SCALAR_WORDS, ...typeNames]
  const unknown = (node.fields ?? [])
    .map((field) => ({ field, target: targetOf(field.type) }))
    .filter(({ target }) => !known.includes(target))
    .toSorted((a, b) => compareText(a.field.name.value, b.field.name.value))
  const [first] = unknown
  if (first === undefined) return
  const lines = unknown.map(({ field, target }) => `no type found for given name. Field: ${field.name.value}, Kind: ${target}`)
  const hint = didYouMean(first.target, known) || '; types that refer to each other stand in one schema text'
  const place = { type: node.name.value, field: first.field.name.value, node: first.field.type }
  throw schemaProblem(lines.join('\n') + hint, place)
}

/** The name inside a type, without lists and exclamation marks. */
function targetOf(node: TypeNode): string {
  return node.kind === Kind.NAMED_TYPE ? node.name.value : targetOf(node.type)
}

/** A type as it is written in SDL. */
function spelling(node: TypeNode): string {
  if (node.kind === Kind.NAMED_TYPE) return node.name.value
  return node.kind === Kind.LIST_TYPE ? `[${spelling(node.type)}]` : `${spelling(node.type)}!`
}

function crdtOf(directives: readonly AppliedDirective[], kind: FieldKind, place: SchemaPlace): CrdtType {
  const directive = directiveNamed(directives, 'crdt')
  const name = directive?.values.get('type')
  if (name !== 'pncounter' && name !== 'pcounter') return 'lww'
  if (kind.type === 'value' && kind.list === false && COUNTABLE.includes(kind.scalar)) return name
  const word = kind.type === 'value' ? kind.name : kind.collection
  throw schemaProblem(`CRDT type ${name} can't be assigned to field kind ${word}; counters are Int, Float64 or Float32`, {
    ...place,
    node: directive?.node,
  })
}

function sizeOf(directives: readonly AppliedDirective[], kind: FieldKind, place: SchemaPlace): number | undefined {
  const directive = directiveNamed(directives, 'constraints')
  const size = directive?.values.get('size')
  if (typeof size !== 'number') return undefined
  if (kind.type === 'value' && kind.list !== false) return size
  throw schemaProblem('"@constraints(size:)" stands on a list of values', { ...place, node: directive?.node })
}

function indexesIn(directives: readonly AppliedDirective[]): readonly AppliedDirective[] {
  return directives.filter(({ name }) => name === 'index')
}

/** A policy that is accepted but not kept would leave documents open which their owner believes closed. */
function refusePolicy(directives: readonly AppliedDirective[]): void {
  if (directiveNamed(directives, 'policy') !== undefined) {
    throw new DatabaseError('UNSUPPORTED', '"@policy" is not supported: documents of this database have no access control', {
      feature: 'access control',
    })
  }
}

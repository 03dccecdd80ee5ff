import { Kind, type ConstDirectiveNode, type ValueNode } from 'graphql'

import type { DocumentValue } from './document-value.ts'
import { literalToValue } from './literal.ts'
import { schemaProblem, type SchemaPlace } from './schema-problem.ts'
import { didYouMean } from '../util/did-you-mean.ts'

export type DirectiveName =
  | 'crdt'
  | 'primary'
  | 'relation'
  | 'default'
  | 'constraints'
  | 'index'
  | 'embedding'
  | 'branchable'
  | 'materialized'
  | 'policy'

/** A directive as it stands at a type or field, its arguments read and checked by the table. */
export interface AppliedDirective {
  readonly name: DirectiveName
  readonly node: ConstDirectiveNode
  readonly values: ReadonlyMap<string, DocumentValue>
}

/** How an argument is written: one of a list of words comes out as the word, `any` takes every value, `literal` a bare word as well. */
type ArgumentForm = 'string' | 'boolean' | 'integer' | 'strings' | 'objects' | 'any' | 'literal' | readonly string[]

interface DirectiveShape {
  readonly on: readonly ('type' | 'field')[]
  readonly arguments: Readonly<Record<string, ArgumentForm>>
  readonly required: readonly string[]
  readonly repeatable: boolean
}

const DIRECTIONS = ['ASC', 'DESC']

/** Every directive of the schema language, one entry each. */
const DIRECTIVES: Readonly<Record<DirectiveName, DirectiveShape>> = {
  crdt: { on: ['field'], arguments: { type: ['lww', 'pncounter', 'pcounter'] }, required: ['type'], repeatable: false },
  primary: { on: ['field'], arguments: {}, required: [], repeatable: false },
  relation: { on: ['field'], arguments: { name: 'string' }, required: ['name'], repeatable: false },
  default: {
    on: ['field'],
    arguments: {
      string: 'string',
      bool: 'boolean',
      int: 'any',
      float: 'any',
      float32: 'any',
      float64: 'any',
      dateTime: 'string',
      blob: 'string',
      json: 'any',
      value: 'literal',
    },
    required: [],
    repeatable: false,
  },
  constraints: { on: ['field'], arguments: { size: 'integer' }, required: ['size'], repeatable: false },
  index: {
    on: ['type', 'field'],
    arguments: { name: 'string', unique: 'boolean', direction: DIRECTIONS, includes: 'objects' },
    required: [],
    repeatable: true,
  },
  embedding: {
    on: ['field'],
    arguments: { provider: 'string', model: 'string', url: 'string', template: 'string', fields: 'strings' },
    required: [],
    repeatable: false,
  },
  branchable: { on: ['type'], arguments: { if: 'boolean' }, required: [], repeatable: false },
  materialized: { on: ['type'], arguments: { if: 'boolean' }, required: [], repeatable: false },
  policy: { on: ['type'], arguments: { id: 'string', resource: 'string' }, required: [], repeatable: false },
}

/** The directives at one type or field. @throws INVALID_SCHEMA for an unknown one, a wrong argument, or one that cannot stand there. */
export function readDirectives(
  nodes: readonly ConstDirectiveNode[] | undefined,
  on: 'type' | 'field',
  place: SchemaPlace,
): readonly AppliedDirective[] {
  const applied: AppliedDirective[] = []
  for (const node of nodes ?? []) {
    const name = node.name.value
    const here = { ...place, node }
    if (!isDirectiveName(name)) {
      const known = namesOn(on)
      const hint = didYouMean(name, known) || `; a ${on} can have ${known.map((other) => `@${other}`).join(', ')}`
      throw schemaProblem(`unknown directive "@${name}"${hint}`, here)
    }
    const shape = DIRECTIVES[name]
    if (!shape.on.includes(on)) throw schemaProblem(`"@${name}" stands on a ${shape.on.join(' or ')}, not on a ${on}`, here)
    if (!shape.repeatable && applied.some((other) => other.name === name)) throw schemaProblem(`"@${name}" stands here twice`, here)
    applied.push({ name, node, values: readArguments(node, shape, here) })
  }
  return applied
}

/** The directive of this name, where it stands at most once. */
export function directiveNamed(directives: readonly AppliedDirective[], name: DirectiveName): AppliedDirective | undefined {
  return directives.find((directive) => directive.name === name)
}

/** Whether `@name(if:)` is set: without the directive `otherwise`, without the argument true. */
export function isSwitchedOn(directives: readonly AppliedDirective[], name: DirectiveName, otherwise: boolean): boolean {
  const directive = directiveNamed(directives, name)
  return directive === undefined ? otherwise : directive.values.get('if') !== false
}

function isDirectiveName(name: string): name is DirectiveName {
  return Object.hasOwn(DIRECTIVES, name)
}

function namesOn(on: 'type' | 'field'): readonly string[] {
  return Object.entries(DIRECTIVES).flatMap(([name, shape]) => (shape.on.includes(on) ? [name] : []))
}

function readArguments(node: ConstDirectiveNode, shape: DirectiveShape, place: SchemaPlace): ReadonlyMap<string, DocumentValue> {
  const values = new Map<string, DocumentValue>()
  for (const argument of node.arguments ?? []) {
    const name = argument.name.value
    const here = { ...place, node: argument }
    const form = Object.hasOwn(shape.arguments, name) ? shape.arguments[name] : undefined
    if (form === undefined) {
      throw schemaProblem(`"@${node.name.value}" has no argument "${name}"${didYouMean(name, Object.keys(shape.arguments))}`, here)
    }
    if (values.has(name)) throw schemaProblem(`"@${node.name.value}" has the argument "${name}" twice`, here)
    values.set(name, readArgument(argument.value, form, `"${name}" of "@${node.name.value}"`, here))
  }
  const missing = shape.required.find((name) => !values.has(name))
  if (missing !== undefined) throw schemaProblem(`"@${node.name.value}" needs the argument "${missing}"`, place)
  return values
}

function readArgument(node: ValueNode, form: ArgumentForm, what: string, place: SchemaPlace): DocumentValue {
  if (typeof form === 'object') {
    const word = node.kind === Kind.ENUM || node.kind === Kind.STRING ? node.value : ''
    if (!form.includes(word)) throw schemaProblem(`${what} is one of ${form.join(', ')}${didYouMean(word, form)}`, place)
    return word
  }
  // Bare words inside lists and objects (`direction: DESC`) come out as texts.
  const value = literalToValue(node, (word) => word)
  if ((node.kind === Kind.ENUM && form !== 'literal') || !FORMS[form].holds(value))
    throw schemaProblem(`${what} must be ${FORMS[form].words}`, place)
  return value
}

const FORMS: Readonly<Record<Extract<ArgumentForm, string>, { readonly words: string; holds(value: DocumentValue): boolean }>> = {
  string: { words: 'a text in quotes', holds: (value) => typeof value === 'string' },
  boolean: { words: 'true or false', holds: (value) => typeof value === 'boolean' },
  integer: { words: 'a whole number of at least 0', holds: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0 },
  strings: { words: 'a list of texts', holds: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string') },
  objects: { words: 'a list of objects', holds: (value) => Array.isArray(value) },
  any: { words: 'a value', holds: () => true },
  literal: { words: 'a value', holds: () => true },
}

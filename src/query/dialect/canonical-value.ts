import {
  getNullableType,
  isInputObjectType,
  isListType,
  type GraphQLField,
  type GraphQLInputFieldConfig,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from 'graphql'

import { DatabaseError } from '../../errors.ts'
import { didYouMean } from '../../util/did-you-mean.ts'
import { isPlainObject } from '../filter/value-condition.ts'
import { OPERATORS } from '../operators/operators.ts'
import type { Dialect } from './dialect.ts'
import { dialectHint } from './dialect-hint.ts'
import { canonicalName } from './spell.ts'
import { operatorWord } from './words.ts'

/** Marks what holds conditions at any depth, of which its type, JSON, says nothing. */
const CONDITIONS = 'conditions'

/** A member of a filter that is JSON for GraphQL and holds conditions. */
export function conditionsIn(type: GraphQLInputType): GraphQLInputFieldConfig {
  return { type, extensions: { [CONDITIONS]: true } }
}

/** The arguments of a selected field, spelled in a dialect, under the engine's own names. @throws INVALID_REQUEST for what only another dialect has */
export function canonicalArguments(
  dialect: Dialect,
  definition: GraphQLField<unknown, unknown>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (dialect.isCanonical) return given
  return Object.fromEntries(
    definition.args.flatMap((argument) => {
      const { name, type } = argument
      return Object.hasOwn(given, name) ? [[canonicalName(argument), canonicalValue(dialect, type, given[name])] as const] : []
    }),
  )
}

/** A value of an input type, spelled in a dialect, with the engine's own names in it. @throws INVALID_REQUEST for a name that the type does not have */
export function canonicalValue(dialect: Dialect, type: GraphQLInputType, value: unknown): unknown {
  if (dialect.isCanonical) return value
  const inner = getNullableType(type)
  if (isListType(inner)) {
    const read = (item: unknown): unknown => canonicalValue(dialect, inner.ofType, item)
    return Array.isArray(value) ? value.map(read) : read(value)
  }
  if (!isInputObjectType(inner) || !isPlainObject(value)) return value
  const fields = inner.getFields()
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (field === undefined) throw unknownMember(dialect, inner, name)
      const holdsConditions = field.extensions[CONDITIONS] === true
      return [canonicalName(field), holdsConditions ? canonicalConditions(dialect, member) : canonicalValue(dialect, field.type, member)]
    }),
  )
}

/** Conditions on JSON, or on selected fields: operators are renamed, paths to members are not, and neither is anything in an operand. */
function canonicalConditions(dialect: Dialect, value: unknown): unknown {
  if (!isPlainObject(value)) return value
  const word = operatorWord(dialect)
  const read = (part: unknown): unknown => canonicalConditions(dialect, part)
  return Object.fromEntries(
    Object.entries(value).map(([name, operand]) => {
      if (COMPOUND_LISTS.has(name)) return [name, Array.isArray(operand) ? operand.map(read) : read(operand)]
      const operator = OPERATORS.find((candidate) => word(candidate.name) === name)
      if (operator !== undefined) return [operator.name, operand]
      // As a path it would mean the operator again once it is read.
      if (OPERATORS.some((candidate) => candidate.name === name)) throw unknownOperator(dialect, name)
      return [name, read(operand)]
    }),
  )
}

const COMPOUND_LISTS: ReadonlySet<string> = new Set(['_and', '_or'])

function unknownMember(dialect: Dialect, type: GraphQLInputObjectType, name: string): DatabaseError {
  const known = Object.keys(type.getFields())
  const hint = dialectHint(dialect, name, (word) => known.includes(word))
  const advice = hint === undefined ? didYouMean(name, known) || `; it can be ${known.join(', ')}` : `; ${hint}`
  return new DatabaseError('INVALID_REQUEST', `there is no "${name}" here${advice}`, {})
}

function unknownOperator(dialect: Dialect, name: string): DatabaseError {
  const hint = dialectHint(dialect, name, () => true)
  return new DatabaseError('INVALID_REQUEST', `there is no operator "${name}"${hint === undefined ? '' : `; ${hint}`}`, {})
}

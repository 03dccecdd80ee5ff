import { isList } from '../../document/json-value.ts'
import { parseValue } from '../../document/value.ts'
import { DatabaseError, isFailure } from '../../errors.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import { elementKind, knownValueKind, type Scalar, type ValueKind } from '../../schema/kinds.ts'
import { didYouMean } from '../../util/did-you-mean.ts'
import { quote } from '../../util/quote.ts'
import type { Operator, ValueTest } from '../operators/operator.ts'
import { LIST_OPERATORS, OPERATORS, WHOLE_LIST_OPERATORS } from '../operators/operators.ts'

/** Where a condition stands, for messages. */
export interface FilterPlace {
  readonly collection: string
  readonly field: string
}

/** Compiles the condition on one value of `kind`: `{ _gt: 3, _lt: 5 }`, for JSON also paths; null asks for null. @throws INVALID_REQUEST */
export function compileValueCondition(kind: ValueKind, raw: unknown, where: FilterPlace): ValueTest {
  if (raw === null || raw === undefined) return (value) => value === null
  if (!isPlainObject(raw)) {
    throw badFilter(where, `takes operators such as { _eq: ${quote(raw)} }, not ${quote(raw)}`)
  }
  const tests = Object.entries(raw).map(([name, operand]) => compileEntry(kind, name, operand, where))
  const [only] = tests
  if (only !== undefined && tests.length === 1) return only
  return (value) => tests.every((test) => test(value))
}

/** Whether something is an object of named members, such as a filter. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The list a compound such as `_and` has: one condition may stand without its list, null is none. */
export function compoundList(raw: unknown): readonly unknown[] {
  if (raw === null || raw === undefined) return []
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw]
  return list
}

function compileEntry(kind: ValueKind, name: string, operand: unknown, where: FilterPlace): ValueTest {
  const compound = compileCompound(kind, name, operand, where)
  if (compound !== undefined) return compound
  if (kind.list !== false || kind.scalar === 'JSON') {
    const onList = LIST_OPERATORS.find((operator) => operator.name === name)
    if (onList !== undefined) return onList.compile(compileValueCondition(elementKind(kind), operand, where))
  }
  const onWhole = kind.list === false ? undefined : WHOLE_LIST_OPERATORS.find((operator) => operator.name === name)
  if (onWhole !== undefined) return onWhole.compile(parseCompared(kind, name, operand, where), kind.scalar)
  const operator =
    kind.list === false ? OPERATORS.find((candidate) => candidate.name === name && candidate.scalars.includes(kind.scalar)) : undefined
  if (operator !== undefined) return operator.compile(parseOperand(operator, kind.scalar, operand, where), kind.scalar)
  if (kind.scalar !== 'JSON' || kind.list !== false) throw unknownOperator(kind, name, where)
  const test = compileValueCondition(kind, operand, { ...where, field: `${where.field}.${name}` })
  return (value) => test(memberOf(value, name))
}

function compileCompound(kind: ValueKind, name: string, operand: unknown, where: FilterPlace): ValueTest | undefined {
  const parts = (): readonly ValueTest[] => compoundList(operand).map((part) => compileValueCondition(kind, part, where))
  if (name === '_and') {
    const all = parts()
    return (value) => all.every((test) => test(value))
  }
  if (name === '_or') {
    const some = parts()
    return operand === null ? () => true : (value) => some.some((test) => test(value))
  }
  if (name === '_not') {
    const test = compileValueCondition(kind, operand, where)
    return (value) => !test(value)
  }
  return undefined
}

/** Reads what stands behind an operator. @throws INVALID_REQUEST */
export function parseOperand(operator: Operator, scalar: Scalar, operand: unknown, where: FilterPlace): DocumentValue {
  const { name } = operator
  if (operator.operand === 'text') {
    if (operand === null || typeof operand === 'string') return operand
    throw badFilter(where, `takes a text behind "${name}", not ${quote(operand)}`)
  }
  const parse = (value: unknown): DocumentValue => parseCompared(knownValueKind(scalar), name, value, where)
  if (operator.operand === 'value') return parse(operand)
  if (operand === null) return null
  if (!Array.isArray(operand)) throw badFilter(where, `takes a list behind "${name}", not ${quote(operand)}`)
  const list: readonly unknown[] = operand
  return list.map(parse)
}

function parseCompared(kind: ValueKind, operator: string, value: unknown, where: FilterPlace): DocumentValue {
  try {
    return parseValue(kind, value, where)
  } catch (error) {
    if (isFailure(error, 'INVALID_DOCUMENT'))
      throw badFilter(where, `cannot compare "${operator}" with ${quote(value)}: that is no ${kind.name}`)
    throw error
  }
}

function memberOf(value: DocumentValue, name: string): DocumentValue {
  if (typeof value !== 'object' || value === null || isList(value) || !Object.hasOwn(value, name)) return null
  return value[name] ?? null
}

function unknownOperator(kind: ValueKind, name: string, where: FilterPlace): DatabaseError {
  const known = kind.list === false ? OPERATORS.filter(({ scalars }) => scalars.includes(kind.scalar)) : LIST_OPERATORS
  const names = known.map((operator) => operator.name)
  return badFilter(where, `(${kind.name}) has no operator "${name}"${didYouMean(name, names) || `; it has ${names.join(', ')}`}`)
}

function badFilter(where: FilterPlace, reason: string): DatabaseError<'INVALID_REQUEST'> {
  return new DatabaseError('INVALID_REQUEST', `filter of "${where.collection}": "${where.field}" ${reason}`, {})
}

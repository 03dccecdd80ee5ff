import { isList } from '../../document/json-value.ts'
import type { PartPlace } from '../../document/index-layout.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import { elementKind, type ValueKind } from '../../schema/kinds.ts'
import type { ValueTest } from '../operators/operator.ts'
import { LIST_OPERATORS, OPERATORS } from '../operators/operators.ts'
import { bothSeeks, type Seek } from '../operators/seek.ts'
import { compileValueCondition, compoundList, isPlainObject, parseOperand, type FilterPlace } from './value-condition.ts'

/**
 * What a filter demands of one stored field, in the form in which an index can find it: a document that passes has a value in at least one of these places that
 * passes there. It is necessary, not sufficient; the filter itself still decides about each document.
 */
export interface Demand {
  readonly field: string
  readonly alternatives: readonly Alternative[]
}

/** Values of one place in a field that pass, and where they stand among all. */
export interface Alternative extends PartPlace, Seek {
  readonly test: ValueTest
}

/** What the condition on one field demands; nothing where documents can pass without any value that an index holds. */
export function demandsOf(field: string, kind: ValueKind, raw: unknown, where: FilterPlace): readonly Demand[] {
  return demandsAt(field, kind, raw, [], where)
}

function demandsAt(field: string, kind: ValueKind, raw: unknown, path: readonly string[], where: FilterPlace): readonly Demand[] {
  if (!isPlainObject(raw)) {
    // In JSON a member that is missing counts as null, and an index knows nothing of what is missing.
    if (kind.scalar === 'JSON') return []
    return [{ field, alternatives: [{ path, through: 'value', among: [null], test: (value) => value === null }] }]
  }
  const demands: Demand[] = []
  if (kind.list === false) {
    const seek = seekOf(kind, raw, where)
    const operators = Object.fromEntries(Object.entries(raw).filter(([name]) => isOperator(kind, name)))
    if (seek !== undefined && Object.keys(operators).length > 0)
      demands.push({ field, alternatives: [{ ...seek, path, through: 'value', test: compileValueCondition(kind, operators, where) }] })
  }
  for (const [name, operand] of Object.entries(raw)) {
    if (name === '_and') demands.push(...compoundList(operand).flatMap((part) => demandsAt(field, kind, part, path, where)))
    else if (kind.list !== false || kind.scalar === 'JSON') demands.push(...demandsInside(field, kind, name, operand, path, where))
  }
  return demands
}

/** Of the elements of a list, or of a member of JSON. */
function demandsInside(
  field: string,
  kind: ValueKind,
  name: string,
  operand: unknown,
  path: readonly string[],
  where: FilterPlace,
): readonly Demand[] {
  const onList = LIST_OPERATORS.find((operator) => operator.name === name)
  if (onList !== undefined) {
    const element = elementKind(kind)
    const seek = elementSeek(element, operand, where)
    if (onList.needs === undefined || seek === undefined) return []
    const test = compileValueCondition(element, operand, where)
    return [
      {
        field,
        alternatives: onList.needs.map((through) =>
          through === 'element' ? { ...seek, path, through, test } : { path, through, test: () => true },
        ),
      },
    ]
  }
  const isMember = kind.scalar === 'JSON' && kind.list === false && !name.startsWith('_') && !isOperator(kind, name)
  return isMember ? demandsAt(field, kind, operand, [...path, name], where) : []
}

/** Where elements that pass stand; `undefined` when what passes may have no entry, such as an object in a list of JSON. */
function elementSeek(kind: ValueKind, raw: unknown, where: FilterPlace): Seek | undefined {
  if (!isPlainObject(raw)) return { among: [null] }
  return seekOf(kind, raw, where)
}

/**
 * Where the values stand that pass all operators of a condition. In JSON at least one of them has to ask for a scalar that is there: trees have no entries of their
 * own, and missing members none at all.
 */
function seekOf(kind: ValueKind, raw: Readonly<Record<string, unknown>>, where: FilterPlace): Seek | undefined {
  const seeks: readonly (Seek | undefined)[] = Object.entries(raw).flatMap(([name, operand]) => {
    if (name === '_and') {
      return compoundList(operand).flatMap((part) => (isPlainObject(part) ? [seekOf(kind, part, where)] : []))
    }
    const operator = OPERATORS.find((candidate) => candidate.name === name && candidate.scalars.includes(kind.scalar))
    if (operator === undefined) return []
    const parsed = parseOperand(operator, kind.scalar, operand, where)
    // Compared with null, trees of JSON pass as well.
    return parsed === null && kind.scalar === 'JSON' ? [] : [operator.seek?.(parsed, kind.scalar)]
  })
  const found = seeks.filter((seek) => seek !== undefined)
  const usable = kind.scalar === 'JSON' ? found.filter(isOfScalars) : found
  if (usable.length === 0) return kind.scalar === 'JSON' ? undefined : {}
  return usable.reduce((all, seek) => bothSeeks(all, seek, kind.scalar))
}

/** Whether only scalars other than null pass. */
function isOfScalars({ among }: Seek): boolean {
  return among === undefined || among.every((value) => value !== null && !isTree(value))
}

function isTree(value: DocumentValue): boolean {
  return isList(value) || (typeof value === 'object' && value !== null)
}

function isOperator(kind: ValueKind, name: string): boolean {
  return OPERATORS.some((operator) => operator.name === name && operator.scalars.includes(kind.scalar))
}

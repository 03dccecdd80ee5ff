import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'

/**
 * The order of two values of one scalar. Null comes first. Numbers go by value, texts by code point (which is the order of their UTF-8), times by their moment
 * to the nanosecond, false before true.
 */
export function compare(scalar: Scalar, a: DocumentValue, b: DocumentValue): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  if (scalar === 'JSON') return compareJson(a, b)
  if (typeof a === 'string' && typeof b === 'string') {
    return scalar === 'DateTime' ? before(nanosecondsOf(a), nanosecondsOf(b)) : compareTexts(a, b)
  }
  return before(a, b)
}

export function isSame(scalar: Scalar, a: DocumentValue, b: DocumentValue): boolean {
  return compare(scalar, a, b) === 0
}

/** JSON of different kinds goes null, booleans, numbers, texts, lists, objects. Lists go by element; objects by their members, those by name and then value. */
function compareJson(a: DocumentValue, b: DocumentValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  const kinds = ['null', 'boolean', 'number', 'string', 'list', 'object']
  const kind = jsonKind(a)
  if (kind !== jsonKind(b)) return kinds.indexOf(kind) - kinds.indexOf(jsonKind(b))
  switch (kind) {
    case 'null':
      return 0
    case 'list':
      return compareSequences(a as readonly DocumentValue[], b as readonly DocumentValue[], compareJson)
    case 'object':
      return compareSequences(membersOf(a), membersOf(b), ([x, v], [y, w]) => compareTexts(x, y) || compareJson(v, w))
    default:
      return Number(a) - Number(b)
  }
}

function jsonKind(value: DocumentValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  return typeof value === 'bigint' ? 'number' : typeof value
}

function membersOf(value: DocumentValue): readonly (readonly [string, DocumentValue])[] {
  return Object.entries(value as Readonly<Record<string, DocumentValue>>).toSorted(([a], [b]) => compareTexts(a, b))
}

/** The first difference decides; what ends first comes first. */
function compareSequences<T>(a: readonly T[], b: readonly T[], compareItems: (a: T, b: T) => number): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = compareItems(a[index] as T, b[index] as T)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function compareTexts(a: string, b: string): number {
  const points = (text: string): readonly number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0)
  return a === b ? 0 : compareSequences(points(a), points(b), before)
}

function before<T>(a: T, b: T): number {
  if (a < b) return -1
  return a > b ? 1 : 0
}

/** The moment that an RFC 3339 text names, in nanoseconds since the epoch; what is finer is cut off. */
function nanosecondsOf(text: string): bigint {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? ''
  const wholeSeconds = Date.parse(text.replace(/\.\d+/, ''))
  return BigInt(wholeSeconds) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
}

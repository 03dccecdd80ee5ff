import type { DocumentValue } from '../schema/document-value.ts'

/**
 * A slow and obvious evaluator of queries over plain objects, to compare the engine with. It shares no code with it: filters are read afresh for each
 * document, and values compared by what JavaScript has.
 */
export interface PlainQuery {
  readonly filter?: PlainFilter
  readonly order?: readonly Readonly<Record<string, 'ASC' | 'DESC'>>[]
  readonly limit?: number
  readonly offset?: number
}

export interface PlainFilter {
  readonly [name: string]: unknown
}

export type PlainDocument = Readonly<Record<string, DocumentValue>> & { readonly _docID: string }

/** The documents a query selects, in its order. */
export function evaluate(
  documents: readonly PlainDocument[],
  { filter = {}, order = [], limit, offset = 0 }: PlainQuery,
): readonly PlainDocument[] {
  const found = documents.filter((document) => passes(document, filter))
  found.sort((a, b) => (a._docID < b._docID ? -1 : 1))
  found.sort((a, b) => {
    for (const entry of order) {
      for (const [name, direction] of Object.entries(entry)) {
        const difference = compare(a[name] ?? null, b[name] ?? null)
        if (difference !== 0) return direction === 'ASC' ? difference : -difference
      }
    }
    return 0
  })
  return found.slice(offset, limit === undefined ? undefined : offset + limit)
}

function passes(document: PlainDocument, filter: PlainFilter): boolean {
  return Object.entries(filter).every(([name, raw]) => {
    if (name === '_and') return raw === null || (raw as readonly PlainFilter[]).every((part) => passes(document, part))
    if (name === '_or') return raw === null || (raw as readonly PlainFilter[]).some((part) => passes(document, part))
    if (name === '_not') return raw === null || !passes(document, raw as PlainFilter)
    return holds(document[name] ?? null, raw as PlainFilter | null)
  })
}

function holds(value: DocumentValue, condition: PlainFilter | null): boolean {
  if (condition === null) return value === null
  return Object.entries(condition).every(([operator, operand]) => {
    const list = Array.isArray(value) ? (value as readonly DocumentValue[]) : undefined
    switch (operator) {
      case '_any':
        return list !== undefined && list.some((element) => holds(element, operand as PlainFilter))
      case '_all':
        return list !== undefined && list.every((element) => holds(element, operand as PlainFilter))
      case '_none':
        return list === undefined || !list.some((element) => holds(element, operand as PlainFilter))
      case '_in':
        return (operand as readonly DocumentValue[]).some((one) => same(value, one))
      case '_nin':
        return !(operand as readonly DocumentValue[]).some((one) => same(value, one))
      case '_eq':
        return same(value, operand as DocumentValue)
      case '_ne':
        return !same(value, operand as DocumentValue)
      case '_gt':
        return operand === null ? value !== null : value !== null && compare(value, operand as DocumentValue) > 0
      case '_ge':
        return operand === null || (value !== null && compare(value, operand as DocumentValue) >= 0)
      case '_lt':
        return operand !== null && value !== null && compare(value, operand as DocumentValue) < 0
      case '_le':
        return operand === null ? value === null : value !== null && compare(value, operand as DocumentValue) <= 0
      case '_like':
        return like(value, operand as string | null, 's')
      case '_nlike':
        return !like(value, operand as string | null, 's')
      case '_ilike':
        return like(value, operand as string | null, 'si')
      case '_nilike':
        return !like(value, operand as string | null, 'si')
      default:
        throw new Error(`the oracle does not know "${operator}"`)
    }
  })
}

function like(value: DocumentValue, pattern: string | null, flags: string): boolean {
  if (pattern === null || typeof value !== 'string') return value === pattern
  const source = pattern.split('%').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
  return new RegExp(`^${source.join('.*')}$`, flags).test(value)
}

const DATE = /^\d{4}-\d\d-\d\dT/

function same(a: DocumentValue, b: DocumentValue): boolean {
  return a === null || b === null ? a === b : compare(a, b) === 0
}

/** Nulls first; times by their moment (to the millisecond, which is as fine as the tests go), texts by code point, the rest as JavaScript has it. */
function compare(a: DocumentValue, b: DocumentValue): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  if (typeof a === 'string' && typeof b === 'string') {
    if (DATE.test(a) && DATE.test(b)) return Date.parse(a) - Date.parse(b)
    const left = Array.from(a, (character) => character.codePointAt(0) ?? 0)
    const right = Array.from(b, (character) => character.codePointAt(0) ?? 0)
    const index = left.findIndex((point, position) => point !== right[position])
    return index < 0 ? left.length - right.length : (left[index] ?? 0) - (right[index] ?? -1)
  }
  if (a === b) return 0
  return a < b ? -1 : 1
}

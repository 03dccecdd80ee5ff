import type { DocumentValue, FieldDescription, ValueKind } from '../../index.browser.ts'
import { printJson } from '../json-text.ts'

/** How the values of a field are shown, typed and put in order. */
export interface CellKind {
  /** The control: `text` grows with its lines, `line` is one line of figures, `time` one that is longer, `counter` only counts. */
  readonly control: 'text' | 'line' | 'time' | 'check' | 'counter'
  readonly inputMode: 'text' | 'numeric' | 'decimal'
  /** What an empty cell of a new row means, in words. */
  readonly placeholder: string
  /** The text to edit. */
  print(value: DocumentValue): string
  /** The text while nobody edits. */
  show(value: DocumentValue): string
  parse(text: string): Parsed
  /** What an empty cell of a new row becomes; undefined leaves the field out. */
  unset(): DocumentValue | undefined
  /** A value that `compareKeys` can compare. */
  sortKey(value: DocumentValue): SortKey
}

export type Parsed = { readonly kind: 'value'; readonly value: DocumentValue } | { readonly kind: 'wrong'; readonly reason: string }

export type SortKey = null | boolean | number | bigint | string

/** A field that holds values, which is what the table has columns for. */
export type ValueField = FieldDescription & { readonly kind: ValueKind }

/** The columns of a collection: every value but the document's ID. What the document is called comes first, after any boxes to tick; figures come last. */
export function valueFields(fields: readonly FieldDescription[]): readonly ValueField[] {
  return fields
    .filter((field): field is ValueField => field.kind.type === 'value' && field.name !== '_docID')
    .toSorted((a, b) => columnRank(a) - columnRank(b))
}

function columnRank(field: ValueField): number {
  return NAMING_FIELDS.has(field.name) ? COLUMN_RANKS.name : COLUMN_RANKS[cellKind(field).control]
}

const NAMING_FIELDS: ReadonlySet<string> = new Set(['name', 'title'])
const COLUMN_RANKS = { check: 0, name: 1, text: 2, counter: 3, line: 4, time: 4 } as const

export function cellKind(field: ValueField): CellKind {
  if (field.kind.list !== false) return JSON_TEXT
  return field.crdt === 'pncounter' || field.crdt === 'pcounter' ? COUNTER : CELL_KINDS[field.kind.scalar]
}

/** Numbers before text, nothing before everything: negative when `a` comes first. */
export function compareKeys(a: SortKey, b: SortKey): number {
  if (a === b) return 0
  const byType = rank(a) - rank(b)
  if (byType !== 0) return byType
  return (a ?? 0) < (b ?? 0) ? -1 : 1
}

function rank(key: SortKey): number {
  if (key === null) return 0
  if (typeof key === 'boolean') return 1
  return typeof key === 'string' ? 3 : 2
}

function textOf(value: DocumentValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? printJson(value) : String(value)
}

const TEXT: CellKind = {
  control: 'text',
  inputMode: 'text',
  placeholder: '',
  print: textOf,
  show: (value) => TEXT.print(value),
  parse: (text) => ({ kind: 'value', value: text }),
  unset: () => undefined,
  sortKey: (value) => (value === null ? null : textOf(value)),
}

/** Text in which nothing typed means null. */
const NULLABLE_TEXT: CellKind = { ...TEXT, control: 'line', parse: (text) => ({ kind: 'value', value: text === '' ? null : text }) }

/** `inputMode` and not `type="number"`: a number input gives an empty text for what it cannot read, which would be saved as null. */
const NUMBER = {
  ...TEXT,
  control: 'line',
  sortKey: (value: DocumentValue) => (typeof value === 'number' || typeof value === 'bigint' ? value : null),
} as const

const INT: CellKind = {
  ...NUMBER,
  inputMode: 'numeric',
  parse: (text) => {
    const digits = text.trim()
    if (digits === '') return { kind: 'value', value: null }
    if (!/^[+-]?\d+$/.test(digits)) return { kind: 'wrong', reason: `“${text}” is not a whole number` }
    const number = BigInt(digits.replace(/^\+/, ''))
    if (BigInt.asIntN(64, number) !== number) return { kind: 'wrong', reason: `${digits} does not fit into 64 bits` }
    return { kind: 'value', value: Number.isSafeInteger(Number(number)) ? Number(number) : number }
  },
}

const FLOAT: CellKind = {
  ...NUMBER,
  inputMode: 'decimal',
  parse: (text) => {
    if (text.trim() === '') return { kind: 'value', value: null }
    const number = Number(text)
    return Number.isFinite(number) ? { kind: 'value', value: number } : { kind: 'wrong', reason: `“${text}” is not a number` }
  },
}

const COUNTER: CellKind = { ...NUMBER, control: 'counter', inputMode: 'numeric', print: (value) => textOf(value ?? 0), parse: INT.parse }

const BOOLEAN: CellKind = {
  ...TEXT,
  control: 'check',
  parse: (text) => ({ kind: 'value', value: text === 'true' }),
  unset: () => false,
  sortKey: (value) => (typeof value === 'boolean' ? value : null),
}

const DATE_TIME: CellKind = {
  ...NULLABLE_TEXT,
  control: 'time',
  placeholder: 'now',
  show: (value) => (typeof value === 'string' && isTime(value) ? readableTime(new Date(value)) : TEXT.print(value)),
  parse: (text) => {
    if (text.trim() === '') return { kind: 'value', value: null }
    if (!isTime(text)) return { kind: 'wrong', reason: `“${text}” is not a time such as 2026-11-22T19:46:00Z` }
    return { kind: 'value', value: text.trim() }
  },
  unset: () => new Date().toISOString(),
  sortKey: (value) => (typeof value === 'string' && isTime(value) ? Date.parse(value) : null),
}

const JSON_TEXT: CellKind = {
  ...TEXT,
  placeholder: '[]',
  // Not `textOf`: a text inside JSON keeps its quotes.
  print: (value) => (value === null ? '' : printJson(value)),
  show: (value) => JSON_TEXT.print(value),
  parse: (text) => {
    if (text.trim() === '') return { kind: 'value', value: null }
    try {
      return { kind: 'value', value: JSON.parse(text) as DocumentValue }
    } catch {
      return { kind: 'wrong', reason: 'this is not JSON: lists look like ["a", "b"]' }
    }
  },
}

const CELL_KINDS: Readonly<Record<ValueKind['scalar'], CellKind>> = {
  ID: NULLABLE_TEXT,
  Boolean: BOOLEAN,
  Int: INT,
  Float64: FLOAT,
  Float32: FLOAT,
  String: TEXT,
  DateTime: DATE_TIME,
  Blob: NULLABLE_TEXT,
  JSON: { ...JSON_TEXT, placeholder: '{}' },
}

function isTime(text: string): boolean {
  return /^\s*\d{4}-\d\d-\d\d[Tt ]/.test(text) && !Number.isNaN(Date.parse(text))
}

/** The time of today's, the day and time of other days. */
function readableTime(time: Date): string {
  const isToday = time.toDateString() === new Date().toDateString()
  return isToday ? time.toLocaleTimeString() : time.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
}

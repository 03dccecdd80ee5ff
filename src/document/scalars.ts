import type { CborReader } from '../block/cbor-reader.ts'
import type { CborWriter } from '../block/cbor-writer.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import type { Scalar } from '../schema/kinds.ts'
import { compareText } from '../util/bytes.ts'
import { compareDateTimes, normaliseDateTime } from './date-time.ts'
import { compareJsonValues, MAX_JSON_DEPTH, parseJsonValue, readJsonValue, writeJsonValue } from './json-value.ts'

/** What one scalar can do with its values. None of them sees null, which is a value of every kind and handled before. */
export interface ScalarRules {
  /** Completes "takes …" in messages. */
  readonly expects: string
  /** What a null element of a non-null list becomes. */
  readonly zero: DocumentValue
  /** The value of unknown input, `undefined` when it does not fit. */
  parse(input: unknown): DocumentValue | undefined
  write(writer: CborWriter, value: DocumentValue): void
  /** @throws CORRUPT_DATA */
  read(reader: CborReader): DocumentValue
  compare(a: DocumentValue, b: DocumentValue): number
}

const BOOLEAN: ScalarRules = {
  expects: 'true or false',
  zero: false,
  parse: (input) => (typeof input === 'boolean' ? input : undefined),
  write: (writer, value) => writer.boolean(value === true),
  read: (reader) => reader.boolean(),
  compare: (a, b) => Number(a) - Number(b),
}

const INT: ScalarRules = {
  expects: 'a whole number from -2^63 to 2^63 - 1',
  zero: 0,
  parse: (input) => {
    if (typeof input === 'number') return Number.isInteger(input) ? parseInt64(BigInt(input)) : undefined
    return typeof input === 'bigint' ? parseInt64(input) : undefined
  },
  write: (writer, value) => writer.int(typeof value === 'bigint' ? value : Number(value)),
  read: (reader) => parseInt64(BigInt(reader.int())) ?? reader.fail('an integer of 64 bits'),
  compare: compareNumbers,
}

const FLOAT64: ScalarRules = {
  expects: 'a finite number',
  zero: 0,
  parse: (input) => {
    if (typeof input !== 'number' && typeof input !== 'bigint') return undefined
    const value = Number(input)
    return Number.isFinite(value) ? value : undefined
  },
  write: (writer, value) => writer.float(Number(value)),
  read: (reader) => reader.float(),
  compare: compareNumbers,
}

const FLOAT32: ScalarRules = {
  ...FLOAT64,
  parse: (input) => {
    const value = FLOAT64.parse(input)
    return value === undefined ? undefined : Math.fround(Number(value))
  },
  write: (writer, value) => writer.float(Math.fround(Number(value))),
  read: (reader) => {
    const value = reader.float()
    return Number.isNaN(value) || Math.fround(value) === value ? value : reader.fail('a float of 32 bits')
  },
}

const STRING: ScalarRules = {
  expects: 'a text',
  zero: '',
  // A lone surrogate has no UTF-8; it would come back from storage as the replacement character.
  parse: (input) => (typeof input === 'string' ? input.toWellFormed() : undefined),
  write: (writer, value) => writer.text(textOf(value)),
  read: (reader) => reader.text(),
  compare: (a, b) => compareText(textOf(a), textOf(b)),
}

const BLOB: ScalarRules = {
  ...STRING,
  expects: 'bytes as pairs of hex digits, such as "00ff"',
  parse: (input) => (typeof input === 'string' && /^(?:[0-9a-fA-F]{2})*$/.test(input) ? input : undefined),
}

const DATE_TIME: ScalarRules = {
  ...STRING,
  expects: 'a date and time as of RFC 3339, such as "2026-11-22T10:30:00+01:00"',
  parse: (input) => (typeof input === 'string' ? normaliseDateTime(input) : undefined),
  read: (reader) => {
    const text = reader.text()
    return normaliseDateTime(text) === text ? text : reader.fail('a date and time as of RFC 3339')
  },
  compare: (a, b) => compareDateTimes(textOf(a), textOf(b)),
}

const JSON_TREE: ScalarRules = {
  expects: `JSON (no NaN, no class instances, at most ${MAX_JSON_DEPTH} levels deep)`,
  zero: null,
  parse: (input) => parseJsonValue(input),
  write: writeJsonValue,
  read: (reader) => readJsonValue(reader),
  compare: compareJsonValues,
}

/** The rules of every scalar. */
export const SCALARS: Readonly<Record<Scalar, ScalarRules>> = {
  ID: { ...STRING, expects: 'a document ID' },
  Boolean: BOOLEAN,
  Int: INT,
  Float64: FLOAT64,
  Float32: FLOAT32,
  String: STRING,
  DateTime: DATE_TIME,
  Blob: BLOB,
  JSON: JSON_TREE,
}

/** @throws RangeError for a value that was not read by this scalar: a mistake of the program. */
function textOf(value: DocumentValue): string {
  if (typeof value !== 'string') throw new RangeError(`a text was to be here, not a ${typeof value}`)
  return value
}

/** A number where it is safe, else a bigint; `undefined` beyond 64 bits. */
function parseInt64(value: bigint): number | bigint | undefined {
  if (BigInt.asIntN(64, value) !== value) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** JavaScript compares numbers and bigints by value. NaN, which only a peer can bring, comes first so that the order stays total. */
function compareNumbers(a: DocumentValue, b: DocumentValue): number {
  const left = typeof a === 'bigint' ? a : Number(a)
  const right = typeof b === 'bigint' ? b : Number(b)
  if (left < right) return -1
  if (left > right) return 1
  return Number(Number.isNaN(right)) - Number(Number.isNaN(left))
}

import type { CborReader } from '../block/cbor-reader.ts'
import type { CborWriter } from '../block/cbor-writer.ts'
import type { DocumentValue, JsonObject } from '../schema/document-value.ts'
import { compareText, encodeText } from '../util/bytes.ts'

/** Deeper than any document people write, and far from the end of the call stack, for trees that come from a peer. */
export const MAX_JSON_DEPTH = 128

/**
 * A JSON tree from unknown input: whole numbers of any size become floats, members that are `undefined` are left out. `undefined` when something in it is not
 * JSON, or it is nested deeper than `MAX_JSON_DEPTH`.
 */
export function parseJsonValue(input: unknown, depth = 0): DocumentValue | undefined {
  if (input === null || typeof input === 'boolean') return input
  if (typeof input === 'string') return input.toWellFormed()
  if (typeof input === 'number' || typeof input === 'bigint') return Number.isFinite(Number(input)) ? Number(input) : undefined
  if (typeof input !== 'object' || depth === MAX_JSON_DEPTH) return undefined
  if (Array.isArray(input)) return parseList(input, depth + 1)
  return isPlainObject(input) ? parseObject(input, depth + 1) : undefined
}

/** Writes a tree: every number as a float, object keys in canonical order. */
export function writeJsonValue(writer: CborWriter, value: DocumentValue): void {
  if (value === null) writer.null()
  else if (typeof value === 'boolean') writer.boolean(value)
  else if (typeof value === 'string') writer.text(value)
  else if (typeof value === 'number' || typeof value === 'bigint') writer.float(Number(value))
  else if (isList(value)) {
    writer.array(value.length)
    for (const element of value) writeJsonValue(writer, element)
  } else {
    const keys = Object.keys(value).toSorted(compareKeys)
    writer.map(keys.length)
    for (const key of keys) {
      writer.text(key)
      writeJsonValue(writer, value[key] ?? null)
    }
  }
}

/** Reads what `writeJsonValue` writes. @throws CORRUPT_DATA */
export function readJsonValue(reader: CborReader, depth = 0): DocumentValue {
  if (reader.tryNull()) return null
  if (depth > MAX_JSON_DEPTH) return reader.fail(`no more than ${MAX_JSON_DEPTH} levels`)
  switch (reader.peek() >>> 5) {
    case 3:
      return reader.text()
    case 4:
      return reader.list(() => readJsonValue(reader, depth + 1))
    case 5:
      return readObject(reader, depth)
    default:
      return isBooleanHead(reader.peek()) ? reader.boolean() : reader.float()
  }
}

/** Null, booleans, numbers, texts, lists, objects; within each as one would expect; objects by their members in key order. */
export function compareJsonValues(a: DocumentValue, b: DocumentValue): number {
  const difference = rankOf(a) - rankOf(b)
  if (difference !== 0) return difference
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (isList(a) && isList(b)) return compareLists(a, b, compareJsonValues)
  if (isObject(a) && isObject(b)) return compareLists(membersOf(a), membersOf(b), compareJsonValues)
  return Number(a) - Number(b)
}

/** Element by element; a list that is the beginning of the other comes first. */
export function compareLists(
  a: readonly DocumentValue[],
  b: readonly DocumentValue[],
  compare: (a: DocumentValue, b: DocumentValue) => number,
): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index++) {
    const difference = compare(a[index] ?? null, b[index] ?? null)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** The order of map keys in canonical CBOR: by the length of their UTF-8, then bytewise. */
export function compareKeys(a: string, b: string): number {
  return encodeText(a).length - encodeText(b).length || compareText(a, b)
}

/** Whether a value is a list. (`Array.isArray` does not narrow readonly arrays.) */
export function isList(value: DocumentValue): value is readonly DocumentValue[] {
  return Array.isArray(value)
}

function isObject(value: DocumentValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value)
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Objects of another realm (a frame, a worker's reply) have another `Object.prototype`, which alone has no prototype itself.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

function parseList(input: readonly unknown[], depth: number): DocumentValue | undefined {
  const list: DocumentValue[] = []
  for (const element of input) {
    const value = parseJsonValue(element ?? null, depth)
    if (value === undefined) return undefined
    list.push(value)
  }
  return list
}

function parseObject(input: object, depth: number): DocumentValue | undefined {
  const entries: [string, DocumentValue][] = []
  for (const [key, member] of Object.entries(input) as [string, unknown][]) {
    if (member === undefined) continue
    const value = parseJsonValue(member, depth)
    if (value === undefined) return undefined
    entries.push([key.toWellFormed(), value])
  }
  // Unlike assignment, this makes an own member also of "__proto__".
  return Object.fromEntries(entries)
}

function readObject(reader: CborReader, depth: number): DocumentValue {
  const count = reader.map()
  const entries: [string, DocumentValue][] = []
  let previous: string | undefined
  for (let index = 0; index < count; index++) {
    const key = reader.text()
    if (previous !== undefined && compareKeys(previous, key) >= 0) reader.fail('keys in canonical order, each once')
    previous = key
    entries.push([key, readJsonValue(reader, depth + 1)])
  }
  return Object.fromEntries(entries)
}

function isBooleanHead(head: number): boolean {
  return head === 0xf4 || head === 0xf5
}

function rankOf(value: DocumentValue): number {
  if (value === null) return 0
  if (typeof value === 'boolean') return 1
  if (typeof value === 'string') return 3
  if (typeof value === 'object') return isList(value) ? 4 : 5
  return 2
}

function membersOf(value: JsonObject): readonly DocumentValue[] {
  return Object.keys(value)
    .toSorted(compareText)
    .flatMap((key) => [key, value[key] ?? null])
}

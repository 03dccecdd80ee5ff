import { CborReader } from '../block/cbor-reader.ts'
import { CborWriter } from '../block/cbor-writer.ts'
import { DatabaseError } from '../errors.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import type { Scalar, ValueKind } from '../schema/kinds.ts'
import { quote } from '../util/quote.ts'
import { compareLists, isList } from './json-value.ts'
import { SCALARS } from './scalars.ts'

/** Where a value belongs, for messages. */
export interface ValuePlace {
  readonly collection: string
  readonly field: string
}

/**
 * Reads unknown input (of the API, of GraphQL, of JSON) as a value of `kind`. `undefined` is no value: callers pass over fields that are not given.
 * @throws INVALID_DOCUMENT naming the field, quoting the value, saying what would fit
 */
export function parseValue(kind: ValueKind, input: unknown, where: ValuePlace): DocumentValue {
  if (input === null) return null
  const rules = SCALARS[kind.scalar]
  if (kind.list === false) {
    const value = rules.parse(input)
    if (value === undefined) throw misfit(kind, input, where, rules.expects)
    return value
  }
  if (!Array.isArray(input)) throw misfit(kind, input, where, 'a list')
  const elements: readonly unknown[] = input
  return elements.map((element, index) => {
    if (element === null) return kind.list === 'nillable' ? null : rules.zero
    const value = rules.parse(element)
    if (value === undefined) throw misfit(kind, element, where, rules.expects, index)
    return value
  })
}

/** The canonical CBOR of a value of `kind`: the `data` of a block. */
export function encodeValue(kind: ValueKind, value: DocumentValue): Uint8Array {
  const writer = new CborWriter(24)
  writeValue(writer, kind, value)
  return writer.finish()
}

/** Appends a value of `kind` to what is being written. */
export function writeValue(writer: CborWriter, kind: ValueKind, value: DocumentValue): void {
  const rules = SCALARS[kind.scalar]
  if (value === null) {
    writer.null()
  } else if (kind.list === false) {
    rules.write(writer, value)
  } else {
    const elements = isList(value) ? value : []
    writer.array(elements.length)
    for (const element of elements) {
      if (element === null) writer.null()
      else rules.write(writer, element)
    }
  }
}

/** The value of `kind` in the `data` of a block or record. @throws CORRUPT_DATA when the bytes hold no such value, or spell it another way */
export function decodeValue(kind: ValueKind, data: Uint8Array): DocumentValue {
  const reader = new CborReader(data, `value of kind ${kind.name}`)
  const value = readValue(reader, kind)
  reader.end()
  return value
}

function readValue(reader: CborReader, kind: ValueKind): DocumentValue {
  if (reader.tryNull()) return null
  const rules = SCALARS[kind.scalar]
  if (kind.list === false) return rules.read(reader)
  return reader.list(() => (kind.list === 'nillable' && reader.tryNull() ? null : rules.read(reader)))
}

/** The order of two values of one kind: null first, lists element by element. */
export function compareValues(kind: ValueKind, a: DocumentValue, b: DocumentValue): number {
  if (kind.list !== false && isList(a) && isList(b)) return compareLists(a, b, (left, right) => compareScalars(kind.scalar, left, right))
  return compareScalars(kind.scalar, a, b)
}

/**
 * The order of two values of one scalar: null first; numbers by value, whatever their type; times by the moment, to the nanosecond; texts by their UTF-8.
 */
export function compareScalars(scalar: Scalar, a: DocumentValue, b: DocumentValue): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return SCALARS[scalar].compare(a, b)
}

function misfit(kind: ValueKind, input: unknown, where: ValuePlace, expected: string, index?: number): DatabaseError<'INVALID_DOCUMENT'> {
  const place = `${index === undefined ? 'field' : `element ${index} of field`} "${where.field}" of collection "${where.collection}"`
  return new DatabaseError('INVALID_DOCUMENT', `${place} (${kind.name}) takes ${expected}, not ${quote(input)}`, { ...where, value: input })
}

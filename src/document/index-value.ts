import { sha256 } from '../block/sha256.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import type { Scalar } from '../schema/kinds.ts'
import { decodeText, encodeText } from '../util/bytes.ts'
import type { ByteCursor, ByteSink } from './byte-cursor.ts'
import { dateTimeOfInstant, parseInstant } from './date-time.ts'

/**
 * One scalar in the key of an index entry. Bytes sort as `compareScalars` does, equal values have equal bytes, and no value's bytes begin another's.
 *
 *     value  = null 10 | false 20 | true 21 | number 30 (8 bytes) | text 40 text | moment 50 (seconds: 8 bytes, nanoseconds: 4 bytes)
 *     number = Int: two's complement with the sign bit turned; else the IEEE double, its sign bit turned when positive, all bits when negative
 *     text   = UTF-8 with 00, 01 and 02 written as 02 00, 02 01, 02 02; then its end, 00
 *              or, when that does not fit, what fits of it, 01 and the first 16 bytes of the SHA2-256 of all of it
 *
 * A text that is cut sorts after the text that ends where it is cut and before all that go on. So only texts that are cut at the same place are out of order.
 */
const NULL = 0x10
const FALSE = 0x20
const TRUE = 0x21
const NUMBER = 0x30
const TEXT = 0x40
const MOMENT = 0x50

const TEXT_END = 0x00
const TEXT_CUT = 0x01
const TEXT_ESCAPE = 0x02

/** 128 bits: no two texts meet by accident, nor by work that anybody can do. */
export const DIGEST_BYTES = 16
const NUMBER_BYTES = 8
const SIGN_BIT = 1n << 63n
const HALF = 2 ** 32

/** The most bytes a value takes besides what it holds of a text. */
export const VALUE_OVERHEAD: number = 2 + DIGEST_BYTES

/** Appends a scalar or null. `room` is for the bytes of a text. @returns whether it had to be cut */
export function writeIndexValue(sink: ByteSink, scalar: Scalar, value: DocumentValue, room: number): boolean {
  if (value === null) {
    sink.byte(NULL)
  } else if (typeof value === 'boolean') {
    sink.byte(value ? TRUE : FALSE)
  } else if (typeof value === 'string') {
    const instant = scalar === 'DateTime' ? parseInstant(value) : undefined
    if (instant === undefined) {
      sink.byte(TEXT)
      return writeIndexText(sink, value, room)
    }
    sink.byte(MOMENT)
    sink.raw(int64(instant.seconds))
    sink.raw(uint32(instant.nanoseconds))
  } else {
    sink.byte(NUMBER)
    if (scalar === 'Int') sink.raw(int64(typeof value === 'bigint' ? value : Number(value)))
    else sink.raw(float64(Number(value)))
  }
  return false
}

/** A value as it was written; null when it was cut. */
export function readIndexValue(cursor: ByteCursor, scalar: Scalar): { readonly value: DocumentValue; readonly isCut: boolean } {
  const tag = cursor.byte()
  switch (tag) {
    case NULL:
      return { value: null, isCut: false }
    case FALSE:
    case TRUE:
      return { value: tag === TRUE, isCut: false }
    case NUMBER: {
      const bytes = cursor.take(NUMBER_BYTES)
      return { value: scalar === 'Int' ? readInt(bytes) : readFloat(bytes), isCut: false }
    }
    case TEXT: {
      const text = readIndexText(cursor)
      return { value: text ?? null, isCut: text === undefined }
    }
    case MOMENT: {
      const seconds = Number(readInt(cursor.take(NUMBER_BYTES)))
      const nanoseconds = viewOf(cursor.take(4)).getUint32(0)
      return { value: dateTimeOfInstant({ seconds, nanoseconds }), isCut: false }
    }
    default:
      return cursor.fail('a value of an index')
  }
}

/** Appends a text and its end. @returns whether it had to be cut */
export function writeIndexText(sink: ByteSink, text: string, room: number): boolean {
  const bytes = encodeText(text)
  let left = room
  for (const byte of bytes) {
    left -= byte > TEXT_ESCAPE ? 1 : 2
    if (left < 0) {
      sink.byte(TEXT_CUT)
      sink.raw(sha256(bytes).subarray(0, DIGEST_BYTES))
      return true
    }
    if (byte <= TEXT_ESCAPE) sink.byte(TEXT_ESCAPE)
    sink.byte(byte)
  }
  sink.byte(TEXT_END)
  return false
}

/** A text as it was written; `undefined` when it was cut. */
export function readIndexText(cursor: ByteCursor): string | undefined {
  const bytes: number[] = []
  for (;;) {
    const byte = cursor.byte()
    if (byte === TEXT_END) return decodeText(Uint8Array.from(bytes))
    if (byte === TEXT_CUT) {
      cursor.skip(DIGEST_BYTES)
      return undefined
    }
    bytes.push(byte === TEXT_ESCAPE ? cursor.byte() : byte)
  }
}

/** @throws RangeError for what is no whole number: a mistake of the program. */
function int64(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES)
  const view = viewOf(bytes)
  if (Number.isSafeInteger(value)) {
    // Nearly all of them, and without bigints several times cheaper.
    const number = Number(value)
    const high = Math.floor(number / HALF)
    view.setUint32(0, high ^ 0x8000_0000)
    view.setUint32(4, number - high * HALF)
  } else {
    view.setBigInt64(0, BigInt(value) ^ SIGN_BIT)
  }
  return bytes
}

function readInt(bytes: Uint8Array): number | bigint {
  const value = BigInt.asIntN(64, viewOf(bytes).getBigUint64(0) ^ SIGN_BIT)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Negative zero is zero. NaN, whatever its bits, comes before all numbers. */
function float64(value: number): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES)
  if (Number.isNaN(value)) return bytes
  viewOf(bytes).setFloat64(0, value === 0 ? 0 : value)
  return turnFloat(bytes, value < 0)
}

function readFloat(bytes: Uint8Array): number {
  // All bits of NaN's zeros turned are a NaN again.
  return viewOf(turnFloat(bytes, (bytes[0] ?? 0) < 0x80)).getFloat64(0)
}

function turnFloat(bytes: Uint8Array, isNegative: boolean): Uint8Array {
  return bytes.map((byte, index) => (isNegative ? ~byte : index === 0 ? byte ^ 0x80 : byte))
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  viewOf(bytes).setUint32(0, value)
  return bytes
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

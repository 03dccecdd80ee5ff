import { encodeText, type Bytes } from '../util/bytes.ts'
import { CID_BYTES, type Cid } from './cid.ts'
import { halfBitsOfSingle } from './half-float.ts'

/** Longer texts are encoded by the platform; for shorter ones a loop costs less than the call. */
const SHORT_TEXT = 64

/** How many bytes the head of an item with this length or value takes. */
export function headSize(argument: number): number {
  if (argument < 24) return 1
  if (argument < 0x100) return 2
  if (argument < 0x10000) return 3
  return argument < 0x100000000 ? 5 : 9
}

/** Scratch for the bits of floats. It holds nothing between two calls. */
const floatBits = new DataView(new ArrayBuffer(8))

/**
 * Writes canonical CBOR (RFC 7049, 3.9): the shortest head for every length and integer, definite lengths, floats in the smallest size that holds them.
 * The order of map keys is the caller's: by the length of their UTF-8, then bytewise (`compareKeys`).
 */
export class CborWriter {
  #buffer: Bytes
  #length = 0

  /** With the exact number of bytes to come, `finish` gives them without another copy; a wrong one costs that copy, nothing else. */
  constructor(sizeHint = 128) {
    this.#buffer = new Uint8Array(sizeHint)
  }

  /** A CBOR integer of a whole number, or of a bigint within 64 bits. */
  int(value: number | bigint): this {
    if (typeof value === 'bigint') return this.#bigint(value)
    return value < 0 ? this.#head(1, -1 - value) : this.#head(0, value)
  }

  /** A CBOR float of 16, 32 or 64 bits, also for whole numbers. */
  float(value: number): this {
    if (Number.isNaN(value)) return this.#half(0x7e00)
    if (Math.fround(value) === value) {
      floatBits.setFloat32(0, value)
      const bits = floatBits.getUint32(0)
      const half = halfBitsOfSingle(bits)
      if (half !== undefined) return this.#half(half)
      this.#reserve(5)
      this.#buffer[this.#length++] = 0xfa
      this.#uint32(bits)
      return this
    }
    floatBits.setFloat64(0, value)
    this.#reserve(9)
    this.#buffer[this.#length++] = 0xfb
    this.#uint32(floatBits.getUint32(0))
    this.#uint32(floatBits.getUint32(4))
    return this
  }

  text(value: string): this {
    const { length } = value
    if (length > SHORT_TEXT) return this.#utf8(value)
    this.#head(3, length)
    this.#reserve(length)
    const start = this.#length
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) {
        this.#length = start - (length < 24 ? 1 : 2)
        return this.#utf8(value)
      }
      this.#buffer[start + index] = code
    }
    this.#length = start + length
    return this
  }

  /** The text as a byte string. */
  textBytes(value: string): this {
    const start = this.#length
    this.text(value)
    // The heads of text and byte strings differ in the major type alone: 3 and 2.
    this.#buffer[start] = (this.#buffer[start] ?? 0) - 0x20
    return this
  }

  bytes(value: Uint8Array): this {
    return this.#head(2, value.length).raw(value)
  }

  /** Begins an array of `count` items. */
  array(count: number): this {
    return this.#head(4, count)
  }

  /** Begins a map of `count` keys, each followed by its value. */
  map(count: number): this {
    return this.#head(5, count)
  }

  null(): this {
    return this.#byte(0xf6)
  }

  boolean(value: boolean): this {
    return this.#byte(value ? 0xf5 : 0xf4)
  }

  /** A dag-cbor link: tag 42 and the binary CID after a zero byte. */
  link(cid: Cid): this {
    this.#reserve(5 + CID_BYTES)
    this.#buffer[this.#length++] = 0xd8
    this.#buffer[this.#length++] = 42
    this.#buffer[this.#length++] = 0x58
    this.#buffer[this.#length++] = CID_BYTES + 1
    this.#buffer[this.#length++] = 0
    return this.raw(cid)
  }

  /** Bytes that are CBOR already. */
  raw(value: Uint8Array): this {
    this.#reserve(value.length)
    this.#buffer.set(value, this.#length)
    this.#length += value.length
    return this
  }

  /** What was written, in an array of its own. */
  finish(): Bytes {
    return this.#buffer.length === this.#length ? this.#buffer : this.#buffer.slice(0, this.#length)
  }

  #utf8(value: string): this {
    const encoded = encodeText(value)
    return this.#head(3, encoded.length).raw(encoded)
  }

  #bigint(value: bigint): this {
    const major = value < 0n ? 1 : 0
    const argument = value < 0n ? -1n - value : value
    if (argument <= 0xffffffffn) return this.#head(major, Number(argument))
    this.#reserve(9)
    this.#buffer[this.#length++] = (major << 5) | 27
    this.#uint32(Number(argument >> 32n))
    this.#uint32(Number(argument & 0xffffffffn))
    return this
  }

  #half(bits: number): this {
    this.#reserve(3)
    this.#buffer[this.#length++] = 0xf9
    this.#buffer[this.#length++] = bits >>> 8
    this.#buffer[this.#length++] = bits
    return this
  }

  #head(major: number, argument: number): this {
    this.#reserve(headSize(argument))
    const type = major << 5
    if (argument < 24) {
      this.#buffer[this.#length++] = type | argument
    } else if (argument < 0x100) {
      this.#buffer[this.#length++] = type | 24
      this.#buffer[this.#length++] = argument
    } else if (argument < 0x10000) {
      this.#buffer[this.#length++] = type | 25
      this.#buffer[this.#length++] = argument >>> 8
      this.#buffer[this.#length++] = argument
    } else if (argument < 0x100000000) {
      this.#buffer[this.#length++] = type | 26
      this.#uint32(argument)
    } else {
      this.#buffer[this.#length++] = type | 27
      this.#uint32(Math.floor(argument / 0x100000000))
      this.#uint32(argument % 0x100000000)
    }
    return this
  }

  #byte(value: number): this {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
    return this
  }

  #uint32(value: number): void {
    this.#buffer[this.#length++] = value >>> 24
    this.#buffer[this.#length++] = value >>> 16
    this.#buffer[this.#length++] = value >>> 8
    this.#buffer[this.#length++] = value
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
    grown.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = grown
  }
}

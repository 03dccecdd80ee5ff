import { DatabaseError } from '../errors.ts'
import type { Bytes } from '../util/bytes.ts'

/** Reads bytes from front to back: the counterpart of `ByteSink`. Every method throws CORRUPT_DATA at the end of the bytes. */
export class ByteCursor {
  readonly #bytes: Uint8Array
  readonly #what: string
  #offset: number

  /** `what` names the thing in errors. */
  constructor(bytes: Uint8Array, what: string, offset = 0) {
    this.#bytes = bytes
    this.#what = what
    this.#offset = offset
  }

  get offset(): number {
    return this.#offset
  }

  byte(): number {
    return this.#bytes[this.#offset++] ?? this.fail('another byte')
  }

  /** A whole number, seven bits a byte, lowest first. */
  varint(): number {
    let value = this.byte()
    if (value < 0x80) return value
    value -= 0x80
    for (let scale = 0x80; ; scale *= 0x80) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (value > Number.MAX_SAFE_INTEGER) this.fail('a smaller number')
      if (byte < 0x80) return value
    }
  }

  skip(count: number): void {
    this.#offset += count
    if (this.#offset > this.#bytes.length) this.fail('more bytes')
  }

  /** The next bytes, as a view. */
  take(count: number): Uint8Array {
    const start = this.#offset
    this.skip(count)
    return this.#bytes.subarray(start, this.#offset)
  }

  /** An ASCII text after its length. */
  ascii(): string {
    let text = ''
    for (const byte of this.take(this.varint())) text += String.fromCharCode(byte)
    return text
  }

  /** Passes over an ASCII text after its length, and tells whether it is this one. */
  skipAscii(expected: string): boolean {
    const length = this.varint()
    const start = this.#offset
    this.skip(length)
    if (length !== expected.length) return false
    for (let index = 0; index < length; index++) {
      if (this.#bytes[start + index] !== expected.charCodeAt(index)) return false
    }
    return true
  }

  fail(expected: string): never {
    throw new DatabaseError(
      'CORRUPT_DATA',
      `${this.#what} is corrupt: expected ${expected} at byte ${this.#offset} of ${this.#bytes.length}`,
      {
        what: this.#what,
      },
    )
  }
}

/** How many bytes a number takes as a varint. */
export function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

/** Bytes that grow as they are written. */
export class ByteSink {
  #bytes: Bytes
  #length = 0

  constructor(sizeHint: number) {
    this.#bytes = new Uint8Array(sizeHint)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  /** An ASCII text after its length. @throws RangeError for any other */
  ascii(text: string): void {
    this.varint(text.length)
    this.#reserve(text.length)
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) throw new RangeError(`"${text}" is not ASCII`)
      this.#bytes[this.#length++] = code
    }
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** What was written, in an array of its own. */
  finish(): Bytes {
    return this.#bytes.length === this.#length ? this.#bytes : this.#bytes.slice(0, this.#length)
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

import { DatabaseError } from '../errors.ts'
import { decodeText } from '../util/bytes.ts'
import { CID_BYTES, cidFromBytes, type Cid } from './cid.ts'
import { halfBitsOfSingle, valueOfHalf } from './half-float.ts'

/** Longer texts are decoded by the platform; for shorter ones a loop costs less than the call. */
const SHORT_TEXT = 24

/** Scratch for the bits of floats. It holds nothing between two calls. */
const floatBits = new DataView(new ArrayBuffer(8))

const CANONICAL_NAN = 0x7e00

/**
 * Reads canonical CBOR, and nothing but: any other spelling of the same value (a longer head, an indefinite length, a float that fits a smaller size) is
 * refused, so that what was read would be written with the same bytes. Every length is checked against what is left before anything is made
 * from it. The reader pulls one item at a time; who reads a recursive shape bounds its depth.
 *
 * Every method throws CORRUPT_DATA when the next item is not what it reads.
 */
export class CborReader {
  readonly #bytes: Uint8Array
  readonly #what: string
  #offset = 0

  /** `what` names the thing in errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes
    this.#what = what
  }

  /** The first byte of the next item, -1 at the end: for shapes with alternatives. */
  peek(): number {
    return this.#bytes[this.#offset] ?? -1
  }

  /** An integer: a number where it is safe, else a bigint. */
  int(): number | bigint {
    const major = this.#major()
    if (major > 1) this.fail('an integer')
    const argument = this.#argument()
    if (typeof argument === 'number') {
      if (major === 0) return argument
      const value = -1 - argument
      return Number.isSafeInteger(value) ? value : BigInt(value)
    }
    return major === 0 ? argument : -1n - argument
  }

  /** An integer from 0 up to the largest safe one. */
  count(): number {
    const value = this.int()
    if (typeof value === 'bigint' || value < 0) this.fail('an integer from 0 to 2^53 - 1')
    return value
  }

  float(): number {
    const first = this.#bytes[this.#offset]
    if (first === 0xf9) {
      const bits = this.#uint(1, 2)
      this.#offset += 3
      const value = valueOfHalf(bits)
      if (Number.isNaN(value) && bits !== CANONICAL_NAN) this.fail('NaN as f97e00')
      return value
    }
    if (first === 0xfa) {
      const bits = this.#uint(1, 4)
      floatBits.setUint32(0, bits)
      const value = floatBits.getFloat32(0)
      if (Number.isNaN(value) || halfBitsOfSingle(bits) !== undefined) this.fail('a float in its shortest form')
      this.#offset += 5
      return value
    }
    if (first === 0xfb) {
      floatBits.setUint32(0, this.#uint(1, 4))
      floatBits.setUint32(4, this.#uint(5, 4))
      const value = floatBits.getFloat64(0)
      if (Number.isNaN(value) || Math.fround(value) === value) this.fail('a float in its shortest form')
      this.#offset += 9
      return value
    }
    return this.fail('a float')
  }

  text(): string {
    const start = this.#string(3, 'a text')
    return this.#decode(start)
  }

  /** A byte string, as a view of the bytes that are read. */
  bytes(): Uint8Array {
    const start = this.#string(2, 'a byte string')
    return this.#bytes.subarray(start, this.#offset)
  }

  /** A byte string that holds UTF-8. */
  textBytes(): string {
    const start = this.#string(2, 'a byte string')
    return this.#decode(start)
  }

  /** The head of an array: how many items follow. */
  array(): number {
    if (this.#major() !== 4) this.fail('an array')
    return this.#size(1)
  }

  /** An array of items that are all read in one way. It grows with them: an array in an array that claims all that follows is to cost nothing. */
  list<T>(readItem: () => T): T[] {
    const items: T[] = []
    for (let left = this.array(); left > 0; left--) items.push(readItem())
    return items
  }

  /** The head of a map: how many pairs of key and value follow. */
  map(): number {
    if (this.#major() !== 5) this.fail('a map')
    return this.#size(2)
  }

  boolean(): boolean {
    const first = this.peek()
    if (first !== 0xf4 && first !== 0xf5) this.fail('a boolean')
    this.#offset++
    return first === 0xf5
  }

  /** Reads a null if there is one. */
  tryNull(): boolean {
    if (this.peek() !== 0xf6) return false
    this.#offset++
    return true
  }

  /** A dag-cbor link: tag 42 and a binary CID after a zero byte. The CID is a copy. */
  link(): Cid {
    const start = this.#offset
    const bytes = this.#bytes
    const end = start + 5 + CID_BYTES
    if (
      end > bytes.length ||
      bytes[start] !== 0xd8 ||
      bytes[start + 1] !== 42 ||
      bytes[start + 2] !== 0x58 ||
      bytes[start + 3] !== CID_BYTES + 1 ||
      bytes[start + 4] !== 0
    ) {
      this.fail('a link (tag 42)')
    }
    this.#offset = end
    return cidFromBytes(bytes.slice(start + 5, end))
  }

  /** Reads the text `name` if it is next. For the ASCII keys of fixed shapes, up to 23 characters. */
  tryKey(name: string): boolean {
    const { length } = name
    const start = this.#offset
    if (this.#bytes[start] !== (0x60 | length)) return false
    for (let index = 0; index < length; index++) {
      if (this.#bytes[start + 1 + index] !== name.charCodeAt(index)) return false
    }
    this.#offset = start + 1 + length
    return true
  }

  key(name: string): void {
    if (!this.tryKey(name)) this.fail(`the key "${name}"`)
  }

  /** To be called last: nothing may follow. */
  end(): void {
    if (this.#offset !== this.#bytes.length) this.fail('the end')
  }

  /** @throws CORRUPT_DATA, telling what was to stand here. */
  fail(expected: string): never {
    throw new DatabaseError(
      'CORRUPT_DATA',
      `${this.#what} is corrupt: expected ${expected} at byte ${this.#offset} of ${this.#bytes.length}`,
      {
        what: this.#what,
      },
    )
  }

  #major(): number {
    return (this.#bytes[this.#offset] ?? 0xff) >>> 5
  }

  /** Reads a head and gives its argument. */
  #argument(): number | bigint {
    const info = (this.#bytes[this.#offset] ?? 0) & 31
    if (info < 24) {
      this.#offset++
      return info
    }
    if (info > 27) this.fail('a definite length')
    const size = 1 << (info - 24)
    const high = size === 8 ? this.#uint(1, 4) : 0
    const low = size === 8 ? this.#uint(5, 4) : this.#uint(1, size)
    const isShortest = size === 8 ? high > 0 : low >= (size === 1 ? 24 : 2 ** (size * 4))
    if (!isShortest) this.fail('the shortest form of a number')
    this.#offset += 1 + size
    return high > 0x1fffff ? (BigInt(high) << 32n) | BigInt(low) : high * 0x100000000 + low
  }

  /** Reads the head of an array or map whose items take at least `least` bytes each. */
  #size(least: number): number {
    const argument = this.#argument()
    if (typeof argument === 'bigint' || argument * least > this.#bytes.length - this.#offset)
      this.fail('no more items than there are bytes')
    return argument
  }

  /** Reads a string and gives the offset at which it begins. */
  #string(major: number, name: string): number {
    if (this.#major() !== major) this.fail(name)
    const length = this.#argument()
    if (typeof length === 'bigint' || length > this.#bytes.length - this.#offset) this.fail(`${name} that ends`)
    const start = this.#offset
    this.#offset = start + length
    return start
  }

  #decode(start: number): string {
    const end = this.#offset
    if (end - start <= SHORT_TEXT) {
      let text = ''
      for (let index = start; index < end; index++) {
        const code = this.#bytes[index] ?? 0
        if (code > 0x7f) return this.#decodeUtf8(start, end)
        text += String.fromCharCode(code)
      }
      return text
    }
    return this.#decodeUtf8(start, end)
  }

  #decodeUtf8(start: number, end: number): string {
    try {
      return decodeText(this.#bytes.subarray(start, end))
    } catch {
      // The platform's error says no more than this one.
      this.#offset = start
      return this.fail('UTF-8')
    }
  }

  #uint(skip: number, size: number): number {
    const start = this.#offset + skip
    if (start + size > this.#bytes.length) this.fail(`${size} more bytes`)
    let value = 0
    for (let index = start; index < start + size; index++) value = value * 256 + (this.#bytes[index] ?? 0)
    return value
  }
}

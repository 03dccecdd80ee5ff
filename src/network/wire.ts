/*
 * The encoding of messages between nodes, made of small codecs that carry their bounds. Exactly one spelling of a value is read, so nothing can hide in
 * a message.
 *
 *     uint    LEB128, shortest form
 *     bytes   uint length, bytes; a fixed length is not written
 *     text    as bytes, UTF-8
 *     list    uint count, items
 *     record  its fields in the order of the description
 */
import { DatabaseError } from '../errors.ts'
import { decodeText, encodeText, type Bytes } from '../util/bytes.ts'

/** How one kind of value is written and read. `shape` says it in words: equal shapes are equal on the wire. */
export interface Codec<T> {
  readonly shape: string
  write(writer: WireWriter, value: T): void
  read(reader: WireReader): T
}

/** Writes a value. @throws INVALID_MESSAGE when it is larger than the codec allows */
export function encodeWith<T>(codec: Codec<T>, value: T): Bytes {
  const writer = new WireWriter()
  codec.write(writer, value)
  return writer.finish()
}

/** Reads a value; what it holds are views of `source`. @throws INVALID_MESSAGE for anything that `encodeWith` does not write */
export function decodeWith<T>(codec: Codec<T>, source: Uint8Array): T {
  const reader = new WireReader(source)
  const value = codec.read(reader)
  reader.end()
  return value
}

/** A whole number from 0 to `most`. */
export function uint(most: number = Number.MAX_SAFE_INTEGER): Codec<number> {
  return {
    shape: `uint(${most})`,
    write: (writer, value) => writer.uint(bounded('a number', value, 0, most)),
    read: (reader) => bounded('a number', reader.uint(), 0, most),
  }
}

/** Bytes of one fixed length. */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    shape: `fixed(${length})`,
    write: (writer, value) => {
      bounded('the length of bytes', value.length, length, length)
      writer.bytes(value)
    },
    read: (reader) => reader.bytes(length),
  }
}

/** Up to `most` bytes. */
export function bytes(most: number): Codec<Uint8Array> {
  return {
    shape: `bytes(${most})`,
    write: (writer, value) => {
      writer.uint(bounded('the length of bytes', value.length, 0, most))
      writer.bytes(value)
    },
    read: (reader) => reader.bytes(bounded('the length of bytes', reader.uint(), 0, most)),
  }
}

/** Text of up to `most` bytes of UTF-8. */
export function text(most: number): Codec<string> {
  const utf8 = bytes(most)
  return {
    shape: `text(${most})`,
    write: (writer, value) => utf8.write(writer, encodeText(value)),
    read: (reader) => {
      try {
        return decodeText(utf8.read(reader))
      } catch (error) {
        throw error instanceof TypeError ? invalid('a text is not UTF-8') : error
      }
    },
  }
}

/** Up to `most` items. */
export function list<T>(item: Codec<T>, most: number): Codec<readonly T[]> {
  return {
    shape: `list(${item.shape},${most})`,
    write: (writer, value) => {
      writer.uint(bounded('the length of a list', value.length, 0, most))
      for (const one of value) item.write(writer, one)
    },
    read: (reader) => {
      const count = bounded('the length of a list', reader.uint(), 0, most)
      // Grown as items are read: a count that promises more than the bytes hold must not reserve memory.
      const items: T[] = []
      for (let index = 0; index < count; index++) items.push(item.read(reader))
      return items
    },
  }
}

/** The named members, in this order. */
export function record<T extends object>(members: { readonly [Name in keyof T]: Codec<T[Name]> }): Codec<T> {
  const names = Object.keys(members) as (keyof T & string)[]
  return {
    shape: `{${names.map((name) => `${name}:${members[name].shape}`).join(',')}}`,
    write: (writer, value) => {
      for (const name of names) members[name].write(writer, value[name])
    },
    read: (reader) => {
      const value: Partial<T> = {}
      for (const name of names) value[name] = members[name].read(reader)
      return value as T
    },
  }
}

function bounded(what: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new DatabaseError('INVALID_MESSAGE', `${what} is ${value}; from ${least} to ${most} are allowed`, { what, limit: most })
  }
  return value
}

function invalid(message: string): DatabaseError {
  return new DatabaseError('INVALID_MESSAGE', message, { what: 'message' })
}

/** Bytes in the making. */
export class WireWriter {
  #buffer = new Uint8Array(256)
  #length = 0

  uint(value: number): void {
    let rest = value
    this.#reserve(8)
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#buffer[this.#length++] = rest
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#buffer.set(value, this.#length)
    this.#length += value.length
  }

  finish(): Bytes {
    return this.#buffer.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + more))
    grown.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = grown
  }
}

/** Bytes being read. */
export class WireReader {
  readonly #source: Uint8Array
  #offset = 0

  constructor(source: Uint8Array) {
    this.#source = source
  }

  uint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#source[this.#offset++]
      if (byte === undefined) throw invalid('the message ends within a number')
      value += (byte % 0x80) * factor
      if (value > Number.MAX_SAFE_INTEGER) throw invalid('a number is larger than 2^53')
      if (byte < 0x80) {
        if (byte === 0 && factor > 1) throw invalid('a number is written longer than needed')
        return value
      }
    }
  }

  bytes(length: number): Uint8Array {
    const end = this.#offset + length
    if (end > this.#source.length) throw invalid('the message ends within bytes')
    const value = this.#source.subarray(this.#offset, end)
    this.#offset = end
    return value
  }

  end(): void {
    const rest = this.#source.length - this.#offset
    if (rest > 0) throw invalid(`${rest} bytes follow the message`)
  }
}

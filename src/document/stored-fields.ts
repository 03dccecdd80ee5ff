import { blockCidOfDigest, DIGEST_BYTES } from '../block/cid.ts'
import { ByteCursor } from './byte-cursor.ts'
import type { FieldRecord, Head } from './record.ts'

/**
 * The fields of a stored record as a map that reads from the record's bytes (the format stands in `record-codec.ts`). `get` looks for one
 * field and passes over the others; everything that needs them all makes a map once.
 */
export class StoredFields implements ReadonlyMap<string, FieldRecord> {
  readonly size: number
  /** All fields, encoded. */
  readonly bytes: Uint8Array
  #all: ReadonlyMap<string, FieldRecord> | undefined

  constructor(bytes: Uint8Array, size: number) {
    this.bytes = bytes
    this.size = size
  }

  get(name: string): FieldRecord | undefined {
    if (this.#all !== undefined) return this.#all.get(name)
    const cursor = this.#cursor()
    for (let index = 0; index < this.size; index++) {
      const isFound = cursor.skipAscii(name)
      const length = cursor.varint()
      if (isFound) return new StoredField(this.bytes, cursor.offset)
      cursor.skip(length)
    }
    return undefined
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  keys(): MapIterator<string> {
    return this.#map().keys()
  }

  values(): MapIterator<FieldRecord> {
    return this.#map().values()
  }

  entries(): MapIterator<[string, FieldRecord]> {
    return this.#map().entries()
  }

  [Symbol.iterator](): MapIterator<[string, FieldRecord]> {
    return this.entries()
  }

  forEach(callback: (field: FieldRecord, name: string, fields: ReadonlyMap<string, FieldRecord>) => void, thisArgument?: unknown): void {
    for (const [name, field] of this.#map()) callback.call(thisArgument, field, name, this)
  }

  #map(): ReadonlyMap<string, FieldRecord> {
    if (this.#all === undefined) {
      const all = new Map<string, FieldRecord>()
      const cursor = this.#cursor()
      for (let index = 0; index < this.size; index++) {
        const name = cursor.ascii()
        const length = cursor.varint()
        all.set(name, new StoredField(this.bytes, cursor.offset))
        cursor.skip(length)
      }
      this.#all = all
    }
    return this.#all
  }

  #cursor(): ByteCursor {
    return new ByteCursor(this.bytes, 'document record')
  }
}

class StoredField implements FieldRecord {
  readonly #bytes: Uint8Array
  readonly #offset: number

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes
    this.#offset = offset
  }

  get data(): Uint8Array {
    const cursor = this.#cursor()
    return cursor.take(cursor.varint())
  }

  get priority(): number {
    const cursor = this.#cursor()
    cursor.skip(cursor.varint())
    return cursor.varint()
  }

  get heads(): readonly Head[] {
    const cursor = this.#cursor()
    cursor.skip(cursor.varint())
    cursor.varint()
    return readHeads(cursor)
  }

  #cursor(): ByteCursor {
    return new ByteCursor(this.#bytes, 'document record', this.#offset)
  }
}

/** Reads heads from a record. */
export function readHeads(cursor: ByteCursor): readonly Head[] {
  const count = cursor.varint()
  const heads: Head[] = []
  for (let index = 0; index < count; index++) heads.push({ cid: blockCidOfDigest(cursor.take(DIGEST_BYTES)), height: cursor.varint() })
  return heads
}

/** Passes over heads. */
export function skipHeads(cursor: ByteCursor): void {
  const count = cursor.varint()
  for (let index = 0; index < count; index++) {
    cursor.skip(DIGEST_BYTES)
    cursor.varint()
  }
}

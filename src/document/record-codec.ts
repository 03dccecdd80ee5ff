import { STATUS_ACTIVE, STATUS_DELETED, type DocumentStatus } from '../block/block.ts'
import { DIGEST_BYTES, digestOf } from '../block/cid.ts'
import { DatabaseError } from '../errors.ts'
import { ByteCursor, ByteSink, varintSize } from './byte-cursor.ts'
import type { DocumentRecord, Head, Secrecy } from './record.ts'
import { readHeads, skipHeads, StoredFields } from './stored-fields.ts'

/**
 * The stored form of a document's state. A scan reads one of every document and wants two or three fields of it, so nothing is taken apart before
 * somebody asks: the lengths allow skipping what nobody does.
 *
 *     record = version: byte, status and secrecy: byte, schemaVersionId: text, heads, field count: varint, field*
 *     field  = name: text, rest: varint length and data: varint length and bytes, priority: varint, heads
 *     heads  = count: varint, (digest of the CID: 32 bytes, height: varint)*
 *     text   = varint length and UTF-8
 */
const VERSION = 1

/** The low bits of the second byte are the status, the high ones the place in `SECRECIES`. */
const STATUS_BITS = 0x0f
const SECRECY_SHIFT = 4
const SECRECIES: readonly (Secrecy | undefined)[] = [undefined, 'opened', 'sealed']

/** @throws RangeError for a field name that is not ASCII: names are GraphQL names. */
export function encodeRecord(record: DocumentRecord): Uint8Array {
  const sink = new ByteSink(160 + record.fields.size * 72)
  sink.byte(VERSION)
  sink.byte(record.status | (SECRECIES.indexOf(record.secrecy) << SECRECY_SHIFT))
  sink.ascii(record.schemaVersionId)
  writeHeads(sink, record.heads)
  sink.varint(record.fields.size)
  if (record.fields instanceof StoredFields) {
    sink.raw(record.fields.bytes)
    return sink.finish()
  }
  for (const [name, { data, priority, heads }] of record.fields) {
    sink.ascii(name)
    sink.varint(varintSize(data.length) + data.length + varintSize(priority) + headsSize(heads))
    sink.varint(data.length)
    sink.raw(data)
    sink.varint(priority)
    writeHeads(sink, heads)
  }
  return sink.finish()
}

/** Reads a record, which keeps views of `bytes`. Its parts are read when they are asked for. @throws CORRUPT_DATA, then or now */
export function decodeRecord(bytes: Uint8Array): DocumentRecord {
  return new StoredRecord(bytes)
}

/** Heads alone, as a branchable collection keeps them. */
export function encodeHeads(heads: readonly Head[]): Uint8Array {
  const sink = new ByteSink(2 + heads.length * 36)
  sink.byte(VERSION)
  writeHeads(sink, heads)
  return sink.finish()
}

/** @throws CORRUPT_DATA */
export function decodeHeads(bytes: Uint8Array): readonly Head[] {
  const cursor = new ByteCursor(bytes, 'heads')
  checkVersion(cursor.byte(), 'heads')
  return readHeads(cursor)
}

class StoredRecord implements DocumentRecord {
  readonly status: DocumentStatus
  readonly secrecy?: Secrecy
  readonly #bytes: Uint8Array
  #fields: StoredFields | undefined

  constructor(bytes: Uint8Array) {
    const cursor: ByteCursor = new ByteCursor(bytes, 'document record')
    checkVersion(cursor.byte(), 'document record')
    const marks = cursor.byte()
    const status = marks & STATUS_BITS
    if (status !== STATUS_ACTIVE && status !== STATUS_DELETED) cursor.fail('a status')
    this.status = status
    const secrecy = SECRECIES[marks >>> SECRECY_SHIFT]
    if (secrecy !== undefined) this.secrecy = secrecy
    this.#bytes = bytes
  }

  get schemaVersionId(): string {
    return this.#cursor().ascii()
  }

  get heads(): readonly Head[] {
    const cursor = this.#cursor()
    cursor.skip(cursor.varint())
    return readHeads(cursor)
  }

  get fields(): StoredFields {
    if (this.#fields === undefined) {
      const cursor = this.#cursor()
      cursor.skip(cursor.varint())
      skipHeads(cursor)
      const size = cursor.varint()
      this.#fields = new StoredFields(this.#bytes.subarray(cursor.offset), size)
    }
    return this.#fields
  }

  /** After the version and the status. */
  #cursor(): ByteCursor {
    return new ByteCursor(this.#bytes, 'document record', 2)
  }
}

function writeHeads(sink: ByteSink, heads: readonly Head[]): void {
  sink.varint(heads.length)
  for (const { cid, height } of heads) {
    sink.raw(digestOf(cid))
    sink.varint(height)
  }
}

function headsSize(heads: readonly Head[]): number {
  return heads.reduce((size, { height }) => size + DIGEST_BYTES + varintSize(height), varintSize(heads.length))
}

function checkVersion(version: number, what: string): void {
  if (version === VERSION) return
  throw new DatabaseError('CORRUPT_DATA', `${what} has version ${version}; this program reads ${VERSION}`, { what })
}

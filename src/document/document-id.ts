import { sha1 } from '@noble/hashes/legacy.js'

import { CborWriter } from '../block/cbor-writer.ts'
import { cidToText, rawCid } from '../block/cid.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import type { ValueKind } from '../schema/kinds.ts'
import type { Brand } from '../util/brand.ts'
import { bytesToHex, concatBytes, encodeText, hexToBytes } from '../util/bytes.ts'
import { isList } from './json-value.ts'
import { writeValue } from './value.ts'

/**
 * `bae-` and a UUID. It follows from the content of a document's first state and its collection:
 *
 *     preimage = canonical CBOR of { field name: value }  ‖  UTF-8 of the collection ID
 *     docID    = "bae-" ‖ UUIDv5(namespace, text of the raw CID of preimage)
 *
 * Nulls are left out. Keys are in canonical order. Elements of nillable lists, null or not, are written as empty maps: only the length counts. That looks like a
 * mistake, but every ID in the world is made so.
 */
export type DocId = Brand<string, 'DocId'>

/** Multibase base32 of the format's version, 1. */
const PREFIX = 'bae-'
const PATTERN = /^bae-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const NAMESPACE = hexToBytes('c94acbfadd5340d097f329ce16c333fc')
const UUID_BYTES = 16

const DASH = 0x2d
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const LETTER_A = 0x61

/** The first field of every collection, which is not part of a document's content. */
const ID_FIELD = '_docID'

/** @throws INVALID_ARGUMENT when `text` is no document ID. Letters may be of any case; the ID has lower case. */
export function parseDocId(text: string): DocId {
  const docId = text.toLowerCase()
  if (!isDocId(docId)) {
    throw new DatabaseError('INVALID_ARGUMENT', `"${text}" is no document ID; one looks like "bae-c9fb0fa4-1195-589c-aa54-e68333fb90b3"`, {
      argument: 'docID',
      value: text,
    })
  }
  return docId
}

/** Whether a text is a document ID, in its one spelling. */
export function isDocId(text: string): text is DocId {
  return PATTERN.test(text)
}

/** The 16 bytes of the UUID, which keep the order of the texts. */
export function docIdToBytes(docId: DocId): Uint8Array {
  const uuid = new Uint8Array(UUID_BYTES)
  let digit = 0
  for (let index = PREFIX.length; index < docId.length; index++) {
    const code = docId.charCodeAt(index)
    if (code === DASH) continue
    const value = code > DIGIT_9 ? code - LETTER_A + 10 : code - DIGIT_0
    uuid[digit >>> 1] = ((uuid[digit >>> 1] ?? 0) << 4) | value
    digit++
  }
  return uuid
}

export function docIdFromBytes(uuid: Uint8Array): DocId {
  const hex = bytesToHex(uuid)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return parseDocId(PREFIX + parts.join('-'))
}

/**
 * The ID of a new document of `collection` with these values (defaults included, a relation `x` under `x_id`). What `values` holds beyond the
 * collection's value fields is not looked at, nor is `_docID`.
 */
export function documentId(collection: CollectionVersion, values: ReadonlyMap<string, DocumentValue>): DocId {
  const cid = rawCid(documentPreimage(collection, values))
  const name = concatBytes(NAMESPACE, encodeText(cidToText(cid)))
  const uuid = sha1(name).subarray(0, UUID_BYTES)
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x50
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80
  return docIdFromBytes(uuid)
}

/** What is hashed for a document's ID. */
export function documentPreimage(collection: CollectionVersion, values: ReadonlyMap<string, DocumentValue>): Uint8Array {
  const given: { readonly name: string; readonly kind: ValueKind; readonly value: DocumentValue }[] = []
  for (const { name, kind } of collection.fields) {
    const value = values.get(name) ?? null
    if (value !== null && kind.type === 'value' && name !== ID_FIELD) given.push({ name, kind, value })
  }
  given.sort((a, b) => compareNames(a.name, b.name))
  const writer = new CborWriter(256).map(given.length)
  for (const { name, kind, value } of given) {
    writer.text(name)
    if (kind.list === 'nillable' && isList(value)) {
      writer.array(value.length)
      for (const _ of value) writer.map(0)
    } else {
      writeValue(writer, kind, value)
    }
  }
  return writer.raw(encodeText(collection.collectionId)).finish()
}

/** Canonical order of field names, which are ASCII. */
function compareNames(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b))
}

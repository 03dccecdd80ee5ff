import { DatabaseError } from '../errors.ts'
import type { Brand } from '../util/brand.ts'
import { equalBytes } from '../util/bytes.ts'
import { decodeBase32, encodeBase32 } from './base32.ts'
import { sha256 } from './sha256.ts'

/**
 * A binary CIDv1 of 36 bytes: version 1, codec dag-cbor (blocks, text `bafyrei…`) or raw (schemas and documents, text `bafkrei…`), SHA2-256.
 * Bytes, because hashing makes bytes and the text form costs as much as the hash; the text is made when somebody reads it.
 */
export type Cid = Brand<Uint8Array, 'Cid'>

/** Bytes of a CID, and those of its hash, which are the last ones. */
export const CID_BYTES = 36
export const DIGEST_BYTES = 32

const VERSION = 0x01
const CODEC_RAW = 0x55
const CODEC_DAG_CBOR = 0x71
const HASH_SHA2_256 = 0x12
const HEADER_BYTES = CID_BYTES - DIGEST_BYTES

/** Multibase prefix of base32 in lower case. */
const BASE32_PREFIX = 'b'

/** The CID of a dag-cbor block with these bytes. */
export function blockCid(bytes: Uint8Array): Cid {
  return cidOfDigest(CODEC_DAG_CBOR, sha256(bytes))
}

/** The CID of bytes that are no block: a schema, the preimage of a document ID. */
export function rawCid(bytes: Uint8Array): Cid {
  return cidOfDigest(CODEC_RAW, sha256(bytes))
}

/** The CID of the block whose SHA2-256 this is: the way back from keys and records, which keep digests only. */
export function blockCidOfDigest(digest: Uint8Array): Cid {
  return cidOfDigest(CODEC_DAG_CBOR, digest)
}

/** The hash inside a CID, as a view. */
export function digestOf(cid: Cid): Uint8Array {
  return cid.subarray(HEADER_BYTES)
}

/** Takes 36 bytes as a CID, without copying them. @throws CORRUPT_DATA when they are none. */
export function cidFromBytes(bytes: Uint8Array): Cid {
  if (!isCid(bytes)) {
    throw new DatabaseError('CORRUPT_DATA', `${bytes.length} bytes that are no CIDv1 of a raw or dag-cbor block with SHA2-256`, {
      what: 'cid',
    })
  }
  return bytes
}

/** The text form: `b` and base32 in lower case. */
export function cidToText(cid: Cid): string {
  return BASE32_PREFIX + encodeBase32(cid)
}

/** @throws INVALID_ARGUMENT when `text` is not the text form of a CID. */
export function parseCid(text: string): Cid {
  const bytes = text.startsWith(BASE32_PREFIX) ? decodeBase32(text, BASE32_PREFIX.length) : undefined
  if (bytes === undefined || !isCid(bytes)) {
    throw new DatabaseError('INVALID_ARGUMENT', `"${text}" is no CID; one looks like "bafyrei…" or "bafkrei…" and has 59 characters`, {
      argument: 'cid',
      value: text,
    })
  }
  return bytes
}

export function equalCids(a: Cid, b: Cid): boolean {
  return equalBytes(a, b)
}

/**
 * The order of the text forms, without making them. It is not the order of the bytes: base32 writes the values 26 to 31 as the digits 2 to 7, and ASCII
 * has digits before letters.
 */
export function compareCids(a: Cid, b: Cid): number {
  let index = 0
  while (index < CID_BYTES && a[index] === b[index]) index++
  if (index === CID_BYTES) return 0
  // The letter with the first differing bit begins in this byte or in the one before; the byte holds bits of at most three letters.
  const first = Math.floor((index * 8) / 5)
  for (let letter = first; ; letter++) {
    const difference = rankOfLetter(a, letter) - rankOfLetter(b, letter)
    if (difference !== 0) return difference
  }
}

/** A key for maps and sets in memory: cheaper than the text form, unique, not printable. */
export function cidKey(cid: Cid): string {
  const units: number[] = []
  for (let index = 1; index < CID_BYTES; index += 2) units.push(((cid[index] ?? 0) << 8) | (cid[index + 1] ?? 0))
  return String.fromCharCode(...units)
}

function cidOfDigest(codec: number, digest: Uint8Array): Cid {
  const cid = new Uint8Array(CID_BYTES)
  cid[0] = VERSION
  cid[1] = codec
  cid[2] = HASH_SHA2_256
  cid[3] = DIGEST_BYTES
  cid.set(digest, HEADER_BYTES)
  return cid as Cid
}

function isCid(bytes: Uint8Array): bytes is Cid {
  return (
    bytes.length === CID_BYTES &&
    bytes[0] === VERSION &&
    (bytes[1] === CODEC_DAG_CBOR || bytes[1] === CODEC_RAW) &&
    bytes[2] === HASH_SHA2_256 &&
    bytes[3] === DIGEST_BYTES
  )
}

/** Where the letter at this place of the base32 text stands in ASCII order: digits 0 to 5, letters 6 to 31. */
function rankOfLetter(cid: Cid, letter: number): number {
  const bit = letter * 5
  const byte = bit >>> 3
  const pair = ((cid[byte] ?? 0) << 8) | (cid[byte + 1] ?? 0)
  const value = (pair >>> (11 - (bit & 7))) & 31
  return (value + 6) & 31
}

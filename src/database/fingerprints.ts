/*
 * Fingerprints of what a node holds of a collection, so that two nodes find out in what they differ at the cost of the difference. Documents hang in a tree
 * by the hex digits of their UUIDs, which are hashes, so that it is balanced by itself:
 *
 *     document = UUID: 16 bytes, number of heads: 2 bytes, CIDs of the heads in order
 *     leaf     = 0 and the documents under a prefix, hashed         where there are at most LEAF_DOCUMENTS of them
 *     branch   = 1 and the fingerprints of the next digit's 16 prefixes, hashed
 *     part     = the leaf or branch of 3 digits                     4096 of them
 *     bucket   = the branch of 2 digits, always over its 16 parts   256 of them
 *     root     = 1 and the fingerprints of all buckets, hashed
 *
 * Each but the root is half a SHA2-256, nothing for what is empty. The form follows from the documents alone, so equal contents have equal fingerprints, and
 * nobody can make two contents with one.
 */
import { sha256 } from '../block/sha256.ts'
import { docIdFromBytes, docIdToBytes, parseDocId } from '../document/document-id.ts'
import { compareBytes, concatBytes, equalBytes, hexToBytes } from '../util/bytes.ts'
import type { DocumentHeads } from './replica.ts'

export const BUCKETS = 256
/** Parts of a bucket, and children of a branch. */
export const FAN_OUT = 16
/** Half a SHA2-256. */
export const PRINT_BYTES = 16
/** A leaf of this many documents costs less than another round trip. */
export const LEAF_DOCUMENTS = 32

/** Hex digits that a bucket's documents share, and those of a part. */
export const BUCKET_DIGITS = 2
export const PART_DIGITS = 3
const ID_DIGITS = 32

/** All of a collection down to its parts. Nothing of it changes. */
export interface Fingerprints {
  /** 32 bytes. */
  readonly root: Uint8Array
  /** One fingerprint after the other. */
  readonly buckets: Uint8Array
  readonly parts: Uint8Array
}

/** Those of a collection with these parts, of which `before` were the same but in some buckets. */
export function fingerprintsOf(
  parts: Uint8Array,
  before?: { readonly buckets: Uint8Array; readonly changed: Iterable<number> },
): Fingerprints {
  const buckets = before === undefined ? new Uint8Array(BUCKETS * PRINT_BYTES) : before.buckets.slice()
  const changed = before?.changed ?? Array.from({ length: BUCKETS }, (_, bucket) => bucket)
  const size = FAN_OUT * PRINT_BYTES
  for (const bucket of changed) buckets.set(branchOf(parts.subarray(bucket * size, (bucket + 1) * size)), bucket * PRINT_BYTES)
  return { root: sha256(concatBytes(Uint8Array.of(1), buckets)), buckets, parts }
}

/** Those of a collection with exactly these documents, in the order of their IDs. */
export function fingerprintsOfDocuments(documents: readonly DocumentHeads[]): Fingerprints {
  const size = FAN_OUT * PRINT_BYTES
  const parts = new Uint8Array(BUCKETS * size)
  const byBucket = Map.groupBy(documents, ({ docId }) => digitAt(docId, 0) * FAN_OUT + digitAt(docId, 1))
  for (const [bucket, group] of byBucket) parts.set(childrenOf(group, BUCKET_DIGITS), bucket * size)
  return fingerprintsOf(parts)
}

/** The fingerprints of the 16 prefixes with one digit more than `digits`; the documents share so many and come in the order of their IDs. */
export function childrenOf(documents: readonly DocumentHeads[], digits: number): Uint8Array {
  const prints = new Uint8Array(FAN_OUT * PRINT_BYTES)
  const byDigit = Map.groupBy(documents, ({ docId }) => digitAt(docId, digits))
  for (const [digit, group] of byDigit) prints.set(printOf(group, digits + 1), digit * PRINT_BYTES)
  return prints
}

/** Whether the tree ends with these documents. */
export function isLeaf(documents: readonly DocumentHeads[], digits: number): boolean {
  return documents.length <= LEAF_DOCUMENTS || digits === ID_DIGITS
}

/** The fingerprint at `index` of some that are joined. */
export function printAt(prints: Uint8Array, index: number): Uint8Array {
  return prints.subarray(index * PRINT_BYTES, (index + 1) * PRINT_BYTES)
}

export function isEmptyPrint(print: Uint8Array): boolean {
  return equalBytes(print, EMPTY)
}

const EMPTY = new Uint8Array(PRINT_BYTES)

function printOf(documents: readonly DocumentHeads[], digits: number): Uint8Array {
  if (!isLeaf(documents, digits)) return branchOf(childrenOf(documents, digits))
  const parts = documents.flatMap(({ docId, heads }) => [
    docIdToBytes(parseDocId(docId)),
    Uint8Array.of(heads.length >>> 8, heads.length),
    ...heads.toSorted(compareBytes),
  ])
  return documents.length === 0 ? EMPTY : sha256(concatBytes(Uint8Array.of(0), ...parts)).subarray(0, PRINT_BYTES)
}

function branchOf(children: Uint8Array): Uint8Array {
  return children.every((byte) => byte === 0) ? EMPTY : sha256(concatBytes(Uint8Array.of(1), children)).subarray(0, PRINT_BYTES)
}

/** Where the hex digits stand in the text of a document ID: four groups of dashes apart, behind `bae-`. */
function placeOf(digit: number): number {
  const dashes = digit < 8 ? 0 : Math.min(4, Math.floor((digit - 4) / 4))
  return 'bae-'.length + digit + dashes
}

function digitAt(docId: string, digit: number): number {
  return Number.parseInt(docId[placeOf(digit)] ?? '0', 16)
}

/** The first document ID that can begin with these hex digits, and the last. */
export function idsUnder(prefix: string): { readonly first: string; readonly last: string } {
  return { first: docIdOfDigits(prefix.padEnd(ID_DIGITS, '0')), last: docIdOfDigits(prefix.padEnd(ID_DIGITS, 'f')) }
}

function docIdOfDigits(digits: string): string {
  return docIdFromBytes(hexToBytes(digits))
}

import { blockCidOfDigest, DIGEST_BYTES, digestOf, parseCid, type Cid } from '../block/cid.ts'
import { DatabaseError } from '../errors.ts'
import { MAX_KEY_BYTES, type KeyRange } from '../storage/store.ts'
import { concatBytes, encodeText, prefixRange } from '../util/bytes.ts'
import { docIdFromBytes, docIdToBytes, isDocId, parseDocId, type DocId } from './document-id.ts'

/**
 * Every key of the store. The first byte tells what is stored; the rest orders it.
 *
 *     meta                01
 *     setting             02 name
 *     collection version  03 collection version
 *     collection heads    04 collection
 *     collection block    05 collection digest
 *     fingerprinted       06 collection
 *     fingerprints        07 collection bucket
 *     stale bucket        08 collection bucket
 *     document            10 collection document
 *     commit              11 document digest
 *     left aside          12 collection document digest
 *     encryption key      13 digest
 *     index entry         20 collection index parts document
 *     index overflow      21 collection index document
 *     index claim         22 collection index parts
 *     built index         23 collection index
 *
 *     collection, version = first 16 bytes of the digest inside the ID, then its number in a circular set: 0 for none, else n + 1, two bytes
 *     document            = the 16 bytes of the UUID
 *     digest              = the 32 bytes of the CID's hash
 *     bucket              = the first byte of the documents' UUIDs
 *     name                = UTF-8
 *     index               = the number of the index within its collection, two bytes
 *     parts               = the values, as `index-key.ts` writes them
 *
 * Numbers are big-endian, so bytes keep their order. Collections need no table of short numbers: the digest is one already, and 128 bits of it are
 * enough that no two collections of one database meet by accident.
 */
const META = 0x01
const SETTING = 0x02
const COLLECTION_VERSION = 0x03
const COLLECTION_HEADS = 0x04
const COLLECTION_BLOCK = 0x05
const FINGERPRINTED = 0x06
const FINGERPRINTS = 0x07
const STALE_BUCKET = 0x08
const DOCUMENT = 0x10
const COMMIT = 0x11
const LEFT_ASIDE = 0x12
const ENCRYPTION_KEY = 0x13
const INDEX_ENTRY = 0x20
const INDEX_OVERFLOW = 0x21
const INDEX_CLAIM = 0x22
const BUILT_INDEX = 0x23

/** The names of the table above. */
const KINDS: ReadonlyMap<number | undefined, string> = new Map([
  [META, 'meta'],
  [SETTING, 'setting'],
  [COLLECTION_VERSION, 'collection version'],
  [COLLECTION_HEADS, 'collection heads'],
  [COLLECTION_BLOCK, 'collection block'],
  [FINGERPRINTED, 'fingerprinted'],
  [FINGERPRINTS, 'fingerprints'],
  [STALE_BUCKET, 'stale bucket'],
  [DOCUMENT, 'document'],
  [COMMIT, 'commit'],
  [LEFT_ASIDE, 'left aside'],
  [ENCRYPTION_KEY, 'encryption key'],
  [INDEX_ENTRY, 'index entry'],
  [INDEX_OVERFLOW, 'index overflow'],
  [INDEX_CLAIM, 'index claim'],
  [BUILT_INDEX, 'built index'],
])

const SHORT_DIGEST_BYTES = 16
const DOC_ID_BYTES = 16
const COLLECTION_BYTES = SHORT_DIGEST_BYTES + 2
const LARGEST_SET_NUMBER = 0xfffe
const BUCKET_KEY_BYTES = 1 + COLLECTION_BYTES + 1
const INDEX_ID_BYTES = 2
const INDEX_BYTES = 1 + COLLECTION_BYTES + INDEX_ID_BYTES

/** Room for the values in the key of an index entry. */
export const MAX_INDEX_PARTS_BYTES: number = MAX_KEY_BYTES - INDEX_BYTES - DOC_ID_BYTES

/** Makes and parses all keys. Functions that take IDs throw INVALID_ARGUMENT when they are none. */
export const keys = {
  /** What is stored under a key, by its name in the table; 'unknown' under one that nothing here has made. */
  kindOf(key: Uint8Array): string {
    return KINDS.get(key[0]) ?? 'unknown'
  },

  /** Whether what is stored under a key may be a secret: a key of this node, or one that opens documents. */
  isSecret(key: Uint8Array): boolean {
    return key[0] === SETTING || key[0] === ENCRYPTION_KEY
  },

  /** What describes the database itself. */
  meta(): Uint8Array {
    return Uint8Array.of(META)
  },

  setting(name: string): Uint8Array {
    return concatBytes(Uint8Array.of(SETTING), encodeText(name))
  },

  collectionVersion(collectionId: string, versionId: string): Uint8Array {
    return concatBytes(Uint8Array.of(COLLECTION_VERSION), shortId(collectionId), shortId(versionId))
  },

  /** All versions of all collections. */
  allCollections(): KeyRange {
    return prefixRange(Uint8Array.of(COLLECTION_VERSION))
  },

  /** The heads of a branchable collection's own DAG. */
  collectionHeads(collectionId: string): Uint8Array {
    return collectionKey(COLLECTION_HEADS, collectionId, 0)
  },

  collectionBlock(collectionId: string, cid: Cid): Uint8Array {
    const key = collectionKey(COLLECTION_BLOCK, collectionId, DIGEST_BYTES)
    key.set(digestOf(cid), 1 + COLLECTION_BYTES)
    return key
  },

  collectionBlocksOf(collectionId: string): KeyRange {
    return prefixRange(collectionKey(COLLECTION_BLOCK, collectionId, 0))
  },

  /** That fingerprints of a collection are kept from now on. */
  fingerprinted(collectionId: string): Uint8Array {
    return collectionKey(FINGERPRINTED, collectionId, 0)
  },

  /** The same of all collections. */
  allFingerprinted(): KeyRange {
    return prefixRange(Uint8Array.of(FINGERPRINTED))
  },

  /** The fingerprints of the documents in one bucket. */
  fingerprints(collectionId: string, bucket: number): Uint8Array {
    return bucketKey(FINGERPRINTS, collectionId, bucket)
  },

  /** Those of all buckets, in order. */
  fingerprintsOf(collectionId: string): KeyRange {
    return prefixRange(collectionKey(FINGERPRINTS, collectionId, 0))
  },

  /** That documents of a bucket have changed since its fingerprints were made. */
  staleBucket(collectionId: string, bucket: number): Uint8Array {
    return bucketKey(STALE_BUCKET, collectionId, bucket)
  },

  staleBucketsOf(collectionId: string): KeyRange {
    return prefixRange(collectionKey(STALE_BUCKET, collectionId, 0))
  },

  /** The mark of the bucket in which this key's value counts; `undefined` when it counts in none. A collection's own DAG counts as its first document. */
  staleBucketOf(key: Uint8Array): Uint8Array | undefined {
    if (key[0] !== DOCUMENT && key[0] !== COLLECTION_HEADS) return undefined
    const mark = new Uint8Array(BUCKET_KEY_BYTES)
    mark.set(key.subarray(0, key[0] === DOCUMENT ? BUCKET_KEY_BYTES : BUCKET_KEY_BYTES - 1))
    mark[0] = STALE_BUCKET
    return mark
  },

  isStaleBucket(key: Uint8Array): boolean {
    return key[0] === STALE_BUCKET
  },

  /** Makes the key that says that a collection is fingerprinted of the mark of one of its buckets. */
  fingerprintedOf(mark: Uint8Array): Uint8Array {
    const key = mark.slice(0, BUCKET_KEY_BYTES - 1)
    key[0] = FINGERPRINTED
    return key
  },

  isFingerprinted(key: Uint8Array): boolean {
    return key[0] === FINGERPRINTED
  },

  /** The bucket at the end of the key of its fingerprints or its mark. */
  bucketOf(key: Uint8Array): number {
    if ((key[0] !== FINGERPRINTS && key[0] !== STALE_BUCKET) || key.length !== BUCKET_KEY_BYTES) throw corrupt(key)
    return key[BUCKET_KEY_BYTES - 1] ?? 0
  },

  /** The state of a document. */
  document(collectionId: string, docId: string): Uint8Array {
    const key = collectionKey(DOCUMENT, collectionId, DOC_ID_BYTES)
    key.set(docIdToBytes(parseDocId(docId)), 1 + COLLECTION_BYTES)
    return key
  },

  /** All documents of a collection, in the order of their IDs. */
  documentsOf(collectionId: string): KeyRange {
    return prefixRange(collectionKey(DOCUMENT, collectionId, 0))
  },

  /** Those of one bucket. */
  documentsInBucket(collectionId: string, bucket: number): KeyRange {
    return prefixRange(bucketKey(DOCUMENT, collectionId, bucket))
  },

  commit(docId: string, composite: Cid): Uint8Array {
    const key = new Uint8Array(1 + DOC_ID_BYTES + DIGEST_BYTES)
    key[0] = COMMIT
    key.set(docIdToBytes(parseDocId(docId)), 1)
    key.set(digestOf(composite), 1 + DOC_ID_BYTES)
    return key
  },

  /** All commits of a document: its whole history, in no particular order. */
  commitsOf(docId: string): KeyRange {
    return prefixRange(concatBytes(Uint8Array.of(COMMIT), docIdToBytes(parseDocId(docId))))
  },

  /** The encryption block that holds a key. */
  encryptionKey(cid: Cid): Uint8Array {
    return concatBytes(Uint8Array.of(ENCRYPTION_KEY), digestOf(cid))
  },

  /** Which fields of a stored commit are not merged (yet). */
  leftAside(collectionId: string, docId: string, composite: Cid): Uint8Array {
    const key = collectionKey(LEFT_ASIDE, collectionId, DOC_ID_BYTES + DIGEST_BYTES)
    key.set(docIdToBytes(parseDocId(docId)), 1 + COLLECTION_BYTES)
    key.set(digestOf(composite), 1 + COLLECTION_BYTES + DOC_ID_BYTES)
    return key
  },

  /** All of them in a collection, in the order of their documents' IDs; or those of one document. */
  leftAsideOf(collectionId: string, docId?: string): KeyRange {
    const prefix = collectionKey(LEFT_ASIDE, collectionId, 0)
    return prefixRange(docId === undefined ? prefix : concatBytes(prefix, docIdToBytes(parseDocId(docId))))
  },

  /** A document found by its values in one index: the value of the key is empty. */
  indexEntry(collectionId: string, indexId: number, parts: Uint8Array, docId: string): Uint8Array {
    return concatBytes(indexKey(INDEX_ENTRY, collectionId, indexId), parts, docIdToBytes(parseDocId(docId)))
  },

  /** What the entries of an index begin with. */
  indexEntries(collectionId: string, indexId: number): Uint8Array {
    return indexKey(INDEX_ENTRY, collectionId, indexId)
  },

  /** Marks a document that has too many entries to be in an index at all. */
  indexOverflow(collectionId: string, indexId: number, docId: string): Uint8Array {
    return concatBytes(indexKey(INDEX_OVERFLOW, collectionId, indexId), docIdToBytes(parseDocId(docId)))
  },

  /** The documents that are too large for one index, of all indexes. */
  allIndexOverflows(): KeyRange {
    return prefixRange(Uint8Array.of(INDEX_OVERFLOW))
  },

  /** Whether a key is that of an index overflow, and what of it names the index. */
  overflowingIndex(key: Uint8Array): Uint8Array | undefined {
    return key[0] === INDEX_OVERFLOW ? key.subarray(1, INDEX_BYTES) : undefined
  },

  /** The documents that are too large for an index. */
  indexOverflowsOf(collectionId: string, indexId: number): KeyRange {
    return prefixRange(indexKey(INDEX_OVERFLOW, collectionId, indexId))
  },

  /** Who holds the values of an entry of a unique index. */
  indexClaim(entry: Uint8Array): Uint8Array {
    const claim = keys.indexEntryPrefix(entry).slice()
    claim[0] = INDEX_CLAIM
    return claim
  },

  /** All claims of an index. */
  indexClaimsOf(collectionId: string, indexId: number): KeyRange {
    return prefixRange(indexKey(INDEX_CLAIM, collectionId, indexId))
  },

  /** That an index holds everything it should, and what it was built from. */
  builtIndex(collectionId: string, indexId: number): Uint8Array {
    return indexKey(BUILT_INDEX, collectionId, indexId)
  },

  /** The built indexes of a collection. */
  builtIndexesOf(collectionId: string): KeyRange {
    return prefixRange(collectionKey(BUILT_INDEX, collectionId, 0))
  },

  /** The number at the end of the key of a built index. */
  builtIndexId(key: Uint8Array): number {
    if (key[0] !== BUILT_INDEX || key.length !== INDEX_BYTES) throw corrupt(key)
    return ((key[INDEX_BYTES - 2] ?? 0) << 8) | (key[INDEX_BYTES - 1] ?? 0)
  },

  /** The key of an index entry without its document: what the entries of equal values share. */
  indexEntryPrefix(entry: Uint8Array): Uint8Array {
    if (entry[0] !== INDEX_ENTRY || entry.length < INDEX_BYTES + DOC_ID_BYTES) throw corrupt(entry)
    return entry.subarray(0, -DOC_ID_BYTES)
  },

  /** The values in the key of an index entry. */
  indexPartsOf(entry: Uint8Array): Uint8Array {
    return keys.indexEntryPrefix(entry).subarray(INDEX_BYTES)
  },

  /** The document ID at the end of the key of an index entry or overflow. */
  indexedDocId(key: Uint8Array): DocId {
    const isIndexKey = key[0] === INDEX_ENTRY || key[0] === INDEX_OVERFLOW
    if (!isIndexKey || key.length < INDEX_BYTES + DOC_ID_BYTES) throw corrupt(key)
    return docIdFromBytes(key.subarray(-DOC_ID_BYTES))
  },

  /** The first key after this one: where a scan goes on. */
  after(key: Uint8Array): Uint8Array {
    return concatBytes(key, Uint8Array.of(0))
  },

  /** Whether a text can be part of a document key. */
  isDocumentId(text: string): text is DocId {
    return isDocId(text)
  },

  /** The document ID inside the key of a document, or of what a commit of it left aside. */
  docIdOf(key: Uint8Array): DocId {
    const end = 1 + COLLECTION_BYTES + DOC_ID_BYTES
    if (!(key[0] === DOCUMENT && key.length === end) && !(key[0] === LEFT_ASIDE && key.length === end + DIGEST_BYTES)) throw corrupt(key)
    return docIdFromBytes(key.subarray(1 + COLLECTION_BYTES, end))
  },

  /** The CID at the end of the key of a commit, of what it left aside, or of a collection block. */
  cidOf(key: Uint8Array): Cid {
    const isBlockKey = key[0] === COMMIT || key[0] === COLLECTION_BLOCK || key[0] === LEFT_ASIDE
    if (!isBlockKey || key.length <= DIGEST_BYTES) throw corrupt(key)
    return blockCidOfDigest(key.subarray(-DIGEST_BYTES))
  },
}

function collectionKey(prefix: number, collectionId: string, room: number): Uint8Array {
  const key = new Uint8Array(1 + COLLECTION_BYTES + room)
  key[0] = prefix
  key.set(shortId(collectionId), 1)
  return key
}

function bucketKey(prefix: number, collectionId: string, bucket: number): Uint8Array {
  const key = collectionKey(prefix, collectionId, 1)
  key[BUCKET_KEY_BYTES - 1] = bucket
  return key
}

function indexKey(prefix: number, collectionId: string, indexId: number): Uint8Array {
  const key = collectionKey(prefix, collectionId, INDEX_ID_BYTES)
  key[INDEX_BYTES - 2] = indexId >>> 8
  key[INDEX_BYTES - 1] = indexId
  return key
}

/** The compact form of a collection or version ID: a CID, and `-n` for members of a circular set. */
function shortId(id: string): Uint8Array {
  const dash = id.indexOf('-')
  const bytes = new Uint8Array(COLLECTION_BYTES)
  bytes.set(digestOf(parseCid(dash < 0 ? id : id.slice(0, dash))).subarray(0, SHORT_DIGEST_BYTES))
  if (dash < 0) return bytes
  const digits = id.slice(dash + 1)
  const number = Number(digits)
  if (!/^\d{1,5}$/.test(digits) || number > LARGEST_SET_NUMBER) {
    throw new DatabaseError('INVALID_ARGUMENT', `"${id}" is no collection ID: "-${digits}" is no number of a set`, {
      argument: 'collectionID',
      value: id,
    })
  }
  bytes[SHORT_DIGEST_BYTES] = (number + 1) >>> 8
  bytes[SHORT_DIGEST_BYTES + 1] = number + 1
  return bytes
}

function corrupt(key: Uint8Array): DatabaseError<'CORRUPT_DATA'> {
  return new DatabaseError(
    'CORRUPT_DATA',
    `a key of ${key.length} bytes that begins with ${key[0] ?? 'nothing'} is not of the kind that is read`,
    {
      what: 'key',
    },
  )
}

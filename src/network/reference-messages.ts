/*
 * The messages of DefraDB 0.19, which reference nodes exchange over gossipsub and gRPC. They are maps in "plain" CBOR: members in the order in which they are
 * declared here, `f6` for a list or byte string that is not there.
 *
 *     pushLogRequest      { DocID: text, CID: bytes, CollectionID: text, Creator: text, Block: bytes }
 *     pushLogReply        {}
 *     getIdentityRequest  { PeerID: text }
 *     getIdentityReply    { IdentityToken: bytes | null }
 *     docSyncRequest      { docIDs: [text] }
 *     docSyncReply        { results: [{ docID: text, heads: [bytes] }] | null, sender: text }
 *     keyRequest          { Identity: bytes, Links: [bytes], EphemeralPublicKey: bytes }
 *     keyReply            { Links: [bytes] | null, Blocks: [bytes] | null, EphemeralPublicKey: bytes | null }
 *
 * Reading is lenient where the reference is, which writes them: any order of members, any case of their names, null for whatever is empty, members that are
 * not known. Each of the named members is there once, and every length and count is bounded.
 */
import { CborReader } from '../block/cbor-reader.ts'
import { CborWriter } from '../block/cbor-writer.ts'
import { MAX_BLOCK_BYTES } from '../block/commit.ts'
import { DatabaseError, isFailure } from '../errors.ts'
import { encodeText } from '../util/bytes.ts'
import {
  DOCUMENTS_PER_PAGE,
  MAX_CID_BYTES,
  MAX_COLLECTION_ID_BYTES,
  MAX_DOC_ID_BYTES,
  MAX_ENCRYPTED_KEY_BYTES,
  MAX_HEADS_PER_DOCUMENT,
  MAX_IDENTITY_BYTES,
  MAX_KEYS_PER_REQUEST,
  MAX_PEER_ID_BYTES,
  MAX_PUBLIC_KEY_BYTES,
  MAX_TOKEN_BYTES,
  MAX_UNKNOWN_DEPTH,
} from './limits.ts'

/** The messages by name. CIDs are binary, peer IDs are texts. */
export interface ReferenceMessages {
  /** A head has changed: of a document, or of a collection when the document ID is empty. */
  readonly pushLogRequest: PushLogRequest
  readonly pushLogReply: object
  readonly getIdentityRequest: { readonly peerId: string }
  /** The token is null where the node has no identity. */
  readonly getIdentityReply: { readonly identityToken: Uint8Array | null }
  /** Asks everyone for the composite heads of documents. */
  readonly docSyncRequest: { readonly docIds: readonly string[] }
  readonly docSyncReply: { readonly results: readonly DocumentResult[] | null; readonly sender: string }
  /** Asks for the encryption blocks with these CIDs. The identity is the UTF-8 of a DID. */
  readonly keyRequest: { readonly identity: Uint8Array; readonly links: readonly Uint8Array[]; readonly ephemeralPublicKey: Uint8Array }
  /** `links` are those of the request, `blocks` the encrypted blocks that the answerer may give. */
  readonly keyReply: {
    readonly links: readonly Uint8Array[] | null
    readonly blocks: readonly Uint8Array[] | null
    readonly ephemeralPublicKey: Uint8Array | null
  }
}

export interface PushLogRequest {
  readonly docId: string
  readonly cid: Uint8Array
  readonly collectionId: string
  readonly creator: string
  /** The head block, dag-cbor. */
  readonly block: Uint8Array
}

export interface DocumentResult {
  readonly docId: string
  readonly heads: readonly Uint8Array[]
}

/** How one kind of value is written and read. */
interface Plain<T> {
  /** What null is read as: the reference writes it for whatever is empty. */
  readonly empty: T
  write(writer: CborWriter, value: T): void
  read(reader: CborReader): T
}

const cid = bytes(MAX_CID_BYTES)
const docId = text(MAX_DOC_ID_BYTES)
const peerId = text(MAX_PEER_ID_BYTES)
const publicKey = bytes(MAX_PUBLIC_KEY_BYTES)

/** The one place that knows names and their order. */
const MESSAGES: { readonly [Name in keyof ReferenceMessages]: Plain<ReferenceMessages[Name]> } = {
  pushLogRequest: record({
    docId: ['DocID', docId],
    cid: ['CID', cid],
    collectionId: ['CollectionID', text(MAX_COLLECTION_ID_BYTES)],
    creator: ['Creator', peerId],
    block: ['Block', bytes(MAX_BLOCK_BYTES)],
  }),
  pushLogReply: record({}),
  getIdentityRequest: record({ peerId: ['PeerID', peerId] }),
  getIdentityReply: record({ identityToken: ['IdentityToken', nullable(bytes(MAX_TOKEN_BYTES))] }),
  docSyncRequest: record({ docIds: ['docIDs', list(docId, DOCUMENTS_PER_PAGE)] }),
  docSyncReply: record({
    results: [
      'results',
      nullable(
        list(record<DocumentResult>({ docId: ['docID', docId], heads: ['heads', list(cid, MAX_HEADS_PER_DOCUMENT)] }), DOCUMENTS_PER_PAGE),
      ),
    ],
    sender: ['sender', peerId],
  }),
  keyRequest: record({
    identity: ['Identity', bytes(MAX_IDENTITY_BYTES)],
    links: ['Links', list(cid, MAX_KEYS_PER_REQUEST)],
    ephemeralPublicKey: ['EphemeralPublicKey', publicKey],
  }),
  keyReply: record({
    links: ['Links', nullable(list(cid, MAX_KEYS_PER_REQUEST))],
    blocks: ['Blocks', nullable(list(bytes(MAX_ENCRYPTED_KEY_BYTES), MAX_KEYS_PER_REQUEST))],
    ephemeralPublicKey: ['EphemeralPublicKey', nullable(publicKey)],
  }),
}

/** The bytes of a message, exactly as the reference writes it. @throws INVALID_MESSAGE when it is larger than reading allows */
export function encodeReferenceMessage<Name extends keyof ReferenceMessages>(name: Name, message: ReferenceMessages[Name]): Uint8Array {
  const writer = new CborWriter()
  MESSAGES[name].write(writer, message)
  return writer.finish()
}

/** Reads a message; its byte strings are views of `source`. @throws INVALID_MESSAGE when it is none of this name, or breaks a bound */
export function decodeReferenceMessage<Name extends keyof ReferenceMessages>(name: Name, source: Uint8Array): ReferenceMessages[Name] {
  const reader = new CborReader(source, name)
  try {
    const message = MESSAGES[name].read(reader)
    reader.end()
    return message
  } catch (error) {
    // To the reader these bytes are data; here they are what a peer has said.
    if (isFailure(error, 'CORRUPT_DATA')) throw new DatabaseError('INVALID_MESSAGE', error.message, { what: name }, { cause: error })
    throw error
  }
}

/** Up to `most` bytes of UTF-8. */
function text(most: number): Plain<string> {
  const check = (value: string): string => {
    bounded('the length of a text', encodeText(value).length, most)
    return value
  }
  return { empty: '', write: (writer, value) => writer.text(check(value)), read: (reader) => check(reader.text()) }
}

function bytes(most: number): Plain<Uint8Array> {
  const check = (value: Uint8Array): Uint8Array => {
    bounded('the length of bytes', value.length, most)
    return value
  }
  return { empty: new Uint8Array(), write: (writer, value) => writer.bytes(check(value)), read: (reader) => check(reader.bytes()) }
}

function list<T>(item: Plain<T>, most: number): Plain<readonly T[]> {
  return {
    empty: [],
    write: (writer, items) => {
      writer.array(bounded('the length of a list', items.length, most))
      for (const value of items) item.write(writer, value)
    },
    read: (reader) => {
      const count = bounded('the length of a list', reader.array(), most)
      return Array.from({ length: count }, () => (reader.tryNull() ? item.empty : item.read(reader)))
    },
  }
}

function nullable<T>(inner: Plain<T>): Plain<T | null> {
  return {
    empty: null,
    write: (writer, value) => (value === null ? writer.null() : inner.write(writer, value)),
    read: (reader) => inner.read(reader),
  }
}

/** Members by their names here, each with its name on the wire; in the order of the wire. */
function record<T extends object>(members: { readonly [Key in keyof T]: readonly [name: string, value: Plain<T[Key]>] }): Plain<T> {
  const keys = Object.keys(members) as (keyof T)[]
  const keyByName = new Map(keys.map((key) => [members[key][0].toLowerCase(), key]))
  const empty = Object.fromEntries(keys.map((key) => [key, members[key][1].empty])) as T
  return {
    empty,
    write: (writer, value) => {
      writer.map(keys.length)
      for (const key of keys) {
        const [name, member] = members[key]
        member.write(writer.text(name), value[key])
      }
    },
    read: (reader) => {
      const value: Partial<T> = {}
      for (let left = reader.map(); left > 0; left--) {
        const key = keyByName.get(reader.text().toLowerCase())
        if (key === undefined) skip(reader, MAX_UNKNOWN_DEPTH)
        else if (key in value) reader.fail(`"${members[key][0]}" once`)
        else value[key] = reader.tryNull() ? members[key][1].empty : members[key][1].read(reader)
      }
      const missing = keys.find((key) => !(key in value))
      if (missing !== undefined) reader.fail(`the member "${members[missing][0]}"`)
      return value as T
    },
  }
}

/** Passes over the value of a member that is not known here. Floats and tags are refused: no message of the reference has any. */
function skip(reader: CborReader, depth: number): void {
  if (depth === 0) reader.fail('a value that is not so deep')
  switch (reader.peek() >>> 5) {
    case 0:
    case 1:
      reader.int()
      break
    case 2:
      reader.bytes()
      break
    case 3:
      reader.text()
      break
    case 4:
      for (let left = reader.array(); left > 0; left--) skip(reader, depth - 1)
      break
    case 5:
      for (let left = reader.map() * 2; left > 0; left--) skip(reader, depth - 1)
      break
    default:
      if (!reader.tryNull()) reader.boolean()
  }
}

function bounded(what: string, value: number, most: number): number {
  if (value > most) {
    throw new DatabaseError('INVALID_MESSAGE', `${what} is ${value}; up to ${most} are allowed`, { what, limit: most })
  }
  return value
}

import type { Cid } from './cid.ts'

/**
 * Blocks: the nodes of the Merkle DAG, dag-cbor on disk and on the wire. Member orders are those of the encoding (length first, then bytewise); an
 * absent member or an empty list is left out.
 *
 *     Block   = { delta, ? heads: [Link], ? links: [{ link, name }], ? signature: Link, ? encryption: Link }
 *     Delta   = { lww:        { data, docID, priority, fieldName, schemaVersionID } }
 *             | { counter:    { data, docID, nonce, priority, fieldName, schemaVersionID } }
 *             | { composite:  { docID, status, priority, schemaVersionID } }
 *             | { collection: { priority, schemaVersionID } }
 */
export interface Block<D extends Delta = Delta> {
  readonly delta: D
  /** The heads of the same DAG that this block supersedes, sorted by the text of their CIDs. */
  readonly heads: readonly Cid[]
  /** Composite: its field blocks. Collection block: its composite, under the empty name. Sorted by the text of their CIDs. */
  readonly links: readonly DagLink[]
  /** The block that signs this one: a `SignatureBlock`. */
  readonly signature?: Cid
  /**
   * The block with the key: an `EncryptionBlock`. On a field block it means that `data` is encrypted (`openSealed`). Nothing in a composite or collection block is
   * encrypted; there it says that the document as a whole, or the collection's own DAG, is for those who have this key.
   */
  readonly encryption?: Cid
}

export interface DagLink {
  readonly name: string
  readonly cid: Cid
}

export type Delta = LwwDelta | CounterDelta | CompositeDelta | CollectionDelta
export type FieldDelta = LwwDelta | CounterDelta

export interface LwwDelta {
  readonly kind: 'lww'
  /** Canonical CBOR of the value. */
  readonly data: Uint8Array
  readonly docId: string
  /** Height in this field's own DAG, from 1. */
  readonly priority: number
  readonly fieldName: string
  readonly schemaVersionId: string
}

export interface CounterDelta {
  readonly kind: 'counter'
  /** Canonical CBOR of the increment. */
  readonly data: Uint8Array
  readonly docId: string
  readonly priority: number
  readonly fieldName: string
  readonly schemaVersionId: string
  /** 0 on creation, else random in [0, 2^63). Makes equal increments different blocks. */
  readonly nonce: bigint
}

export const STATUS_ACTIVE = 1
export const STATUS_DELETED = 2
export type DocumentStatus = typeof STATUS_ACTIVE | typeof STATUS_DELETED

export interface CompositeDelta {
  readonly kind: 'composite'
  readonly docId: string
  readonly status: DocumentStatus
  readonly priority: number
  readonly schemaVersionId: string
}

export interface CollectionDelta {
  readonly kind: 'collection'
  readonly priority: number
  readonly schemaVersionId: string
}

/** A block with its bytes and the CID of these bytes. Made by the functions that seal and open only, so the three always belong together. */
export interface Sealed<T> {
  readonly cid: Cid
  readonly bytes: Uint8Array
  readonly block: T
}

/** A sealed node of the DAG. Made by `sealBlock` and `openBlock`. */
export type SealedBlock<D extends Delta = Delta> = Sealed<Block<D>>

/**
 * Who vouches for a block: what the `signature` of that block links. It is no node of the DAG and says nothing about what it signs; the link does.
 *
 *     Signature = { value: bytes, header: { type: text, identity: bytes } }
 */
export interface SignatureBlock {
  /** `ES256K`: DER; `EdDSA`: 64 bytes. Over the bytes of the block without its `signature` (`signedBytes`). */
  readonly value: Uint8Array
  /** `ES256K` or `EdDSA`, which a merge verifies. Others are kept and passed on: somebody may know how to verify them. */
  readonly type: string
  /** The public key in lower-case hex. */
  readonly identity: string
}

/**
 * A commit: one composite block and the field blocks it links. It is written, sent and merged as a whole; it is never stored without its ancestors.
 * `fields` are in the order of the composite's `links`, one for each.
 *
 * `signatures` are the signature blocks that its blocks link, as far as they came along: that of the composite first, then those of the fields in their order, each
 * once; absent when there are none. A commit is whole without them: where one that is linked is missing, the signature of that block is unknown, which is
 * neither good nor bad, and the commit is stored, passed on and merged all the same. Nothing here verifies a signature.
 *
 * Encryption blocks hold keys and are never part of a commit.
 */
export interface Commit {
  readonly composite: SealedBlock<CompositeDelta>
  readonly fields: readonly SealedBlock<FieldDelta>[]
  readonly signatures?: readonly Sealed<SignatureBlock>[]
}

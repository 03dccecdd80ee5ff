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
  readonly signature?: Cid
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

/** A block with its bytes and the CID of these bytes. Made by `sealBlock` and `openBlock` only, so the three always belong together. */
export interface SealedBlock<D extends Delta = Delta> {
  readonly cid: Cid
  readonly bytes: Uint8Array
  readonly block: Block<D>
}

/**
 * A commit: one composite block and the field blocks it links. It is written, sent and merged as a whole; it is never stored without its ancestors.
 * `fields` are in the order of the composite's `links`, one for each.
 */
export interface Commit {
  readonly composite: SealedBlock<CompositeDelta>
  readonly fields: readonly SealedBlock<FieldDelta>[]
}

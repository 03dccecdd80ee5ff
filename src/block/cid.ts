import type { Brand } from '../util/brand.ts'

/**
 * A binary CIDv1 of 36 bytes: version 1, codec dag-cbor (blocks, text `bafyrei…`) or raw (schemas and documents, text `bafkrei…`), SHA2-256.
 * Bytes, because hashing makes bytes and the text form costs as much as the hash; the text is made when somebody reads it.
 */
export type Cid = Brand<Uint8Array, 'Cid'>

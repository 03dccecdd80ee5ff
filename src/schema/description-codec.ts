import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from './collection-version.ts'

/** The stored form of a collection version: JSON text as bytes. */
export function encodeCollection(_version: CollectionVersion): Uint8Array {
  throw new DatabaseError('UNSUPPORTED', 'descriptions cannot be stored yet', { feature: 'schemas' })
}

/** @throws CORRUPT_DATA when the bytes are not those of `encodeCollection`. */
export function decodeCollection(_bytes: Uint8Array): CollectionVersion {
  throw new DatabaseError('UNSUPPORTED', 'descriptions cannot be stored yet', { feature: 'schemas' })
}

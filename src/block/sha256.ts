import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

/**
 * SHA2-256, synchronously: blocks are hashed one after the other, each after the CIDs it links, before a storage transaction may begin. The one place
 * that chooses an implementation.
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes)
}

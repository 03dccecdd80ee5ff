import { secp256k1 } from '@noble/curves/secp256k1.js'

import type { SignatureType } from './signature-type.ts'

/** A sequence of two integers of 1 to 33 bytes, each with its head. */
const LEAST_DER_BYTES = 8
const MOST_DER_BYTES = 72

/**
 * ECDSA over secp256k1 (SEC 1) of the SHA2-256 of the message, in DER. The higher of the two `s` is refused: whoever sees a signature can make the other one, and would
 * have a second commit in the name of the same signer.
 */
export const SECP256K1: SignatureType = {
  name: 'ES256K',
  keyType: 'secp256k1',
  keyBytes: 33,
  createVerify: () => (key, message, value) => {
    if (value.length < LEAST_DER_BYTES || value.length > MOST_DER_BYTES) return false
    try {
      return secp256k1.verify(value, message, key, { format: 'der', lowS: true, prehash: true })
    } catch {
      // The library throws at some bytes that are no signature, and returns false at others.
      return false
    }
  },
}

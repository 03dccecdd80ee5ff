import { ED25519 } from './ed25519.ts'
import { SECP256K1 } from './secp256k1.ts'
import type { SignatureType } from './signature-type.ts'

/** The types that can be verified. (P-256 has a place among identities, but signs no block.) */
export const SIGNATURE_TYPES: readonly SignatureType[] = [ED25519, SECP256K1]

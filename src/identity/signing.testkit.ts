import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'

import { bytesToHex } from '../util/bytes.ts'
import type { Signature } from './verifier.ts'

/** Somebody who signs, for tests. */
export interface Signer {
  readonly type: string
  readonly identity: string
  sign(message: Uint8Array): Signature
}

interface Curve {
  publicKeyOf(key: Uint8Array): Uint8Array
  sign(message: Uint8Array, key: Uint8Array): Uint8Array
}

const CURVES: Readonly<Record<'EdDSA' | 'ES256K', Curve>> = {
  EdDSA: {
    publicKeyOf: (key) => ed25519.getPublicKey(key),
    sign: (message, key) => ed25519.sign(message, key),
  },
  ES256K: {
    publicKeyOf: (key) => secp256k1.getPublicKey(key, true),
    sign: (message, key) => secp256k1.sign(message, key, { format: 'der', lowS: true, prehash: true }),
  },
}

/** Makes a signer, by default one with a key that nobody has. The key has 32 bytes. */
export function aSigner(type: 'EdDSA' | 'ES256K' = 'EdDSA', key: Uint8Array = crypto.getRandomValues(new Uint8Array(32))): Signer {
  const curve = CURVES[type]
  const identity = bytesToHex(curve.publicKeyOf(key))
  return { type, identity, sign: (message) => ({ type, identity, value: curve.sign(message, key) }) }
}

/** Signs with a key of its own and under the name of somebody else. */
export function aForger({ type, identity }: Signer): Signer {
  const own = aSigner(type === 'ES256K' ? type : 'EdDSA')
  return { type, identity, sign: (message) => ({ ...own.sign(message), identity }) }
}

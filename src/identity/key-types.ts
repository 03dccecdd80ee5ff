import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'

import { concatBytes, equalBytes } from '../util/bytes.ts'
import type { KeyType } from './key-type.ts'

/** What one curve can do with its keys. No fault that it tells of shows a byte of a private key. */
export interface KeyCurve {
  /** Completes "a private key is …". */
  readonly privateKeyForm: string
  /** Completes "a public key is …". */
  readonly publicKeyForm: string
  newPrivateKey(): Uint8Array
  /** The private key in the one form in which it is kept, `undefined` when it is none. Never the array that was given. */
  readPrivateKey(bytes: Uint8Array): Uint8Array | undefined
  /** Of a key that was read. */
  publicKeyOf(privateKey: Uint8Array): Uint8Array
  /** What a `did:key` spells: the varint of the multicodec and the key. `undefined` when `publicKey` is no key. */
  didBytes(publicKey: Uint8Array): Uint8Array | undefined
}

const SEED_BYTES = 32
const ED25519_PRIVATE_BYTES = 64

const SECP256K1_KEYS: KeyCurve = {
  privateKeyForm: '32 bytes, a number from 1 up to the order of the curve without it',
  publicKeyForm: 'a point of the curve in 33 bytes, or uncompressed in 65',
  newPrivateKey: () => secp256k1.utils.randomSecretKey(),
  readPrivateKey: (bytes) => (secp256k1.utils.isValidSecretKey(bytes) ? Uint8Array.from(bytes) : undefined),
  publicKeyOf: (privateKey) => secp256k1.getPublicKey(privateKey, true),
  // The codec is meant for the compressed key. DefraDB has the uncompressed one under it, and these texts are the names of owners in its access control.
  didBytes: (publicKey) => {
    const point = orUndefined(() => secp256k1.Point.fromBytes(publicKey))
    return point === undefined ? undefined : concatBytes(Uint8Array.of(0xe7, 0x01), point.toBytes(false))
  },
}

const ED25519_KEYS: KeyCurve = {
  privateKeyForm: `a seed of ${SEED_BYTES} bytes, or ${ED25519_PRIVATE_BYTES} bytes: the seed and its public key`,
  publicKeyForm: 'a point of the curve in 32 bytes',
  newPrivateKey: () => withPublicKey(ed25519.utils.randomSecretKey()),
  readPrivateKey: (bytes) => {
    if (bytes.length !== SEED_BYTES && bytes.length !== ED25519_PRIVATE_BYTES) return undefined
    const whole = withPublicKey(bytes.subarray(0, SEED_BYTES))
    // Signing with a seed and the public key of another one gives the seed away.
    return equalBytes(whole.subarray(0, bytes.length), bytes) ? whole : undefined
  },
  publicKeyOf: (privateKey) => privateKey.slice(SEED_BYTES),
  didBytes: (publicKey) =>
    orUndefined(() => ed25519.Point.fromBytes(publicKey)) === undefined ? undefined : concatBytes(Uint8Array.of(0xed, 0x01), publicKey),
}

export const KEY_TYPES: Readonly<Record<KeyType, KeyCurve>> = { secp256k1: SECP256K1_KEYS, ed25519: ED25519_KEYS }

function withPublicKey(seed: Uint8Array): Uint8Array {
  return concatBytes(seed, ed25519.getPublicKey(seed))
}

/** The library throws at bytes that are no point of the curve. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

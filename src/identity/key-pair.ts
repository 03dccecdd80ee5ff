import { DatabaseError } from '../errors.ts'
import { bytesToBase58 } from './base58.ts'
import { KEY_TYPES } from './key-types.ts'
import { parseKeyType, type KeyType } from './key-type.ts'
import { parseSecretHex } from './secret-hex.ts'

/** Somebody who can sign: the two keys, and the name by which others know the public one. `bytesToHex` makes the texts that DefraDB shows of both. */
export interface KeyPair {
  readonly type: KeyType
  /** secp256k1: 32 bytes. ed25519: 64 bytes, the seed and the public key. */
  readonly privateKey: Uint8Array
  /** secp256k1: 33 bytes, compressed. ed25519: 32 bytes. Its hex is the identity in signatures and tokens. */
  readonly publicKey: Uint8Array
  /** `did:key:z7r8…` or `did:key:z6Mk…`. */
  readonly did: string
}

/** A key pair that nobody else has. */
export function newKeyPair(type: KeyType): KeyPair {
  return keyPairOf(type, KEY_TYPES[parseKeyType(type)].newPrivateKey())
}

/** The key pair of a private key; of ed25519 the seed alone will do. @throws INVALID_ARGUMENT, which never shows the key */
export function keyPairOf(type: KeyType, privateKey: Uint8Array): KeyPair {
  const curve = KEY_TYPES[parseKeyType(type)]
  const whole = curve.readPrivateKey(privateKey)
  if (whole === undefined) {
    const fault = `these ${privateKey.length} bytes are no private key of type ${type}: it is ${curve.privateKeyForm}`
    throw new DatabaseError('INVALID_ARGUMENT', fault, { argument: 'privateKey' })
  }
  const publicKey = curve.publicKeyOf(whole)
  return { type, privateKey: whole, publicKey, did: didOf(type, publicKey) }
}

/** The key pair of a private key in hex, of either case. @throws INVALID_ARGUMENT, which never shows the key */
export function keyPairOfHex(type: KeyType, privateKeyHex: string): KeyPair {
  return keyPairOf(type, parseSecretHex(privateKeyHex, 'privateKeyHex'))
}

/**
 * The DID of a public key: `did:key:z` and the base58btc of the varint of its multicodec and the key. The form of a secp256k1 key is DefraDB's, which is not that of
 * the standard: all 65 bytes, so that one key has one DID, however it was given.
 *
 * @throws INVALID_ARGUMENT when it is no point of the curve
 */
export function didOf(type: KeyType, publicKey: Uint8Array): string {
  const curve = KEY_TYPES[parseKeyType(type)]
  const bytes = curve.didBytes(publicKey)
  if (bytes !== undefined) return `did:key:z${bytesToBase58(bytes)}`
  const fault = `these ${publicKey.length} bytes are no public key of type ${type}: it is ${curve.publicKeyForm}`
  throw new DatabaseError('INVALID_ARGUMENT', fault, { argument: 'publicKey' })
}

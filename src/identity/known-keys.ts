import { DatabaseError } from '../errors.ts'
import { concatBytes, encodeText } from '../util/bytes.ts'
import { keyPairOf, newKeyPair, type KeyPair } from './key-pair.ts'
import { KEY_TYPE_NAMES, type KeyType } from './key-type.ts'

/** What a node is among peers: an Ed25519 key pair in 64 bytes, the seed and the public key. Its peer ID follows from it. */
export const PEER_KEY = 'peer-key'
/** Whom a node signs as, when a request brings no identity: the type, a colon and the private key. */
export const NODE_IDENTITY_KEY = 'node-identity-key'
/** What a node encrypts its storage with: 32 bytes, for AES-256. */
export const ENCRYPTION_KEY = 'encryption-key'

/** A key that a node knows by its name; names and bytes are DefraDB's. A keyring may have others. */
export interface KnownKey {
  readonly name: string
  /** Completes "it takes …". */
  readonly form: string
  /** A new one; of an identity, of the type that is taken when nobody says. */
  make(): Uint8Array
  /** @throws INVALID_ARGUMENT when these bytes are no such key, which never shows them */
  check(bytes: Uint8Array): void
}

const ENCRYPTION_KEY_BYTES = 32
const PEER_KEY_BYTES = 64
const RAW_IDENTITY_BYTES = 32

export const KNOWN_KEYS: readonly KnownKey[] = [
  {
    name: PEER_KEY,
    form: `the ${PEER_KEY_BYTES} bytes of an Ed25519 key: the seed and its public key`,
    make: () => newKeyPair('ed25519').privateKey,
    check: parsePeerKey,
  },
  {
    name: NODE_IDENTITY_KEY,
    form: `a type of key (${KEY_TYPE_NAMES.join(', ')}), a colon and the private key, or the ${RAW_IDENTITY_BYTES} bytes of a secp256k1 key alone`,
    make: () => nodeIdentityBytes(newKeyPair(KEY_TYPE_NAMES[0])),
    check: parseNodeIdentity,
  },
  {
    name: ENCRYPTION_KEY,
    form: `${ENCRYPTION_KEY_BYTES} bytes`,
    make: () => crypto.getRandomValues(new Uint8Array(ENCRYPTION_KEY_BYTES)),
    check: (bytes) => {
      if (bytes.length !== ENCRYPTION_KEY_BYTES) throw noSuchKey(ENCRYPTION_KEY, bytes)
    },
  },
]

/** What a key of this name has to look like, if a node knows it: to be asked before it is kept. @throws INVALID_ARGUMENT, which never shows the key */
export function checkKnownKey(name: string, bytes: Uint8Array): void {
  KNOWN_KEYS.find((known) => known.name === name)?.check(bytes)
}

/** @throws INVALID_ARGUMENT, which never shows the key */
export function parsePeerKey(bytes: Uint8Array): KeyPair {
  if (bytes.length !== PEER_KEY_BYTES) throw noSuchKey(PEER_KEY, bytes)
  return keyPairFor(PEER_KEY, 'ed25519', bytes, bytes)
}

/** The identity in the bytes of a `node-identity-key`. @throws INVALID_ARGUMENT, which never shows the key */
export function parseNodeIdentity(bytes: Uint8Array): KeyPair {
  // As DefraDB kept them before it had types. Asked first: a key may have a byte that is a colon, and with a type in front nothing has this length.
  if (bytes.length === RAW_IDENTITY_BYTES) return keyPairFor(NODE_IDENTITY_KEY, 'secp256k1', bytes, bytes)
  const type = KEY_TYPE_NAMES.find((name) => encodeText(`${name}:`).every((byte, index) => bytes[index] === byte))
  if (type === undefined) throw noSuchKey(NODE_IDENTITY_KEY, bytes)
  return keyPairFor(NODE_IDENTITY_KEY, type, bytes.subarray(type.length + 1), bytes)
}

/** The bytes of a `node-identity-key`. */
export function nodeIdentityBytes({ type, privateKey }: Pick<KeyPair, 'type' | 'privateKey'>): Uint8Array {
  return concatBytes(encodeText(`${type}:`), privateKey)
}

function keyPairFor(name: string, type: KeyType, privateKey: Uint8Array, bytes: Uint8Array): KeyPair {
  try {
    return keyPairOf(type, privateKey)
  } catch (error) {
    throw noSuchKey(name, bytes, error)
  }
}

function noSuchKey(name: string, bytes: Uint8Array, cause?: unknown): DatabaseError {
  const form = KNOWN_KEYS.find((known) => known.name === name)?.form ?? ''
  const message = `these ${bytes.length} bytes are no "${name}": it takes ${form}; import such a key, or remove this one to have it made anew`
  return new DatabaseError('INVALID_ARGUMENT', message, { argument: name }, cause === undefined ? {} : { cause })
}

import { expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { bytesToHex, concatBytes, encodeText } from '../util/bytes.ts'
import { newKeyPair } from './key-pair.ts'
import { KEY_TYPE_NAMES } from './key-type.ts'
import { isKeyName } from './keyring.ts'
import {
  checkKnownKey,
  ENCRYPTION_KEY,
  KNOWN_KEYS,
  NODE_IDENTITY_KEY,
  nodeIdentityBytes,
  parseNodeIdentity,
  parsePeerKey,
  PEER_KEY,
} from './known-keys.ts'

function faultOf(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    if (isFailure(error, 'INVALID_ARGUMENT')) return error.message
    throw error
  }
  return 'none'
}

it('the names of the keys are those of DefraDB', () => {
  expect([PEER_KEY, NODE_IDENTITY_KEY, ENCRYPTION_KEY]).toEqual(['peer-key', 'node-identity-key', 'encryption-key'])
  expect(KNOWN_KEYS.map(({ name }) => name)).toEqual([PEER_KEY, NODE_IDENTITY_KEY, ENCRYPTION_KEY])
})

it.each(KNOWN_KEYS)('a new $name is one that a node takes, another one each time, under a name that a keyring takes', ({ name, make }) => {
  const key = make()
  expect(isKeyName(name)).toBe(true)
  expect(() => checkKnownKey(name, key)).not.toThrow()
  expect(bytesToHex(make())).not.toBe(bytesToHex(key))
})

it.each(KNOWN_KEYS)('no other bytes are a $name, and the error says what it takes without a byte of them', ({ name, form, make }) => {
  const key = make()
  for (const bytes of [new Uint8Array(), key.subarray(1), concatBytes(key, Uint8Array.of(1))]) {
    const fault = faultOf(() => checkKnownKey(name, bytes))
    expect(fault).toContain(`these ${bytes.length} bytes are no "${name}": it takes ${form}`)
    expect(fault).not.toContain(bytesToHex(key).slice(40, 48))
  }
})

it('a key of another name may be any bytes', () => {
  expect(() => checkKnownKey('my-key', Uint8Array.of(1))).not.toThrow()
})

it('a peer key is the seed and its own public key', () => {
  const pair = newKeyPair('ed25519')
  expect(parsePeerKey(pair.privateKey)).toEqual(pair)
  const mixed = concatBytes(pair.privateKey.subarray(0, 32), newKeyPair('ed25519').publicKey)
  expect(faultOf(() => parsePeerKey(mixed))).toContain('no "peer-key"')
})

it.each(KEY_TYPE_NAMES)('an identity of type %s comes back from what is kept of it', (type) => {
  const pair = newKeyPair(type)
  const bytes = nodeIdentityBytes(pair)
  expect(bytes).toEqual(concatBytes(encodeText(`${type}:`), pair.privateKey))
  expect(parseNodeIdentity(bytes)).toEqual(pair)
})

it('an identity that was kept without its type is of secp256k1, also when a byte of it is a colon', () => {
  const pair = newKeyPair('secp256k1')
  expect(parseNodeIdentity(pair.privateKey)).toEqual(pair)
  const withColon = concatBytes(encodeText('ed25519:'), new Uint8Array(24).fill(1))
  expect(parseNodeIdentity(withColon)).toMatchObject({ type: 'secp256k1', privateKey: withColon })
})

it('an identity of a type that nobody knows is none', () => {
  const bytes = concatBytes(encodeText('secp256r1:'), newKeyPair('secp256k1').privateKey)
  expect(faultOf(() => parseNodeIdentity(bytes))).toContain('a type of key (secp256k1, ed25519), a colon and the private key')
})

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { isFailure, messageOf } from '../errors.ts'
import { bytesToHex, concatBytes, equalBytes, hexToBytes } from '../util/bytes.ts'
import { didOf, keyPairOf, keyPairOfHex, newKeyPair } from './key-pair.ts'
import { KEY_TYPE_NAMES, type KeyType } from './key-type.ts'
import { aSigner } from './signing.testkit.ts'

/** The order of secp256k1, which is the first number that is no private key. */
const ORDER_HEX = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'

function failureOf(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    if (isFailure(error, 'INVALID_ARGUMENT')) return JSON.stringify([error.message, error.details, messageOf(error.cause)])
    throw error
  }
  throw new Error('it did not fail')
}

describe.each(KEY_TYPE_NAMES)('a key pair of type %s', (type) => {
  it('is another one each time, and the same of the same private key', () => {
    const pair = newKeyPair(type)
    expect(keyPairOf(type, pair.privateKey)).toEqual(pair)
    expect(keyPairOfHex(type, bytesToHex(pair.privateKey).toUpperCase())).toEqual(pair)
    expect(newKeyPair(type).did).not.toBe(pair.did)
  })

  it('has the identity that signatures of its private key name', () => {
    const pair = newKeyPair(type)
    const signer = aSigner(type === 'ed25519' ? 'EdDSA' : 'ES256K', pair.privateKey.subarray(0, 32))
    expect(bytesToHex(pair.publicKey)).toBe(signer.identity)
  })

  it('keeps its keys when the caller goes on writing to what it gave', () => {
    const { privateKey, did } = newKeyPair(type)
    const given = Uint8Array.from(privateKey)
    const pair = keyPairOf(type, given)
    given.fill(0)
    expect(keyPairOf(type, pair.privateKey).did).toBe(did)
  })

  it.each([
    ['of another length', (key: Uint8Array) => key.subarray(1)],
    ['with a byte more', (key: Uint8Array) => concatBytes(key, Uint8Array.of(0))],
    ['of no bytes', () => new Uint8Array()],
  ])('is not made of a key %s, and the error keeps the key to itself', (_how, change) => {
    const key = change(newKeyPair(type).privateKey)
    const failure = failureOf(() => keyPairOf(type, key))
    expect(failure).toContain(`these ${key.length} bytes are no private key of type ${type}`)
    if (key.length > 0) expect(failure).not.toContain(bytesToHex(key).slice(0, 8))
  })

  it('is not made of what is not hex, and the error keeps the text to itself', () => {
    const hex = bytesToHex(newKeyPair(type).privateKey)
    for (const text of [` ${hex}`, `0x${hex}`, hex.slice(1), `${hex.slice(0, -1)}g`, '']) {
      const failure = failureOf(() => keyPairOfHex(type, text))
      expect(failure).toContain('is not hex')
      expect(failure).not.toContain(hex.slice(8, 16))
    }
  })

  it('has no DID for bytes that are no public key', () => {
    const { publicKey } = newKeyPair(type)
    expect(failureOf(() => didOf(type, publicKey.subarray(1)))).toContain(`no public key of type ${type}`)
    expect(
      failureOf(() =>
        didOf(
          type,
          publicKey.map(() => 0xff),
        ),
      ),
    ).toContain(`no public key of type ${type}`)
  })
})

it('the numbers that are private keys of secp256k1 go from 1 to the order of the curve', () => {
  const below = `${ORDER_HEX.slice(0, -1)}0`
  expect(keyPairOfHex('secp256k1', below).privateKey).toEqual(hexToBytes(below))
  for (const hex of [ORDER_HEX, 'ff'.repeat(32), '00'.repeat(32)]) {
    expect(failureOf(() => keyPairOfHex('secp256k1', hex))).not.toContain(hex)
  }
})

it('a key of secp256k1 has one DID, whether the point is given compressed or not', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const jwk = privateKey.export({ format: 'jwk' })
  const pair = keyPairOf('secp256k1', Buffer.from(jwk.d ?? '', 'base64url'))
  const point = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-65)
  expect(point[0]).toBe(4)
  expect(didOf('secp256k1', point)).toBe(pair.did)
  expect(pair.did).toMatch(/^did:key:z7r8[1-9A-HJ-NP-Za-km-z]{89}$/)
})

it('a private key of ed25519 may be the seed alone, and is kept with its public key', () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32)
  const pair = keyPairOf('ed25519', seed)
  const publicKey = createPublicKey(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })))
  expect(equalBytes(pair.publicKey, publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))).toBe(true)
  expect(pair.privateKey).toEqual(concatBytes(seed, pair.publicKey))
})

it('a seed of ed25519 with the public key of another one is no private key', () => {
  const [one, other] = [newKeyPair('ed25519'), newKeyPair('ed25519')]
  const mixed = concatBytes(one.privateKey.subarray(0, 32), other.publicKey)
  expect(failureOf(() => keyPairOf('ed25519', mixed))).toContain('the seed and its public key')
})

it('a type that nobody knows is named, with the one that was meant', () => {
  expect(failureOf(() => newKeyPair('secp256r1' as KeyType))).toContain('did you mean \\"secp256k1\\"?')
  expect(failureOf(() => keyPairOf('rsa' as KeyType, new Uint8Array(32)))).toContain('it is one of secp256k1, ed25519')
})

import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { sha512 } from '@noble/hashes/sha2.js'

import { bytesToHex, concatBytes, equalBytes, hexToBytes } from '../util/bytes.ts'
import type { SignatureType } from './signature-type.ts'

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const SIGN_BIT = 0x80

/**
 * Ed25519 (RFC 8032, 5.1) of the message itself, without the cofactor: the encoding of `sB − kA` is `R`, byte by byte.
 *
 * Libraries differ in what they take of points that no honest signer makes. So what they differ in is refused before one is asked: points that are not reduced, points
 * of small order, an `S` that is not below the order.
 */
export const ED25519: SignatureType = {
  name: 'EdDSA',
  keyType: 'ed25519',
  keyBytes: KEY_BYTES,
  createVerify: (subtle) => {
    let trying: Promise<SubtleCrypto | undefined> | undefined
    return async (key, message, value) => {
      if (value.length !== SIGNATURE_BYTES || !isPlain(key) || !isPlain(value.subarray(0, KEY_BYTES)) || !isReduced(value)) return false
      trying ??= withEd25519(subtle)
      const native = await trying
      if (native !== undefined) {
        try {
          return await verifyNatively(native, key, message, value)
        } catch {
          // Some refuse a key that is no point of the curve with an error. Whatever it was, the answer is the one below.
        }
      }
      return verifyHere(key, message, value)
    }
  },
}

/** The `y` of the points of small order, reduced and without the sign of `x`. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/** Whether the encoding of a point has a reduced `y` and is not of small order. Whether there is such a point is another question. */
function isPlain(point: Uint8Array): boolean {
  const y = Uint8Array.from(point)
  y[KEY_BYTES - 1] = (y[KEY_BYTES - 1] ?? 0) & ~SIGN_BIT
  return bytesToNumberLE(y) < ed25519.Point.Fp.ORDER && !SMALL_ORDER.has(bytesToHex(y))
}

function isReduced(value: Uint8Array): boolean {
  return bytesToNumberLE(value.subarray(KEY_BYTES)) < ed25519.Point.Fn.ORDER
}

/** Test 1 of RFC 8032, 7.1: the signature of no bytes. */
const KNOWN_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const KNOWN_SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'

/** The same WebCrypto where it has Ed25519, which browsers before 2025 lack. */
async function withEd25519(subtle: SubtleCrypto | undefined): Promise<SubtleCrypto | undefined> {
  if (subtle === undefined) return undefined
  try {
    const isGood = await verifyNatively(subtle, hexToBytes(KNOWN_KEY), new Uint8Array(), hexToBytes(KNOWN_SIGNATURE))
    return isGood ? subtle : undefined
  } catch {
    // It does not know the algorithm.
    return undefined
  }
}

async function verifyNatively(subtle: SubtleCrypto, key: Uint8Array, message: Uint8Array, value: Uint8Array): Promise<boolean> {
  const imported = await subtle.importKey('raw', key.slice(), 'Ed25519', false, ['verify'])
  return subtle.verify('Ed25519', imported, value.slice(), message.slice())
}

function verifyHere(key: Uint8Array, message: Uint8Array, value: Uint8Array): boolean {
  const { Point } = ed25519
  const r = value.subarray(0, KEY_BYTES)
  const k = Point.Fn.create(bytesToNumberLE(sha512(concatBytes(r, key, message))))
  try {
    const a = Point.fromBytes(key)
    return equalBytes(
      Point.BASE.multiplyUnsafe(bytesToNumberLE(value.subarray(KEY_BYTES)))
        .subtract(a.multiplyUnsafe(k))
        .toBytes(),
      r,
    )
  } catch {
    // The key is no point of the curve.
    return false
  }
}

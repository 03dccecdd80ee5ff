import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

import { concatBytes, encodeText } from '../util/bytes.ts'

/*
 * A self-signed X.509 certificate (RFC 5280) with a P-256 key, in DER. All that WebRTC wants of one is its key and its hash; so nothing is in it that can be left out, and
 * no library is needed for it.
 *
 *     Certificate = SEQUENCE { TBS, SEQUENCE { ecdsa-with-SHA256 }, BIT STRING signature }
 *     TBS         = SEQUENCE { [0] version, serial, SEQUENCE { ecdsa-with-SHA256 }, issuer, SEQUENCE { not before, not after }, subject, public key }
 */
const INTEGER = 0x02
const BIT_STRING = 0x03
const OBJECT_ID = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const SEQUENCE = 0x30
const SET = 0x31
const VERSION = 0xa0

/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]
/** 2.5.4.3 */
const COMMON_NAME = [0x55, 0x04, 0x03]
const VERSION_3 = [2]

/** What browsers write into theirs: it travels unencrypted, and need not say more. */
const NAME = 'WebRTC'
/** Long ago, for machines whose clock is slow. */
const NOT_BEFORE = '000101000000Z'
/** How RFC 5280 (4.1.2.5) spells that a certificate has no end. */
const NEVER = '99991231235959Z'

export interface SelfSigned {
  /** The certificate in DER. */
  readonly certificate: Uint8Array
  /** The private key in DER (PKCS #8). */
  readonly privateKey: Uint8Array
}

/** Makes a key and a certificate of it that has no end. */
export function selfSigned(): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = der(SEQUENCE, der(OBJECT_ID, Uint8Array.from(ECDSA_WITH_SHA256)))
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, der(OBJECT_ID, Uint8Array.from(COMMON_NAME)), der(UTF8_STRING, encodeText(NAME)))))
  const unsigned = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Uint8Array.from(VERSION_3))),
    der(INTEGER, serialNumber()),
    algorithm,
    name,
    der(SEQUENCE, der(UTC_TIME, encodeText(NOT_BEFORE)), der(GENERALIZED_TIME, encodeText(NEVER))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', unsigned, privateKey)
  return {
    // Of the last byte of a bit string all bits count.
    certificate: der(SEQUENCE, unsigned, algorithm, der(BIT_STRING, Uint8Array.of(0), signature)),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
  }
}

/** Positive, and without a zero in front. */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(8)
  return Uint8Array.from(bytes, (byte, at) => (at === 0 ? (byte & 0x3f) | 0x40 : byte))
}

/** A value after its type and its length. Nothing here has more than 65,535 bytes. */
function der(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const { length } = concatBytes(...parts)
  const head = length < 0x80 ? [type, length] : length < 0x100 ? [type, 0x81, length] : [type, 0x82, length >>> 8, length & 0xff]
  return concatBytes(Uint8Array.from(head), ...parts)
}

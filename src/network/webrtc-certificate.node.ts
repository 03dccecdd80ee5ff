import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'

import type { TransportCertificate } from '@libp2p/webrtc'

import type { Replica } from '../database/replica.ts'
import { DatabaseError, messageOf } from '../errors.ts'
import { concatBytes } from '../util/bytes.ts'
import { selfSigned, type SelfSigned } from './self-signed.node.ts'

const SETTING = 'webrtc-certificate'

/** The first bytes of a multihash: SHA-256, 32 bytes. */
const SHA256_MULTIHASH = [0x12, 0x20]
/** Base64url without padding, in a multibase text. */
const BASE64URL = 'u'

/**
 * The certificate of a node, or a relay, that listens on WebRTC-direct: made once and kept. Its hash is part of the node's address, so a new one would end every address that somebody
 * has saved. Therefore it has no end and is never renewed: nobody asks for one, since a dialler trusts the hash that it dials and no date. (The library makes one of 14
 * days and changes it a day before; told to make a longer one, it renews it in a tight loop, for its timer overflows.)
 * @throws CORRUPT_DATA when what was kept is no certificate with its key
 */
export async function loadCertificate(settings: Pick<Replica, 'setting' | 'setSetting'>): Promise<TransportCertificate> {
  const kept = await settings.setting(SETTING)
  if (kept !== undefined) return certificateOf(unpack(kept))
  const made = selfSigned()
  await settings.setSetting(SETTING, pack(made))
  return certificateOf(made)
}

function certificateOf({ certificate, privateKey }: SelfSigned): TransportCertificate {
  const digest = createHash('sha256').update(certificate).digest()
  return {
    pem: new X509Certificate(certificate).toString(),
    privateKey: createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' })
      .export({ type: 'pkcs8', format: 'pem' })
      .toString(),
    certhash: BASE64URL + Buffer.from([...SHA256_MULTIHASH, ...digest]).toString('base64url'),
  }
}

/** The length of the certificate in two bytes, the certificate, the key. */
function pack({ certificate, privateKey }: SelfSigned): Uint8Array {
  return concatBytes(Uint8Array.of(certificate.length >>> 8, certificate.length & 0xff), certificate, privateKey)
}

function unpack(kept: Uint8Array): SelfSigned {
  const end = 2 + (((kept[0] ?? 0) << 8) | (kept[1] ?? 0))
  const unpacked = { certificate: kept.slice(2, end), privateKey: kept.slice(end) }
  try {
    const key = createPrivateKey({ key: Buffer.from(unpacked.privateKey), format: 'der', type: 'pkcs8' })
    if (new X509Certificate(unpacked.certificate).checkPrivateKey(key)) return unpacked
  } catch (error) {
    throw corrupt(messageOf(error), error)
  }
  throw corrupt('the key is that of another one')
}

function corrupt(fault: string, cause?: unknown): DatabaseError {
  const message = `the WebRTC certificate that is kept cannot be read: ${fault}`
  return new DatabaseError('CORRUPT_DATA', message, { what: 'WebRTC certificate' }, cause === undefined ? {} : { cause })
}

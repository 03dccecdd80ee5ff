import { DatabaseError } from '../errors.ts'
import { KEY_BYTES } from './encryption-block.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Opens the `data` of a field block that has an `encryption`, with the key of the block which that links.
 *
 *     data = nonce: 12 bytes, ciphertext, tag: 16 bytes      AES-256-GCM without associated data
 *
 * WebCrypto waits, which an IndexedDB transaction does not survive: open first, then begin the transaction.
 * @throws CORRUPT_DATA when the key is another or the data were changed: nobody can tell which; UNSUPPORTED where a page has no WebCrypto
 */
export async function openSealed(key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  if (key.length !== KEY_BYTES) throw corrupt(`a key has ${KEY_BYTES} bytes, not ${key.length}`)
  if (data.length < NONCE_BYTES + TAG_BYTES) throw corrupt(`${data.length} bytes are too few for a nonce and a tag`)
  const subtle = webCrypto()
  const cipher = { name: 'AES-GCM', iv: data.slice(0, NONCE_BYTES), tagLength: TAG_BYTES * 8 }
  const imported = await subtle.importKey('raw', key.slice(), cipher.name, false, ['decrypt'])
  try {
    return new Uint8Array(await subtle.decrypt(cipher, imported, data.slice(NONCE_BYTES)))
  } catch (error) {
    throw corrupt('the key is not the one that they were encrypted with, or they were changed', error)
  }
}

/** Browsers keep it from pages that did not come over a secure connection, though the types promise it. */
function webCrypto(): SubtleCrypto {
  const { subtle }: { readonly subtle?: SubtleCrypto } = globalThis.crypto
  if (subtle !== undefined) return subtle
  const message = 'encrypted values cannot be read here: this page has no WebCrypto; open it over https or from localhost'
  throw new DatabaseError('UNSUPPORTED', message, { feature: 'encryption' })
}

function corrupt(reason: string, cause?: unknown): DatabaseError<'CORRUPT_DATA'> {
  return new DatabaseError('CORRUPT_DATA', `encrypted data cannot be opened: ${reason}`, { what: 'encrypted data' }, { cause })
}

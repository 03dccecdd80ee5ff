import type { Sealed } from './block.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter } from './cbor-writer.ts'
import { blockCid } from './cid.ts'

/** AES-256. */
export const KEY_BYTES = 32

/**
 * A key, as the `encryption` of a block links it. Its CID is public, being in every block that the key opens; the block is not: it is kept apart from all others,
 * and never in a commit.
 *
 *     Encryption = { key: bytes, docID: bytes, ? fieldName: text }
 */
export interface EncryptionBlock {
  readonly key: Uint8Array
  /** Empty for the key of a collection's own DAG. */
  readonly docId: string
  /** Absent where the key is that of the whole document. */
  readonly fieldName?: string
}

/** Encodes and hashes an encryption block. Callers vouch for a key of `KEY_BYTES`. */
export function sealEncryption(block: EncryptionBlock): Sealed<EncryptionBlock> {
  const { key, docId, fieldName } = block
  const writer = new CborWriter().map(fieldName === undefined ? 2 : 3)
  writer.text('key').bytes(key).text('docID').textBytes(docId)
  if (fieldName !== undefined) writer.text('fieldName').text(fieldName)
  const bytes = writer.finish()
  return { cid: blockCid(bytes), bytes, block }
}

/**
 * Decodes an encryption block and computes its CID, as strictly as `openBlock`: exactly one spelling is accepted. The result keeps views of `bytes`.
 * @throws CORRUPT_DATA
 */
export function openEncryption(bytes: Uint8Array): Sealed<EncryptionBlock> {
  const reader = new CborReader(bytes, 'encryption block')
  const members = reader.map()
  reader.key('key')
  const key = reader.bytes()
  if (key.length !== KEY_BYTES) reader.fail(`a key of ${KEY_BYTES} bytes`)
  reader.key('docID')
  const docId = reader.textBytes()
  const fieldName = reader.tryKey('fieldName') ? reader.text() : undefined
  reader.end()
  if (members !== (fieldName === undefined ? 2 : 3)) reader.fail(`${members} members`)
  return { cid: blockCid(bytes), bytes, block: { key, docId, ...(fieldName === undefined ? {} : { fieldName }) } }
}

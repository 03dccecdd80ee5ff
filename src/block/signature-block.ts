import { DatabaseError } from '../errors.ts'
import type { Block, Sealed, SignatureBlock } from './block.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter } from './cbor-writer.ts'
import { blockCid } from './cid.ts'
import { encodeBlock } from './codec.ts'

/** Some 200 bytes are usual: 72 of a signature, 66 of a key in hex. Leaves room for keys and signatures of other types. */
export const MAX_SIGNATURE_BYTES = 1024

/** Encodes and hashes a signature block. */
export function sealSignature(block: SignatureBlock): Sealed<SignatureBlock> {
  const { value, type, identity } = block
  const writer = new CborWriter(256).map(2).text('value').bytes(value)
  const bytes = writer.text('header').map(2).text('type').text(type).text('identity').textBytes(identity).finish()
  return { cid: blockCid(bytes), bytes, block }
}

/**
 * Decodes a signature block and computes its CID, as strictly as `openBlock`: exactly one spelling is accepted. The result keeps views of `bytes`.
 * @throws CORRUPT_DATA
 */
export function openSignature(bytes: Uint8Array): Sealed<SignatureBlock> {
  if (bytes.length > MAX_SIGNATURE_BYTES) {
    const message = `a signature block of ${bytes.length} bytes is larger than the ${MAX_SIGNATURE_BYTES} it may have`
    throw new DatabaseError('CORRUPT_DATA', message, { what: 'signature block' })
  }
  const reader = new CborReader(bytes, 'signature block')
  if (reader.map() !== 2) reader.fail('the 2 members of a signature block')
  reader.key('value')
  const value = reader.bytes()
  reader.key('header')
  if (reader.map() !== 2) reader.fail('the 2 members of a signature header')
  reader.key('type')
  const type = reader.text()
  reader.key('identity')
  const identity = reader.textBytes()
  reader.end()
  return { cid: blockCid(bytes), bytes, block: { value, type, identity } }
}

/** What a signature signs: the bytes of the block without its `signature`; encrypted data stay encrypted. */
export function signedBytes(block: Block): Uint8Array {
  const { signature: _, ...unsigned } = block
  return encodeBlock(unsigned)
}

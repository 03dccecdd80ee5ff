import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { blockCid } from './cid.ts'
import { KEY_BYTES, openEncryption, sealEncryption } from './encryption-block.ts'

const someText = fc.string({ unit: 'binary', maxLength: 80 }).map((text) => text.toWellFormed())
const someEncryption = fc.record(
  { key: fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES }), docId: someText, fieldName: someText },
  { requiredKeys: ['key', 'docId'] },
)
const isCorrupt = expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA'))

describe('an encryption block', () => {
  it('has the bytes of a generic dag-cbor encoder, and their CID', () => {
    fc.assert(
      fc.property(someEncryption, (encryption) => {
        const { docId, ...rest } = encryption
        const sealed = sealEncryption(encryption)
        expect(sealed.bytes).toEqual(Uint8Array.from(dagCbor.encode({ ...rest, docID: new TextEncoder().encode(docId) })))
        expect(sealed.cid).toEqual(blockCid(sealed.bytes))
        expect(openEncryption(sealed.bytes)).toEqual(sealed)
      }),
    )
  })

  it.each<[string, unknown]>([
    ['with a short key', { key: new Uint8Array(16), docID: Uint8Array.of(0x61) }],
    ['without a document', { key: new Uint8Array(KEY_BYTES) }],
    ['with another member', { key: new Uint8Array(KEY_BYTES), docID: Uint8Array.of(0x61), fieldName: 'f', more: 1 }],
    ['with a document as text', { key: new Uint8Array(KEY_BYTES), docID: 'a' }],
    ['with a field name as bytes', { key: new Uint8Array(KEY_BYTES), docID: Uint8Array.of(0x61), fieldName: Uint8Array.of(0x61) }],
    ['with a field name under another key', { key: new Uint8Array(KEY_BYTES), docID: Uint8Array.of(0x61), field: 'f' }],
    ['that is a list', [1]],
  ])('is refused %s', (_, shape) => {
    expect(() => openEncryption(dagCbor.encode(shape))).toThrow(isCorrupt)
  })

  it('is refused cut short, and with more behind it', () => {
    const { bytes } = sealEncryption({ key: new Uint8Array(KEY_BYTES), docId: 'bae-1', fieldName: 'f' })
    for (let length = 0; length < bytes.length; length++) expect(() => openEncryption(bytes.subarray(0, length))).toThrow(isCorrupt)
    expect(() => openEncryption(Uint8Array.of(...bytes, 0))).toThrow('the end')
  })
})

import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { blockCid } from './cid.ts'
import { openBlock, sealBlock } from './codec.ts'
import { MAX_SIGNATURE_BYTES, openSignature, sealSignature, signedBytes } from './signature-block.ts'

const someText = fc.string({ unit: 'binary', maxLength: 80 }).map((text) => text.toWellFormed())
const someSignature = fc.record({ value: fc.uint8Array({ maxLength: 80 }), type: someText, identity: someText })
const isCorrupt = expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA'))

describe('a signature block', () => {
  it('has the bytes of a generic dag-cbor encoder, and their CID', () => {
    fc.assert(
      fc.property(someSignature, (signature) => {
        const { value, type, identity } = signature
        const sealed = sealSignature(signature)
        expect(sealed.bytes).toEqual(
          Uint8Array.from(dagCbor.encode({ header: { identity: new TextEncoder().encode(identity), type }, value })),
        )
        expect(sealed.cid).toEqual(blockCid(sealed.bytes))
        expect(openSignature(sealed.bytes)).toEqual(sealed)
      }),
    )
  })

  it('is accepted with changed bytes only when they are the one spelling of another', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(someSignature, fc.array(change, { minLength: 1, maxLength: 3 }), (signature, changes) => {
        const bytes = Uint8Array.from(sealSignature(signature).bytes)
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        try {
          expect(sealSignature(openSignature(bytes).block).bytes).toEqual(bytes)
        } catch (error) {
          if (!isFailure(error, 'CORRUPT_DATA')) throw error
        }
      }),
      { numRuns: 1000 },
    )
  })

  it.each<[string, unknown]>([
    ['without a header', { value: Uint8Array.of(1) }],
    ['without a value', { header: { type: 'EdDSA', identity: Uint8Array.of(0x61) } }],
    ['with another member', { value: Uint8Array.of(1), header: { type: 'EdDSA', identity: Uint8Array.of(0x61) }, more: 1 }],
    ['with another member of the header', { value: Uint8Array.of(1), header: { type: 'EdDSA', identity: Uint8Array.of(0x61), more: 1 } }],
    ['with an identity as text', { value: Uint8Array.of(1), header: { type: 'EdDSA', identity: 'a' } }],
    ['with an identity that is no UTF-8', { value: Uint8Array.of(1), header: { type: 'EdDSA', identity: Uint8Array.of(0xff) } }],
    ['that is a list', [1]],
  ])('is refused %s', (_, shape) => {
    expect(() => openSignature(dagCbor.encode(shape))).toThrow(isCorrupt)
  })

  it('is refused above its bound, cut short, and with more behind it', () => {
    const { bytes } = sealSignature({ value: Uint8Array.of(1, 2), type: 'EdDSA', identity: '97f3' })
    for (let length = 0; length < bytes.length; length++) expect(() => openSignature(bytes.subarray(0, length))).toThrow(isCorrupt)
    expect(() => openSignature(Uint8Array.of(...bytes, 0))).toThrow('the end')
    const large = sealSignature({ value: new Uint8Array(MAX_SIGNATURE_BYTES), type: 'EdDSA', identity: '97f3' })
    expect(() => openSignature(large.bytes)).toThrow(`larger than the ${MAX_SIGNATURE_BYTES}`)
  })
})

describe('what a signature signs', () => {
  it('is the block without its signature, with everything else', () => {
    const cid = blockCid(Uint8Array.of(1))
    const delta = { kind: 'composite', docId: 'bae-1', status: 1, priority: 2, schemaVersionId: 'v' } as const
    const unsigned = sealBlock({ delta, heads: [cid], links: [{ name: 'a', cid }], encryption: cid })
    const signed = sealBlock({ ...unsigned.block, signature: cid })
    expect(signedBytes(signed.block)).toEqual(unsigned.bytes)
    expect(signedBytes(openBlock(signed.bytes).block)).toEqual(unsigned.bytes)
  })
})

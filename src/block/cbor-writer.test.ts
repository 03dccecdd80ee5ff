import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'

import { bytesToHex } from '../util/bytes.ts'
import { CborWriter } from './cbor-writer.ts'
import { blockCid } from './cid.ts'

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

function reference(value: unknown): Uint8Array {
  return Uint8Array.from(dagCbor.encode(value))
}

function written(write: (writer: CborWriter) => void): Uint8Array {
  const writer = new CborWriter(1)
  write(writer)
  return writer.finish()
}

describe('canonical CBOR', () => {
  it('has the integers, texts, bytes and links of dag-cbor', () => {
    fc.assert(
      fc.property(int64, fc.string({ unit: 'binary', maxLength: 400 }), fc.uint8Array({ maxLength: 300 }), (int, text, bytes) => {
        expect(written((writer) => writer.int(int))).toEqual(reference(int))
        expect(written((writer) => writer.text(text))).toEqual(reference(text))
        expect(written((writer) => writer.bytes(bytes))).toEqual(reference(bytes))
        expect(written((writer) => writer.link(blockCid(bytes)))).toEqual(reference(CID.decode(blockCid(bytes))))
        expect(written((writer) => writer.textBytes(text))).toEqual(reference(new TextEncoder().encode(text)))
      }),
    )
  })

  it('writes a whole number the same as its bigint', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(written((writer) => writer.int(value))).toEqual(written((writer) => writer.int(BigInt(value))))
      }),
    )
  })

  it.each([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [255, '18ff'],
    [256, '190100'],
    [65535, '19ffff'],
    [65536, '1a00010000'],
    [2 ** 32 - 1, '1affffffff'],
    [2 ** 32, '1b0000000100000000'],
    [-1, '20'],
    [-24, '37'],
    [-25, '3818'],
    [-(2 ** 32), '3affffffff'],
    [-(2 ** 32) - 1, '3b0000000100000000'],
    [2n ** 64n - 1n, '1bffffffffffffffff'],
    [-(2n ** 64n), '3bffffffffffffffff'],
  ])('writes the integer %s with the shortest head', (value, hex) => {
    expect(bytesToHex(written((writer) => writer.int(value)))).toBe(hex)
  })

  it.each([
    [1, 'f93c00'],
    [-0, 'f98000'],
    [Number.NaN, 'f97e00'],
    [Infinity, 'f97c00'],
    [-Infinity, 'f9fc00'],
    [65505, 'fa477fe100'],
    [2 ** -25, 'fa33000000'],
    [2 ** -149, 'fa00000001'],
    [0.1, 'fb3fb999999999999a'],
    [Number.MAX_VALUE, 'fb7fefffffffffffff'],
    [Number.MIN_VALUE, 'fb0000000000000001'],
  ])('writes the float %d in the smallest size that holds it, never as an integer', (value, hex) => {
    expect(bytesToHex(written((writer) => writer.float(value)))).toBe(hex)
  })

  it('writes lists, maps, null and booleans as their heads say', () => {
    const bytes = written((writer) => writer.map(1).text('a').array(3).null().boolean(true).boolean(false))
    expect(bytesToHex(bytes)).toBe('a1616183f6f5f4')
  })

  it('replaces a lone surrogate, which has no UTF-8', () => {
    expect(bytesToHex(written((writer) => writer.text('a\ud800')))).toBe('6461efbfbd')
  })
})

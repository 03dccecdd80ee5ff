import { sha256 as yardstick } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bytesToHex, encodeText } from '../util/bytes.ts'
import { sha256 } from './sha256.ts'

describe('SHA2-256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
  ])('of "%s" is that of the standard', (text, digest) => {
    expect(bytesToHex(sha256(encodeText(text)))).toBe(digest)
  })

  it('is that of another implementation at every length around the ends of chunks', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 89) ^ (index >>> 2))
    for (let length = 0; length <= bytes.length; length++) {
      expect(sha256(bytes.subarray(0, length))).toEqual(yardstick(bytes.subarray(0, length)))
    }
  })

  it('is that of another implementation for any bytes, wherever they lie in their buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(9), (bytes, from) => {
        expect(sha256(bytes.subarray(from))).toEqual(yardstick(bytes.subarray(from)))
      }),
      { numRuns: 1000 },
    )
  })

  it('counts the bits of large inputs', () => {
    // More than 2^24 bits: the length takes a fourth byte.
    const bytes = new Uint8Array(2 ** 21 + 7).fill(0xa5)
    expect(sha256(bytes)).toEqual(yardstick(bytes))
  })
})

import fc from 'fast-check'
import { base32 } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import {
  blockCid,
  blockCidOfDigest,
  cidFromBytes,
  cidKey,
  cidToText,
  compareCids,
  digestOf,
  equalCids,
  parseCid,
  rawCid,
  type Cid,
} from './cid.ts'

const someBytes = fc.uint8Array({ maxLength: 300 })

/** CIDs that often share a beginning, so that order is decided at every place. */
const someCid: fc.Arbitrary<Cid> = fc
  .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat({ max: 32 }))
  .map(([digest, zeros]) => blockCidOfDigest(digest.fill(0, 0, zeros)))

describe('a CID', () => {
  it('is the one that multiformats makes of the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, async (bytes) => {
        const digest = await sha256.digest(bytes)
        expect(blockCid(bytes)).toEqual(CID.createV1(0x71, digest).bytes)
        expect(cidToText(blockCid(bytes))).toBe(CID.createV1(0x71, digest).toString(base32))
        expect(cidToText(rawCid(bytes))).toBe(CID.createV1(0x55, digest).toString(base32))
      }),
    )
  })

  it('comes back from its text and from its digest', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const cid = blockCid(bytes)
        expect(equalCids(parseCid(cidToText(cid)), cid)).toBe(true)
        expect(equalCids(blockCidOfDigest(digestOf(cid)), cid)).toBe(true)
      }),
    )
  })

  it('sorts by its text, which is not the order of its bytes', () => {
    fc.assert(
      fc.property(someCid, someCid, (a, b) => {
        const [left, right] = [cidToText(a), cidToText(b)]
        const expected = left < right ? -1 : Number(left > right)
        expect(Math.sign(compareCids(a, b))).toBe(expected)
      }),
    )
    // The first five bits that a letter has for itself: all zeros are "a", all ones are "7".
    const [letter, digit] = [blockCidOfDigest(new Uint8Array(32)), blockCidOfDigest(new Uint8Array(32).fill(0x1f, 0, 1))]
    expect(compareCids(digit, letter)).toBeLessThan(0)
  })

  it('has a key that tells CIDs apart exactly as their bytes do', () => {
    fc.assert(fc.property(someCid, someCid, (a, b) => (cidKey(a) === cidKey(b)) === equalCids(a, b)))
    const bytes = Uint8Array.of(1, 2, 3)
    expect(cidKey(blockCid(bytes))).not.toBe(cidKey(rawCid(bytes)))
  })
})

describe('what is no CID', () => {
  const text = cidToText(blockCid(Uint8Array.of(1)))

  it.each([
    ['an empty text', ''],
    ['another base', `z${text.slice(1)}`],
    ['upper case', text.toUpperCase()],
    ['a letter outside the alphabet', `${text.slice(0, -1)}1`],
    ['a letter outside ASCII', `${text.slice(0, -1)}é`],
    ['one letter less', text.slice(0, -1)],
    ['one letter more', `${text}a`],
    ['bits left over in the last letter', `${text.slice(0, -1)}7`],
    ['version 0', 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'],
    ['another codec', CID.createV1(0x70, CID.parse(text).multihash).toString()],
  ])('is refused with INVALID_ARGUMENT: %s', (_, wrong) => {
    expect(() => parseCid(wrong)).toThrow(
      expect.toSatisfy((error) => isFailure(error, 'INVALID_ARGUMENT') && error.message.includes(`"${wrong}"`)),
    )
  })

  it.each([
    ['too short', new Uint8Array(35)],
    ['too long', new Uint8Array(37)],
    ['another version', blockCid(Uint8Array.of(1)).map((byte, index) => (index === 0 ? 2 : byte))],
    ['another hash', blockCid(Uint8Array.of(1)).map((byte, index) => (index === 2 ? 0x13 : byte))],
    ['another length of the hash', blockCid(Uint8Array.of(1)).map((byte, index) => (index === 3 ? 31 : byte))],
  ])('is refused with CORRUPT_DATA as bytes: %s', (_, wrong) => {
    expect(() => cidFromBytes(wrong)).toThrow(expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA')))
  })
})

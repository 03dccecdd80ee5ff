import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { hexToBytes } from '../util/bytes.ts'
import { CborReader } from './cbor-reader.ts'
import { CborWriter } from './cbor-writer.ts'
import { blockCid } from './cid.ts'

type Read = (reader: CborReader) => unknown

const int: Read = (reader) => reader.int()
const float: Read = (reader) => reader.float()
const text: Read = (reader) => reader.text()
const bytes: Read = (reader) => reader.bytes()
const array: Read = (reader) => reader.array()
const map: Read = (reader) => reader.map()
const boolean: Read = (reader) => reader.boolean()
const link: Read = (reader) => reader.link()

function read(hex: string, what: Read): unknown {
  const reader = new CborReader(hexToBytes(hex), 'test')
  const value = what(reader)
  reader.end()
  return value
}

describe('the CBOR reader', () => {
  it('reads what the writer writes', () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    fc.assert(
      fc.property(int64, fc.double(), fc.string({ unit: 'binary', maxLength: 300 }), fc.uint8Array(), fc.boolean(), (a, b, c, d, e) => {
        const writer = new CborWriter().int(a).float(b).text(c).bytes(d).boolean(e).link(blockCid(d)).null().map(1).text('key').array(0)
        const reader = new CborReader(writer.finish(), 'test')
        expect(BigInt(reader.int())).toBe(a)
        expect(reader.float()).toBe(b)
        expect(reader.text()).toBe(c)
        expect(reader.bytes()).toEqual(d)
        expect(reader.boolean()).toBe(e)
        expect(reader.link()).toEqual(blockCid(d))
        expect(reader.tryNull()).toBe(true)
        expect(reader.map()).toBe(1)
        expect(reader.tryKey('kex')).toBe(false)
        expect(reader.tryKey('ke')).toBe(false)
        expect(reader.tryKey('key')).toBe(true)
        expect(reader.array()).toBe(0)
        reader.end()
      }),
    )
  })

  it('gives a number where it is safe and a bigint beyond', () => {
    expect(read('1b001fffffffffffff', int)).toBe(2 ** 53 - 1)
    expect(read('1b0020000000000000', int)).toBe(2n ** 53n)
    expect(read('3b001ffffffffffffe', int)).toBe(-(2 ** 53) + 1)
    expect(read('3b001fffffffffffff', int)).toBe(-(2n ** 53n))
    expect(read('3bffffffffffffffff', int)).toBe(-(2n ** 64n))
  })

  it('never accepts two spellings of one item', () => {
    const item = fc.tuple(
      fc.constantFrom(0xf9, 0xfa, 0xfb, 0x18, 0x19, 0x1a, 0x1b, 0x38, 0x39, 0x3a, 0x3b, 0x17),
      fc.uint8Array({ maxLength: 9 }),
    )
    fc.assert(
      fc.property(item, ([head, rest]) => {
        const given = Uint8Array.of(head, ...rest)
        const isFloat = head >= 0xf9
        const reader = new CborReader(given, 'test')
        let writer: CborWriter
        try {
          writer = isFloat ? new CborWriter().float(reader.float()) : new CborWriter().int(reader.int())
          reader.end()
        } catch (error) {
          expect(isFailure(error, 'CORRUPT_DATA')).toBe(true)
          return
        }
        expect(writer.finish()).toEqual(given)
      }),
      { numRuns: 1000 },
    )
  })

  it.each<[string, string, Read]>([
    ['nothing at all', '', int],
    ['an integer in 8 bits that fits the head', '1817', int],
    ['an integer in 16 bits that fits 8', '1900ff', int],
    ['an integer in 32 bits that fits 16', '1a0000ffff', int],
    ['an integer in 64 bits that fits 32', '1b00000000ffffffff', int],
    ['an integer that ends early', '1a0001', int],
    ['a reserved head', '1c', int],
    ['an indefinite head', '1f', int],
    ['a text where an integer is to be', '6161', int],
    ['a float in 32 bits that fits 16', 'fa3f800000', float],
    ['a float in 64 bits that fits 32', 'fb3ff0000000000000', float],
    ['another NaN in 16 bits', 'f97e01', float],
    ['a NaN in 32 bits', 'fa7fc00001', float],
    ['a NaN in 64 bits', 'fb7ff8000000000001', float],
    ['an integer where a float is to be', '01', float],
    ['a float that ends early', 'fb3ff000', float],
    ['a text of indefinite length', '7f6161ff', text],
    ['a text longer than what is left', '626a', text],
    ['a text of 2^63 bytes', '7b8000000000000000', text],
    ['a text with a long head', '780161', text],
    ['a text with a broken sequence', '62c328', text],
    ['a text with an overlong sequence', '62c080', text],
    ['a text with a surrogate', '63eda080', text],
    ['a byte string of indefinite length', '5f4101ff', bytes],
    ['bytes longer than what is left', '4201', bytes],
    ['a list of indefinite length', '9fff', array],
    ['a list of more items than bytes', '9a7fffffff', array],
    ['a map of indefinite length', 'bfff', map],
    ['a map of more pairs than bytes', 'a30101', map],
    ['undefined where a boolean is to be', 'f7', boolean],
    ['a link with another tag', `d82b58250001711220${'00'.repeat(32)}`, link],
    ['a link without its zero byte', `d82a582401711220${'00'.repeat(32)}`, link],
    ['a link to another codec', `d82a58250001701220${'00'.repeat(32)}`, link],
    ['a link that ends early', 'd82a58250001711220', link],
    ['something after the end', '0000', int],
  ])('refuses %s', (_, hex, what) => {
    expect(() => read(hex, what)).toThrow(expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA')))
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  bytesToBase64,
  bytesToHex,
  bytesToMapKey,
  compareBytes,
  compareText,
  concatBytes,
  encodeText,
  hexToBytes,
  prefixRange,
} from './bytes.ts'

const someBytes = fc.uint8Array({ maxLength: 40 })

describe('bytes', () => {
  it('come back from hex as they were', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        expect(hexToBytes(bytesToHex(bytes))).toEqual(bytes)
      }),
    )
    expect(hexToBytes('00fF')).toEqual(Uint8Array.of(0, 255))
  })

  it.each(['0', '0g', 'zz', '00f', ' 0', '0x'])('are not made from "%s"', (text) => {
    expect(() => hexToBytes(text)).toThrow(RangeError)
  })

  it('have one map key each', () => {
    fc.assert(
      fc.property(someBytes, someBytes, (a, b) => {
        expect(bytesToMapKey(a) === bytesToMapKey(b)).toBe(compareBytes(a, b) === 0)
      }),
    )
  })

  it('order like their hex, a prefix first', () => {
    fc.assert(
      fc.property(someBytes, someBytes, (a, b) => {
        const [x, y] = [bytesToHex(a), bytesToHex(b)]
        expect(Math.sign(compareBytes(a, b))).toBe(x === y ? 0 : x < y ? -1 : 1)
      }),
    )
  })

  it('are base64 as the platform reads it', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        expect(Uint8Array.from(atob(bytesToBase64(bytes)), (unit) => unit.charCodeAt(0))).toEqual(bytes)
      }),
    )
  })
})

describe('text', () => {
  it('orders by UTF-8, where the platform orders by UTF-16', () => {
    // U+FF5E is one UTF-16 unit above the surrogates, U+1F600 is two units below it, and a larger code point.
    const texts = ['\u{1f600}', '\uff5e']
    expect(texts.toSorted(compareText)).toEqual(['\uff5e', '\u{1f600}'])
    expect(texts.toSorted()).toEqual(['\u{1f600}', '\uff5e'])
  })

  it('orders as its UTF-8 does', () => {
    const someText = fc.string({
      unit: fc.constantFrom('a', 'b', '\u00e9', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
      maxLength: 4,
    })
    fc.assert(
      fc.property(someText, someText, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Math.sign(compareBytes(encodeText(a), encodeText(b))))
      }),
    )
  })
})

describe('a prefix range', () => {
  it('holds exactly what begins with the prefix', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 }), someBytes, (prefix, bytes) => {
        const { from, to } = prefixRange(prefix)
        const isInside = compareBytes(bytes, from) >= 0 && (to === undefined || compareBytes(bytes, to) < 0)
        expect(isInside).toBe(bytesToHex(bytes).startsWith(bytesToHex(prefix)))
      }),
      { examples: [[Uint8Array.of(255, 255), concatBytes(Uint8Array.of(255, 255), encodeText('x'))]] },
    )
  })
})

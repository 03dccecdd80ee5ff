import fc from 'fast-check'
import { base32 } from 'multiformats/bases/base32'
import { describe, expect, it } from 'vitest'

import { decodeBase32, encodeBase32 } from './base32.ts'

describe('base32', () => {
  it('is the one of multiformats, without its prefix', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = encodeBase32(bytes)
        expect(`b${text}`).toBe(base32.encode(bytes))
        expect(decodeBase32(text)).toEqual(bytes)
        expect(decodeBase32(`b${text}`, 1)).toEqual(bytes)
      }),
    )
  })

  it('takes exactly what it writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'z', '2', '7', '1', 'A', '=', 'é'), maxLength: 20 }), (text) => {
        const bytes = decodeBase32(text)
        expect(bytes === undefined || encodeBase32(bytes) === text).toBe(true)
      }),
    )
    expect(decodeBase32('a')).toBeUndefined()
    expect(decodeBase32('ab')).toBeUndefined()
    expect(decodeBase32('ae')).toEqual(Uint8Array.of(1))
  })
})

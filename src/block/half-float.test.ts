import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { halfBitsOfSingle, valueOfHalf } from './half-float.ts'

const view = new DataView(new ArrayBuffer(4))

function bitsOfSingle(value: number): number {
  view.setFloat32(0, value)
  return view.getUint32(0)
}

describe('a float16', () => {
  it('comes back from its value, for every one of them that is a number', () => {
    const lost = Array.from({ length: 0x10000 }, (_, bits) => bits)
      .filter((bits) => !Number.isNaN(valueOfHalf(bits)))
      .filter((bits) => halfBitsOfSingle(bitsOfSingle(valueOfHalf(bits))) !== bits)
    expect(lost).toEqual([])
  })

  it('is found for a float32 only when it has the same value', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        const half = halfBitsOfSingle(bitsOfSingle(value))
        const nearest = [0, 1, -1].map((step) => bitsOfSingle(value) + step)
        expect(half === undefined || Object.is(valueOfHalf(half), value)).toBe(true)
        for (const bits of nearest.filter((bits) => bits >= 0 && bits <= 0xffffffff)) {
          view.setUint32(0, bits)
          const other = halfBitsOfSingle(bits)
          expect(other === undefined || Object.is(valueOfHalf(other), view.getFloat32(0))).toBe(true)
        }
      }),
    )
  })

  it.each([
    [2 ** -24, 0x0001],
    [2 ** -25, undefined],
    [2 ** -14 - 2 ** -24, 0x03ff],
    [2 ** -14, 0x0400],
    [65504, 0x7bff],
    [65520, undefined],
    [65536, undefined],
    [-0, 0x8000],
    [-Infinity, 0xfc00],
    [1 + 2 ** -10, 0x3c01],
    [1 + 2 ** -11, undefined],
  ])('of %d has the bits %d', (value, bits) => {
    expect(halfBitsOfSingle(bitsOfSingle(value))).toBe(bits)
  })
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { bytes, decodeWith, encodeWith, fixed, list, record, text, uint } from './wire.ts'

const letter = record({
  stamp: uint(),
  from: fixed(4),
  subject: text(40),
  pages: list(record({ number: uint(9), ink: bytes(8) }), 3),
})

const someLetter = fc.record({
  stamp: fc.maxSafeNat(),
  from: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  subject: fc.string({ unit: 'grapheme', maxLength: 3 }).filter((value) => new TextEncoder().encode(value).length <= 40),
  pages: fc.array(fc.record({ number: fc.nat(9), ink: fc.uint8Array({ maxLength: 8 }) }), { maxLength: 3 }),
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(someLetter, (value) => {
      expect(decodeWith(letter, encodeWith(letter, value))).toEqual(value)
    }),
  )
})

test('a message cut short anywhere is refused, and so is one with more behind it', () => {
  fc.assert(
    fc.property(someLetter, fc.nat(), (value, at) => {
      const whole = encodeWith(letter, value)
      expect(() => decodeWith(letter, whole.subarray(0, at % whole.length))).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE' }))
      expect(() => decodeWith(letter, Uint8Array.from([...whole, 0]))).toThrow('1 bytes follow')
    }),
  )
})

test('random bytes are read as the one value that has this spelling, or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (garbage) => {
      let value
      try {
        value = decodeWith(letter, garbage)
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_MESSAGE' })
        return
      }
      expect(encodeWith(letter, value)).toEqual(garbage)
    }),
    { numRuns: 2000 },
  )
})

test('every bound holds for writing and for reading', () => {
  const small = { uint: uint(3), bytes: bytes(2), text: text(2), list: list(uint(), 1) }
  expect(() => encodeWith(small.uint, 4)).toThrow('from 0 to 3 are allowed')
  expect(() => encodeWith(small.bytes, new Uint8Array(3))).toThrow('from 0 to 2')
  expect(() => encodeWith(small.text, 'abc')).toThrow('from 0 to 2')
  expect(() => encodeWith(small.list, [1, 2])).toThrow('from 0 to 1')
  expect(() => decodeWith(small.uint, Uint8Array.of(4))).toThrow('from 0 to 3 are allowed')
  expect(() => decodeWith(small.bytes, Uint8Array.of(3, 1, 1, 1))).toThrow('from 0 to 2')
  expect(() => decodeWith(small.text, Uint8Array.of(3, 97, 97, 97))).toThrow('from 0 to 2')
  expect(() => decodeWith(small.list, Uint8Array.of(2, 1, 1))).toThrow('from 0 to 1')
})

test('a number has one spelling, a text is UTF-8, and a number stays exact', () => {
  expect(() => decodeWith(uint(), Uint8Array.of(0x81, 0))).toThrow('longer than needed')
  expect(() => decodeWith(uint(), new Uint8Array(9).fill(0xff))).toThrow('larger than 2^53')
  expect(() => decodeWith(text(9), Uint8Array.of(1, 0xff))).toThrow('not UTF-8')
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { ByteCursor, ByteSink } from './byte-cursor.ts'

const isCorrupt = expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA'))

describe('bytes that are written and read in order', () => {
  it('come back as they were', () => {
    const someText = fc.string({ unit: 'grapheme-ascii', maxLength: 200 })
    fc.assert(
      fc.property(fc.maxSafeNat(), someText, fc.uint8Array(), fc.nat(255), (number, text, bytes, byte) => {
        const sink = new ByteSink(1)
        sink.varint(number)
        sink.ascii(text)
        sink.ascii(text)
        sink.raw(bytes)
        sink.byte(byte)
        const cursor = new ByteCursor(sink.finish(), 'test')
        expect(cursor.varint()).toBe(number)
        expect(cursor.skipAscii(`${text}x`)).toBe(false)
        expect(cursor.ascii()).toBe(text)
        expect(cursor.take(bytes.length)).toEqual(bytes)
        expect(cursor.byte()).toBe(byte)
        expect(() => cursor.byte()).toThrow(isCorrupt)
      }),
    )
  })

  it('tell an ASCII text from all others', () => {
    const sink = new ByteSink(8)
    for (const text of ['name', 'name', 'name', 'nam']) sink.ascii(text)
    const cursor = new ByteCursor(sink.finish(), 'test')
    expect(cursor.skipAscii('name')).toBe(true)
    expect(cursor.skipAscii('nama')).toBe(false)
    expect(cursor.skipAscii('nam')).toBe(false)
    expect(cursor.skipAscii('name')).toBe(false)
  })

  it('have numbers up to 2^53 - 1', () => {
    const sink = new ByteSink(8)
    sink.varint(Number.MAX_SAFE_INTEGER)
    const bytes = sink.finish()
    expect(new ByteCursor(bytes, 'test').varint()).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => new ByteCursor(Uint8Array.of(...new Uint8Array(7).fill(0xff), 0x1f), 'test').varint()).toThrow(isCorrupt)
  })

  it('end where they end', () => {
    expect(() => new ByteCursor(Uint8Array.of(0x80), 'test').varint()).toThrow(isCorrupt)
    expect(() => new ByteCursor(Uint8Array.of(1), 'test').skip(2)).toThrow(isCorrupt)
    expect(() => new ByteCursor(Uint8Array.of(5, 0x61), 'test').ascii()).toThrow(isCorrupt)
    expect(() => new ByteCursor(Uint8Array.of(5, 0x61), 'test').skipAscii('a')).toThrow(isCorrupt)
  })
})

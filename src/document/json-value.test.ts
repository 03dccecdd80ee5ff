import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { CborReader } from '../block/cbor-reader.ts'
import { CborWriter } from '../block/cbor-writer.ts'
import { isFailure } from '../errors.ts'
import { hexToBytes } from '../util/bytes.ts'
import { memoryInUse, memoryNow } from '../util/memory.testkit.ts'
import type { DocumentValue } from '../schema/document-value.ts'
import { compareJsonValues, compareKeys, MAX_JSON_DEPTH, parseJsonValue, readJsonValue, writeJsonValue } from './json-value.ts'

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

function bytesOf(value: DocumentValue): Uint8Array {
  const writer = new CborWriter()
  writeJsonValue(writer, value)
  return writer.finish()
}

const someTree = fc.jsonValue({ maxDepth: 4 }).map((value) => parseJsonValue(value) ?? null)

describe('a JSON tree', () => {
  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(someTree, (value) => {
        expect(readJsonValue(new CborReader(bytesOf(value), 'test'))).toEqual(value)
      }),
    )
  })

  it('has one spelling, whatever the order of its members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.integer()), (members) => {
        const turned = Object.fromEntries(Object.entries(members).toReversed())
        expect(bytesOf(parseJsonValue(turned) ?? null)).toEqual(bytesOf(parseJsonValue(members) ?? null))
      }),
    )
  })

  it('has a total order in which equal means equal bytes', () => {
    fc.assert(
      fc.property(someTree, someTree, someTree, (a, b, c) => {
        expect(Math.sign(compareJsonValues(a, b))).toBe(-Math.sign(compareJsonValues(b, a)) + 0)
        expect(compareJsonValues(a, a)).toBe(0)
        if (compareJsonValues(a, b) === 0 && !hasZero(a)) expect(bytesOf(a)).toEqual(bytesOf(b))
        if (compareJsonValues(a, b) <= 0 && compareJsonValues(b, c) <= 0) expect(compareJsonValues(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it('sorts null, booleans, numbers, texts, lists and objects in this order', () => {
    const inOrder = [null, false, true, -1, 2, 10, '', 'a', 'b', [], [1], [1, 0], [2], {}, { a: 1 }, { a: 2 }, { b: 0 }]
    expect(inOrder.toReversed().toSorted(compareJsonValues)).toEqual(inOrder)
  })

  it('is taken from what JSON.stringify would write: members that are undefined are left out', () => {
    expect(parseJsonValue({ a: undefined, b: [undefined, 1n] })).toEqual({ b: [null, 1] })
  })

  it.each([
    ['NaN', Number.NaN],
    ['an infinite number inside', { a: [Infinity] }],
    ['a function', { a: () => 1 }],
    ['a symbol', Symbol('a')],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', Uint8Array.of(1)],
    ['a bigint beyond all floats', 10n ** 400n],
  ])('is not made of %s', (_, input) => {
    expect(parseJsonValue(input)).toBeUndefined()
  })

  it('takes objects without a prototype and of other realms', () => {
    expect(parseJsonValue(Object.assign(Object.create(null) as object, { a: 1 }))).toEqual({ a: 1 })
    const foreign = Object.create(Object.create(null) as object) as object
    expect(parseJsonValue(Object.assign(foreign, { a: 1 }))).toEqual({ a: 1 })
  })

  it('is bounded in depth, as input and as bytes', () => {
    expect(parseJsonValue(nested(MAX_JSON_DEPTH))).toEqual(nested(MAX_JSON_DEPTH))
    expect(parseJsonValue(nested(MAX_JSON_DEPTH + 1))).toBeUndefined()
    const deepest = bytesOf(parseJsonValue(nested(MAX_JSON_DEPTH)) ?? null)
    expect(readJsonValue(new CborReader(deepest, 'test'))).toEqual(nested(MAX_JSON_DEPTH))
    const deeper = Uint8Array.of(...new Uint8Array(100_000).fill(0x81), 0xf6)
    expect(() => readJsonValue(new CborReader(deeper, 'test'))).toThrow(`no more than ${MAX_JSON_DEPTH} levels`)
  })

  it('takes no memory for elements that are only claimed, however often', () => {
    const claims = new Uint8Array(64_000)
    const view = new DataView(claims.buffer)
    for (let level = 0; level < MAX_JSON_DEPTH; level++) {
      claims[level * 3] = 0x99
      view.setUint16(level * 3 + 1, claims.length - (level + 1) * 3)
    }
    const before = memoryInUse()
    expect(() => readJsonValue(new CborReader(claims, 'test'))).toThrow('expected a float')
    expect(memoryNow() - before).toBeLessThan(8_000_000)
  })

  it.each([
    ['keys out of order', 'a2616200616100'],
    ['a key twice', 'a26161f66161f6'],
    ['a longer key first', 'a2626161f66162f6'],
    ['an integer', '01'],
    ['a byte string', '4101'],
    ['a tag', 'c100'],
    ['undefined', 'f7'],
  ])('is refused as bytes with %s', (_, hex) => {
    expect(() => readJsonValue(new CborReader(hexToBytes(hex), 'test'))).toThrow(
      expect.toSatisfy((error) => isFailure(error, 'CORRUPT_DATA')),
    )
  })
})

describe('map keys', () => {
  it('go by the length of their UTF-8, then by its bytes', () => {
    expect(['aa', 'é', 'b', '', '🦊', 'abc', '\uffff'].toSorted(compareKeys)).toEqual(['', 'b', 'aa', 'é', 'abc', '\uffff', '🦊'])
  })
})

/** 0 and -0 are equal numbers of different bytes. */
function hasZero(value: DocumentValue): boolean {
  return JSON.stringify(value).includes('0')
}

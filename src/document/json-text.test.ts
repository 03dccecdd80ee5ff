import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { jsonText } from './json-text.ts'
import { parseDocumentJson } from './json.ts'

describe('the JSON text', () => {
  it('is that of the platform where there is no bigint', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', '  '), (value, indent) => {
        expect(jsonText(value, indent)).toBe(JSON.stringify(value, undefined, indent))
      }),
    )
  })

  it('writes whole numbers beyond 2^53 as digits, in the layout of the platform', () => {
    const value = { big: 9_223_372_036_854_775_807n, list: [1, -9_007_199_254_740_993n, []], left: undefined, empty: {} }
    expect(jsonText(value)).toBe('{"big":9223372036854775807,"list":[1,-9007199254740993,[]],"empty":{}}')
    expect(jsonText(value, '  ')).toBe(
      JSON.stringify({ big: 1, list: [1, 2, []], empty: {} }, undefined, '  ')
        .replace(/1,/, '9223372036854775807,')
        .replace('2,', '-9007199254740993,'),
    )
    expect(parseDocumentJson(jsonText(value))).toEqual({
      big: 9_223_372_036_854_775_807n,
      list: [1, -9_007_199_254_740_993n, []],
      empty: {},
    })
  })

  it('refuses a cycle, with a bigint or without', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    expect(() => jsonText(cycle)).toThrow(/circular/i)
  })
})

describe('printed JSON', () => {
  it('is that of the platform, with an indent of two', () => {
    const value = { a: [1, 'two\n"', null, true, {}, []], b: { c: 1.5e300, d: undefined }, e: Number.NaN }
    expect(jsonText(value, '  ')).toBe(JSON.stringify(value, null, 2))
    expect(jsonText(value)).toBe(JSON.stringify(value))
  })

  it('keeps whole numbers exact that JavaScript numbers cannot hold', () => {
    expect(jsonText({ n: 9_223_372_036_854_775_807n })).toBe('{"n":9223372036854775807}')
  })
})

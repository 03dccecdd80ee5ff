import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { parseDocumentJson } from './json.ts'

function refusal(text: string): string {
  try {
    parseDocumentJson(text)
  } catch (error) {
    if (isFailure(error, 'INVALID_DOCUMENT')) return error.message
    throw error
  }
  return 'accepted'
}

/** The platform gives a number also where it is not exact. */
function withNumbers(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? Number(member) : member)))
}

describe('document JSON', () => {
  it('is what the platform reads, whichever parser reads it', () => {
    const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n ')
    fc.assert(
      fc.property(fc.jsonValue(), space, (value, blank) => {
        const text = blank + JSON.stringify(value, undefined, blank) + blank
        expect(withNumbers(parseDocumentJson(text))).toEqual(JSON.parse(text))
        const withLongNumber = `[${text},0.12345678901234567]`
        expect(withNumbers(parseDocumentJson(withLongNumber))).toEqual(JSON.parse(withLongNumber))
      }),
    )
  })

  it('keeps every digit of a whole number', () => {
    expect(parseDocumentJson('{"n": 9007199254740993, "m": [-9223372036854775808]}')).toEqual({
      n: 9007199254740993n,
      m: [-9223372036854775808n],
    })
    expect(parseDocumentJson('123456789012345678901234567890')).toBe(123456789012345678901234567890n)
  })

  it('has numbers where they are exact, or no whole numbers', () => {
    expect(parseDocumentJson('[9007199254740991, 1e300, 1234567890123456.5, 100000000000000000.0]')).toEqual([
      2 ** 53 - 1,
      1e300,
      1234567890123456.5,
      1e17,
    ])
  })

  it('reads digits in texts as texts, with all escapes', () => {
    const text = String.raw`{"1234567890123456789": "12345678901234567890 \" \\ é\n\ud83e\udd8a"}`
    expect(parseDocumentJson(text)).toEqual({ '1234567890123456789': '12345678901234567890 " \\ é\n🦊' })
  })

  it('makes a member of its own of every name', () => {
    const value = parseDocumentJson('{"__proto__": 12345678901234567890}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it.each([
    ['', 'expected a value at line 1, column 1, but the text ends'],
    ['{', 'expected a member name in double quotation marks at line 1, column 2, but the text ends'],
    ['{"a" 1}', 'expected ":" at line 1, column 6, but found "1}"'],
    ['{"a": 1,}', 'expected a member name in double quotation marks at line 1, column 9'],
    ["{'a': 1}", 'expected a member name in double quotation marks at line 1, column 2'],
    ['{"a": 1 "b": 2}', 'expected "," or "}" at line 1, column 9'],
    ['[1, 2', 'expected "," or "]" at line 1, column 6, but the text ends'],
    ['[1,, 2]', 'expected a value at line 1, column 4'],
    ['{\n  "a": nul\n}', 'expected a value at line 2, column 8'],
    ['{\n  "a": tru', 'expected a value at line 2, column 8'],
    ['01', 'expected the end at line 1, column 2'],
    ['1.', 'expected the end at line 1, column 2'],
    ['-', 'expected a value at line 1, column 1'],
    ['"abc', 'expected a text that ends, with valid escapes and no line breaks at line 1, column 1'],
    ['"a\nb"', 'expected a text that ends'],
    [String.raw`"\x"`, 'expected a text that ends'],
    ['{} {}', 'expected the end at line 1, column 4'],
    ['undefined', 'expected a value at line 1, column 1, but found "undefined"'],
    ['NaN', 'expected a value'],
  ])('refuses %j and tells where: %s', (text, message) => {
    expect(refusal(text)).toContain(message)
  })

  it('refuses what is nested too deep instead of running out of stack', () => {
    expect(refusal(`${'['.repeat(100_000)}1234567890123456789`)).toContain('no more than 512 levels')
  })
})

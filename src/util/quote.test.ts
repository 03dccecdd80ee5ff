import { describe, expect, it } from 'vitest'

import { quote } from './quote.ts'

describe('a quoted value', () => {
  it.each([
    ['text', '"text"'],
    ['two\nlines', String.raw`"two\nlines"`],
    [12, '12'],
    [Number.NaN, 'NaN'],
    [-0, '0'],
    [12n, '12'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 'a'], '[1,"a"]'],
    [{ a: null }, '{"a":null}'],
    [{ a: 1n }, 'an object'],
    [[1n], 'a list'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
  ])('of %s is %s', (value, text) => {
    expect(quote(value)).toBe(text)
  })

  it('is cut when it is long', () => {
    expect(quote('x'.repeat(1000))).toMatch(/^"x{79}…$/)
  })
})

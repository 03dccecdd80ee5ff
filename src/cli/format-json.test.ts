import { describe, expect, it } from 'vitest'

import { formatJson } from './format-json.ts'

describe('printed JSON', () => {
  it('is that of the platform, with an indent of two', () => {
    const value = { a: [1, 'two\n"', null, true, {}, []], b: { c: 1.5e300, d: undefined }, e: Number.NaN }
    expect(formatJson(value)).toBe(JSON.stringify(value, null, 2))
    expect(formatJson(value, 'line')).toBe(JSON.stringify(value))
  })

  it('keeps whole numbers exact that JavaScript numbers cannot hold', () => {
    expect(formatJson({ n: 9_223_372_036_854_775_807n }, 'line')).toBe('{"n":9223372036854775807}')
  })
})

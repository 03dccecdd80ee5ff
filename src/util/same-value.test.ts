import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sameValue } from './same-value.ts'

describe('two values', () => {
  it('are the same when their JSON is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: true, maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
        expect(sameValue(a, structuredClone(a))).toBe(true)
        expect(sameValue(a, b)).toBe(sameValue(b, a))
        if (JSON.stringify(a) !== JSON.stringify(b) && !Array.isArray(a) && (typeof a !== 'object' || a === null))
          expect(sameValue(a, b)).toBe(false)
      }),
    )
  })

  it.each([
    [[1, 2], [1, 2], true],
    [[1, 2], [2, 1], false],
    [[1], [1, undefined], false],
    [{ a: 1, b: [null] }, { b: [null], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [{ a: undefined }, { b: undefined }, false],
    [{}, [], false],
    [{}, null, false],
    [[], '', false],
    [1n, 1n, true],
    [1n, 1, false],
    [0, -0, false],
    [Number.NaN, Number.NaN, true],
  ])('%o and %o: %s', (a, b, isSame) => {
    expect(sameValue(a, b)).toBe(isSame)
  })
})

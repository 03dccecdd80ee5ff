import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { printJson, shortestFloat32 } from './json-print.ts'
import { parseDocumentJson } from './json.ts'

describe('printing JSON', () => {
  it('is what reading takes back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', '  '), (value, indent) => {
        const document = parseDocumentJson(JSON.stringify(value))
        expect(parseDocumentJson(printJson(document as never, indent))).toEqual(document)
      }),
    )
  })

  it('sorts members by their bytes', () => {
    expect(printJson({ b: 1, _: 2, a: 3, B: 4, '\u{1F600}': 5, '\uFF00': 6 })).toBe('{"B":4,"_":2,"a":3,"b":1,"\uFF00":6,"\u{1F600}":5}')
  })

  it('keeps whole numbers of 64 bits, and the sign of zero', () => {
    expect(printJson([9007199254740993n, -0, 1e21, 1e-7, 123456789012345680000])).toBe(
      '[9007199254740993,-0,1e+21,1e-7,123456789012345680000]',
    )
  })

  it('has null for what is no number', () => {
    expect(printJson([Number.NaN, Number.POSITIVE_INFINITY])).toBe('[null,null]')
  })

  it('escapes what could end a script', () => {
    expect(printJson('</script>&\u2028\u0001\n"')).toBe(String.raw`"\u003c/script\u003e\u0026\u2028\u0001\n\""`)
  })

  it('lays members and elements out over lines', () => {
    expect(printJson({ a: [1, { b: [] }], c: {} }, '  ', '    ')).toBe(
      ['{', '      "a": [', '        1,', '        {', '          "b": []', '        }', '      ],', '      "c": {}', '    }'].join('\n'),
    )
  })
})

describe('the shortest decimal of a number of 32 bits', () => {
  it('names the same number', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortestFloat32(value))).toBe(value)
      }),
    )
  })

  it('is what was given', () => {
    for (const given of [0.1, 16.3, 1e-7, 3.4e38, -2.5, 0, 16777216]) expect(shortestFloat32(Math.fround(given))).toBe(given)
  })
})

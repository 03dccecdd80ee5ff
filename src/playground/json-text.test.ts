import fc from 'fast-check'
import { expect, test } from 'vitest'

import { jsonTokens, printJson } from './json-text.ts'

test('what is printed is JSON of the same value, laid out or not', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as unknown
      expect(JSON.parse(printJson(plain))).toEqual(plain)
      expect(JSON.parse(printJson(plain, '  '))).toEqual(plain)
    }),
  )
})

test('a whole number beyond 2^53 keeps all its digits', () => {
  expect(printJson({ n: 9007199254740993n })).toBe('{"n": 9007199254740993}')
})

test('what fits into a line stays on it', () => {
  const title = 'x'.repeat(60)
  expect(printJson({ short: [1, 2], title }, '  ')).toBe(`{\n  "short": [1, 2],\n  "title": "${title}"\n}`)
})

test('tokens put together are the text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = printJson(value, '  ')
      expect([...jsonTokens(text)].map((token) => token.text).join('')).toBe(text)
    }),
  )
})

test('names, strings, numbers and words are told apart', () => {
  const kinds = [...jsonTokens('{"a": "b", "c": [-1.5e3, true, null]}')].filter(({ kind }) => kind !== 'other')
  expect(kinds.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'name "a"',
    'string "b"',
    'name "c"',
    'number -1.5e3',
    'word true',
    'word null',
  ])
})

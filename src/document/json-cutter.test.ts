import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isFailure } from '../errors.ts'
import { parseDocumentJson } from './json.ts'
import { jsonCutter, type JsonCutter } from './json-cutter.ts'

/** A cutter over a text that comes in pieces of this length. */
function cutterOf(text: string, length = 3): JsonCutter {
  async function* pieces(): AsyncGenerator<string> {
    for (let start = 0; start < text.length; start += length) yield text.slice(start, start + length)
  }
  return jsonCutter('the text', pieces())
}

/** The values of a list, cut one by one. */
async function elementsOf(text: string, length?: number): Promise<readonly unknown[]> {
  const cutter = cutterOf(text, length)
  const elements: unknown[] = []
  if (!(await cutter.take('['))) cutter.fail('"["')
  if (!(await cutter.take(']'))) {
    do elements.push((await cutter.value()).value)
    while (await cutter.take(','))
    if (!(await cutter.take(']'))) cutter.fail('"," or "]"')
  }
  return elements
}

async function refusal(text: string, length?: number): Promise<string> {
  try {
    await elementsOf(text, length)
  } catch (error) {
    if (isFailure(error, 'INVALID_DOCUMENT')) return error.message
    throw error
  }
  return 'accepted'
}

describe('cutting JSON', () => {
  it('gives the values that the whole text has, wherever the pieces end', async () => {
    const space = fc.constantFrom('', ' ', '\n', '\r\n\t')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), space, fc.integer({ min: 1, max: 9 }), async (values, blank, length) => {
        const text = blank + JSON.stringify(values, undefined, blank) + blank
        expect(await elementsOf(text, length)).toEqual(parseDocumentJson(text))
      }),
    )
  })

  it('takes what quotation marks hold for text', async () => {
    const values = [{ 'a]}': 'b,\\"' }, '\\', '"[{', { c: ['\\\\', { d: '}' }] }]
    for (const length of [1, 2, 5, 100]) expect(await elementsOf(JSON.stringify(values), length)).toEqual(values)
  })

  it('keeps every digit of a whole number', async () => {
    expect(await elementsOf('[9007199254740993, {"n": -9223372036854775808}]')).toEqual([9007199254740993n, { n: -9223372036854775808n }])
  })

  it('tells where each value begins', async () => {
    const cutter = cutterOf('\n  {"a":\n1}  "b"\n\n 3')
    expect((await cutter.value()).place).toEqual({ line: 2, column: 3 })
    expect((await cutter.value()).place).toEqual({ line: 3, column: 5 })
    expect((await cutter.value()).place).toEqual({ line: 5, column: 2 })
    expect(await cutter.peek()).toBe('')
  })

  it.each([
    ['', 'the text is no JSON: expected "[" at line 1, column 1, but the text ends'],
    ['[\n  1\n  2]', 'the text is no JSON: expected "," or "]" at line 3, column 3, but found "2]"'],
    ['[{"a": 1},\n {"b": x}]', 'the text is no JSON: expected a value at line 2, column 8, but found "x}"'],
    ['[{"a": 1},\n {"b"', 'the text is no JSON: expected ":" at line 2, column 6, but the text ends'],
    ['[1,]', 'the text is no JSON: expected a value at line 1, column 4, but found "]"'],
    ['[1,', 'the text is no JSON: expected a value at line 1, column 4, but the text ends'],
    [
      '["a\\',
      'the text is no JSON: expected a text that ends, with valid escapes and no line breaks at line 1, column 2, but found "\\"a\\\\"',
    ],
  ])('refuses %j with the place of the mistake in the whole text', async (text, message) => {
    for (const length of [1, 4, 100]) expect(await refusal(text, length)).toBe(message)
  })
})

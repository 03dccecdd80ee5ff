import { describe, expect, it } from 'vitest'

import { parseSdl } from '../../schema/sdl.ts'
import { queryCollections } from '../collections.ts'
import { DIALECTS } from '../dialect/dialect.ts'
import { buildSchema } from '../graphql/build-schema.ts'
import { QUERY_LIMITS } from '../limits.ts'
import { createTextParser } from './parsed-texts.ts'

const schema = buildSchema(queryCollections(parseSdl('type Users { name: String }', [])), DIALECTS['0.19'])
const text = (index: number): string => `query Q${index} { Users { name } }`

describe('a request text', () => {
  it('is parsed and validated once, whether it is valid or not', () => {
    const parse = createTextParser(schema, QUERY_LIMITS)
    for (const request of [text(1), '{ Users { nam } }', '{ Users {', '{ Users { name } } #']) {
      const first = parse(request)
      expect(parse(text(2))).not.toBe(first)
      expect(parse(request)).toBe(first)
    }
  })

  it('is let go when many others came after it, the oldest first', () => {
    const parse = createTextParser(schema, QUERY_LIMITS)
    const [first, second] = [parse(text(0)), parse(text(1))]
    for (let index = 2; index < 65; index++) parse(text(index))
    expect(parse(text(1))).toBe(second)
    expect(parse(text(0))).not.toBe(first)
  })

  it('of any length is kept until another comes', () => {
    const parse = createTextParser(schema, QUERY_LIMITS)
    const short = parse(text(0))
    const long = `{ Users { name } } #${' '.repeat(1_000_000)}`
    const parsed = parse(long)
    expect(parse(long)).toBe(parsed)
    expect(parse(text(0))).not.toBe(short)
    expect(parse(long)).not.toBe(parsed)
  })

  it('with too many tokens is refused with the limit, and that is kept as well', () => {
    const parse = createTextParser(schema, { ...QUERY_LIMITS, textTokens: 3 })
    const refused = parse(text(0))
    expect(refused).toMatchObject({ kind: 'failed', errors: [{ code: 'LIMIT_EXCEEDED', details: { limit: 'textTokens', allowed: 3 } }] })
    expect(parse(text(0))).toBe(refused)
  })
})

import { describe, expect, it } from 'vitest'

import type { DialectName } from '../../schema/dialect-name.ts'
import { createQueryEngine } from '../engine.ts'
import { queryTest } from '../source.testkit.ts'
import { library } from './library.testkit.ts'

describe('the schema in dialect 1.0', () => {
  const INTROSPECTION =
    '{ __schema { types { name description fields { name description args { name } } inputFields { name } enumValues { name } } } }'

  it('has no name of 0.19 left', async () => {
    const { data } = await (await library('1.0')).ask(INTROSPECTION)
    const words = new Set(JSON.stringify(data).match(/\w+/g))
    const old = [
      '_count',
      '_sum',
      '_avg',
      '_min',
      '_max',
      '_group',
      '_ne',
      '_ge',
      '_le',
      'commits',
      'latestCommits',
      'author_id',
      'address_id',
    ]
    expect(old.filter((word) => words.has(word))).toEqual([])
    expect([...words].filter((word) => word.startsWith('create_') || word.endsWith('_id'))).toEqual([])
    for (const word of ['COUNT', 'GROUP', '_neq', '_geq', '_leq', '_commits', '_authorID', 'add_Book', 'update_Book', '_docID', '_alias']) {
      expect(words).toContain(word)
    }
  })

  it('has the same types', async () => {
    const typesIn = async (dialect: DialectName): Promise<ReadonlySet<string>> => {
      const { data } = await (await library(dialect)).ask('{ __schema { types { name } } }')
      return new Set(JSON.stringify(data).match(/\w+/g))
    }
    expect(await typesIn('1.0')).toEqual(await typesIn('0.19'))
  })
})

describe('a collection whose own fields have names of the dialect', () => {
  it('keeps them, and what they hide keeps the name of 0.19', async () => {
    const sdl = 'type A { COUNT: Int GROUP: String _bID: Int b: B } type B { x: Int }'
    const test = queryTest(sdl)
    const engine = createQueryEngine(test.collections, { dialect: '1.0' })
    const [b] = await test.create('B', { x: 1 })
    await test.create('A', { COUNT: 5, GROUP: 'g', _bID: 7, b })
    const text = '{ A(groupBy: [GROUP, COUNT, _bID, b_id]) { COUNT GROUP _bID b_id _count(_group: {}) _group { COUNT } } }'
    const { data, errors } = await engine.execute(text, test.source)
    expect(errors).toBeUndefined()
    expect(data).toEqual({ A: [{ COUNT: 5, GROUP: 'g', _bID: 7, b_id: b, _count: 1, _group: [{ COUNT: 5 }] }] })
    expect(
      await engine.execute('{ A(filter: {_bID: {_geq: 7}, b_id: {_neq: null}}) { GROUP } SUM(A: {field: COUNT}) }', test.source),
    ).toEqual({
      data: { A: [{ GROUP: 'g' }], SUM: 5 },
    })
  })
})

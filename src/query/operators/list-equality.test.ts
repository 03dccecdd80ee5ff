import { describe, expect, it } from 'vitest'

import { library } from '../dialect/library.testkit.ts'

describe('lists as a whole, in dialect 1.0', () => {
  it.each([
    ['equal in order and length', '{_eq: ["a", "b"]}', ['Nuts']],
    ['not equal, and no list at all', '{_neq: ["a", "b"]}', ['Bolts', 'Loose', 'Screws']],
    ['empty', '{_eq: []}', ['Screws']],
    ['absent', '{_eq: null}', ['Loose']],
    ['present', '{_neq: null}', ['Bolts', 'Nuts', 'Screws']],
    ['both together with elements', '{_neq: ["c"], _any: {_neq: "z"}}', ['Nuts']],
  ])('are %s', async (_case, condition, titles) => {
    const { data } = await (await library('1.0')).ask(`{ Book(filter: {tags: ${condition}}, order: {title: ASC}) { title } }`)
    expect(data).toEqual({ Book: titles.map((title) => ({ title })) })
  })

  it('have nulls among their elements where the field does', async () => {
    const test = await library('1.0')
    const found = await test.ask('{ Book(filter: {scores: {_eq: [1, null, 5]}}) { title } }')
    expect(found.data).toEqual({ Book: [{ title: 'Nuts' }] })
    const { errors } = await test.ask('{ Book(filter: {tags: {_eq: ["a", null]}}) { title } }')
    expect(errors).toHaveLength(1)
  })
})

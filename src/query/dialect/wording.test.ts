import { describe, expect, it } from 'vitest'

import { library } from './library.testkit.ts'

describe('what a plan refuses', () => {
  it.each([
    ['{ Book { GROUP { title } } }', 'GROUP may only be referenced when within a groupBy request'],
    ['{ Book { COUNT } }', 'aggregate must be provided with a property to aggregate: COUNT('],
    ['{ Book(groupBy: [pages]) { _authorID } }', 'Field: _authorID; group by it, or select it inside "GROUP"'],
    ['{ _commits { COUNT } }', 'COUNT(field: links)'],
    ['{ Book(filter: {tree: {rooms: {_geq: "x"}}}) { title } }', '"_geq" on JSON compares numbers'],
    ['mutation { add_Book(input: {title: "x", _authorID: "y"}) { title } }', '"_authorID" takes the ID of a document'],
  ])('is said in the words of the dialect: %s', async (text, message) => {
    const { errors } = await (await library('1.0')).ask(text)
    expect(errors?.[0]?.message).toContain(message)
  })
})

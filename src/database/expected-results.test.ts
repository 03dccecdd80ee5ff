import { describe, expect, it } from 'vitest'

import { expectResults } from './expected-results.testkit.ts'

const idOf = (collection: number, document: number): string => `id ${collection} ${document}`
const SAME = { $matcher: 'same' }
const UNIQUE = { $matcher: 'unique' }

describe('the comparison with expected results', () => {
  it.each([
    ['equal values', [{ a: [{ b: 1 }] }], { a: [{ b: 1 }] }],
    ['null where nothing is expected', [{ a: null, b: 1 }], { b: 1 }],
    ['null for what is missing', [{}], { a: null }],
    ['one of several', [{ a: 2 }], { a: { $anyOf: [1, 2] } }],
    ['the ID of a document', [{ a: 'id 1 0' }], { a: { $docIDOf: { collection: 1, doc: 0 } } }],
    ['the same of all nodes, at each place', [{ a: [1, 2] }, { a: [1, 2] }], { a: [SAME, SAME] }],
    ['values of which no two of one node are equal', [{ a: [1, 2] }, { a: [1, 2] }], { a: [UNIQUE, { $all: [SAME, UNIQUE] }] }],
  ])('lets through %s', (_name, actual, expected) => {
    expectResults(actual, expected, idOf)
  })

  it.each([
    ['other values', [{ a: [{ b: 1 }] }], { a: [{ b: 2 }] }],
    ['another order', [{ a: [1, 2] }], { a: [2, 1] }],
    ['too many items', [{ a: [1, 2] }], { a: [1] }],
    ['a value where nothing is expected', [{ a: 1, b: 1 }], { b: 1 }],
    ['nothing where a value is expected', [{ a: null }], { a: { b: 1 } }],
    ['none of several', [{ a: 3 }], { a: { $anyOf: [1, 2] } }],
    ['the ID of another document', [{ a: 'id 0 0' }], { a: { $docIDOf: { collection: 1, doc: 0 } } }],
    ['nodes that differ', [{ a: 1 }, { a: 2 }], { a: SAME }],
    ['a second node alone that is wrong', [{ a: 1 }, { a: 2 }], { a: 1 }],
    ['the same twice on one node', [{ a: [1, 1] }], { a: [UNIQUE, UNIQUE] }],
    ['an expectation that nobody knows', [{ a: 1 }], { a: { $nobody: 1 } }],
  ])('stops %s', (_name, actual, expected) => {
    expect(() => expectResults(actual, expected, idOf)).toThrow()
  })
})

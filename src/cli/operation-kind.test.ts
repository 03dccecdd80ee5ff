import { describe, expect, it } from 'vitest'

import { isSubscription } from './operation-kind.ts'

describe('a request', () => {
  it.each([
    ['subscription { User { name } }', undefined, true],
    ['# query\n subscription Changes($a: Int = 1) @live { User { name } }', undefined, true],
    ['query A { User { name } } subscription B { User { name } }', 'B', true],
    ['query A { User { name } } subscription B { User { name } }', 'A', false],
    ['fragment F on User { name } subscription { User { ...F } }', undefined, true],
    ['{ subscription { name } }', undefined, false],
    ['query subscription { User { name } }', 'subscription', false],
    ['mutation { create_User(input: {name: "subscription { }"}) { _docID } }', undefined, false],
    ['query { User(filter: {name: {_eq: """ } subscription { """}}) { name } }', undefined, false],
    ['', undefined, false],
  ])('%j with operation %s is a subscription: %s', (request, operationName, expected) => {
    expect(isSubscription(request, operationName)).toBe(expected)
  })
})

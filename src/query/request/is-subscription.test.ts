import { expect, test } from 'vitest'

import { isSubscription } from './is-subscription.ts'

test.each([
  'subscription { Note { title } }',
  '\n# of notes\n, subscription Changes($done: Boolean) { Note(filter: { done: { _eq: $done } }) { title } }',
  'fragment Part on Note { title body } subscription { Note { ...Part } }',
  'fragment Part on Note @is(said: "}") { title } subscription { Note { ...Part } }',
])('a subscription: %s', (request) => {
  expect(isSubscription(request)).toBe(true)
})

test.each([
  '{ Note { title } }',
  '{ subscription { title } }',
  'query subscription { Note { title } }',
  'query ($subscription: String = "} subscription") { Note { title } }',
  'query { Note(filter: { title: { _eq: """}} " } subscription""" } }) { title } }',
  '# subscription {\n{ Note { title } }',
  'mutation { create_Note(input: { title: "subscription" }) { title } }',
  '',
])('no subscription: %s', (request) => {
  expect(isSubscription(request)).toBe(false)
})

test.each([
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
  ['fragment B on User { name } query A { User { ...B } } subscription B { User { ...B } }', 'B', true],
])('%j with operation %s is a subscription: %s', (request, operationName, expected) => {
  expect(isSubscription(request, operationName)).toBe(expected)
})

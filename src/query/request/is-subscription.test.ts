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

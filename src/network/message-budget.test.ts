import { expect, test } from 'vitest'

import { MESSAGE_BYTES_AT_ONCE, MESSAGES_AT_ONCE, MESSAGES_PER_SECOND } from './limits.ts'
import { createMessageBudget } from './message-budget.ts'

function aBudget(): { readonly budget: ReturnType<typeof createMessageBudget>; pass(milliseconds: number): void } {
  let time = 0
  return {
    budget: createMessageBudget({ now: () => time }),
    pass: (milliseconds) => {
      time += milliseconds
    },
  }
}

test('so many messages are taken at once, and as many again as time allows', () => {
  const { budget, pass } = aBudget()
  for (let index = 0; index < MESSAGES_AT_ONCE; index++) expect(budget.take('root', 1)).toBe(true)
  expect(budget.take('root', 1)).toBe(false)
  pass(1000)
  for (let index = 0; index < MESSAGES_PER_SECOND; index++) expect(budget.take('compare', 1)).toBe(true)
  expect(budget.take('compare', 1)).toBe(false)
})

test('large messages run out earlier, but not questions', () => {
  const { budget, pass } = aBudget()
  expect(budget.take('follow', MESSAGE_BYTES_AT_ONCE)).toBe(true)
  expect(budget.take('follow', 1000)).toBe(false)
  expect(budget.take('want', MESSAGE_BYTES_AT_ONCE)).toBe(true)
  pass(1000)
  expect(budget.take('follow', 1000)).toBe(true)
})

test('answers cost nothing', () => {
  const { budget } = aBudget()
  for (let index = 0; index < 2 * MESSAGES_AT_ONCE; index++) expect(budget.take('commits', 100_000)).toBe(true)
  expect(budget.take('root', 1)).toBe(true)
})

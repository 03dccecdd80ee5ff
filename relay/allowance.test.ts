import { expect, test } from 'vitest'

import { createAllowance, createAllowances } from './allowance.ts'

function aTime(): { now(): number; pass(milliseconds: number): void } {
  let time = 0
  return { now: () => time, pass: (milliseconds) => (time += milliseconds) }
}

test('so much is there at once, and comes back with time, up to that', () => {
  const time = aTime()
  const allowance = createAllowance({ burst: 3, perSecond: 2 }, time)
  expect([1, 1, 1, 1].map((amount) => allowance.take(amount))).toEqual([true, true, true, false])
  time.pass(500)
  expect([allowance.take(), allowance.take()]).toEqual([true, false])
  time.pass(60_000)
  expect([allowance.left(), allowance.take(4), allowance.take(3)]).toEqual([3, false, true])
})

test('each has an own one, and who was not there the longest is forgotten first', () => {
  const allowances = createAllowances({ burst: 1, perSecond: 0 }, 2, aTime())
  expect(['a', 'b', 'a'].map((key) => allowances.of(key).take())).toEqual([true, true, false])
  expect(allowances.of('c').take()).toBe(true)
  expect(['a', 'b'].map((key) => allowances.of(key).take())).toEqual([false, true])
})

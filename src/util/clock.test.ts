import { expect, test } from 'vitest'

import { aClock } from './clock.testkit.ts'
import { every, pause, within } from './clock.ts'

test('a task that is called every second is called until it is ended, also by itself', () => {
  const { clock, pass, waiting } = aClock()
  const called: number[] = []
  const end = every(clock, 1000, () => {
    called.push(clock.now())
    if (called.length === 3) end()
  })
  pass(10_000)
  expect(called).toEqual([1000, 2000, 3000])
  expect(waiting()).toBe(0)
})

test('work that is done in time leaves no timer behind', async () => {
  const { clock, waiting } = aClock()
  expect(await within(clock, 1000, async (signal) => signal.aborted)).toBe(false)
  expect(waiting()).toBe(0)
})

test('the signal of work fires when its time is up, as a timeout, and when another one fires', async () => {
  const { clock, pass } = aClock()
  const untilAborted = (signal: AbortSignal): Promise<unknown> =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))
  const late = within(clock, 1000, untilAborted)
  pass(1000)
  expect(await late).toMatchObject({ name: 'TimeoutError' })

  const given = new AbortController()
  const ended = within(clock, 1000, untilAborted, given.signal)
  given.abort('enough')
  expect(await ended).toBe('enough')
})

test('a pause ends with its time or with a signal', async () => {
  const { clock, pass, waiting } = aClock()
  const long = pause(clock, 1000)
  pass(1000)
  await long

  const waking = new AbortController()
  const short = pause(clock, 1000, waking.signal)
  waking.abort()
  await short
  await pause(clock, 1000, waking.signal)
  expect(waiting()).toBe(0)
})

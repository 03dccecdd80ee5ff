import { expect, test } from 'vitest'

import { aClock } from '../util/clock.testkit.ts'
import { watchSleep } from './sleep-watch.ts'

test('the end of a sleep is told once, also where the clock stood still meanwhile', () => {
  const { clock, pass } = aClock()
  let [asleep, awoken] = [0, 0]
  const end = watchSleep({ ...clock, date: () => clock.now() + asleep }, () => (awoken += 1))
  pass(60_000)
  expect(awoken).toBe(0)
  asleep += 10_000
  pass(60_000)
  expect(awoken).toBe(1)
  end()
  asleep += 10_000
  pass(60_000)
  expect(awoken).toBe(1)
})

test('a timer that comes late tells of a sleep', () => {
  let [time, task] = [0, (): void => {}]
  let awoken = 0
  watchSleep({ now: () => time, date: () => 0, after: (_, next) => ((task = next), () => {}) }, () => (awoken += 1))
  for (const passed of [2000, 2500, 30_000, 2000]) {
    time += passed
    task()
  }
  expect(awoken).toBe(1)
})

import { expect, test } from 'vitest'

import { LOG_LINE_EVERY } from './options.ts'
import { createTally } from './tally.ts'

test('everything is counted, and told with one line for each reason in a while', () => {
  let time = 0
  const lines: string[] = []
  const tally = createTally((level, text) => lines.push(`${level} ${text}`), { now: () => time })
  for (let round = 0; round < 5; round++) tally.note('stun-wrong', '192.0.2.1')
  tally.note('message-wrong')
  time += LOG_LINE_EVERY
  tally.note('stun-wrong', '192.0.2.7')
  expect(lines).toEqual([
    'warn a packet at the STUN port is no binding request: 192.0.2.1',
    'warn a peer sends what the who-protocol does not have',
    'warn a packet at the STUN port is no binding request: 192.0.2.7, and 4 times before',
  ])
  expect(tally.counts()).toMatchObject({ 'stun-wrong': 6, 'message-wrong': 1, 'not-allowed': 0 })
})

import { expect, test } from 'vitest'

import { CUT_OFF_POINTS, FIRST_CUT_OFF, LONGEST_CUT_OFF, MAX_REMEMBERED_OFFENDERS, POINT_FORGIVEN_AFTER } from './limits.ts'
import { createOffences, POINTS, type Offences } from './offences.ts'

function aLedger(): { readonly offences: Offences; readonly cutOff: string[]; pass(milliseconds: number): void } {
  let time = 1_000_000
  const cutOff: string[] = []
  const offences = createOffences({
    onDropped: () => {},
    onCutOff: ({ id }) => cutOff.push(id),
    clock: { now: () => time, date: () => time },
  })
  return {
    offences,
    cutOff,
    pass: (milliseconds) => {
      time += milliseconds
    },
  }
}

const ENOUGH = CUT_OFF_POINTS / POINTS.garbage

function offend(offences: Offences, peer: string, times: number): void {
  for (let index = 0; index < times; index++) offences.note(peer, 'garbage', 'nonsense')
}

test('a peer is cut off after enough offences, for a time that doubles', () => {
  const { offences, cutOff, pass } = aLedger()
  offend(offences, 'bob', ENOUGH - 1)
  expect(offences.isCutOff('bob')).toBe(false)
  offend(offences, 'bob', 1)
  expect(offences.isCutOff('bob')).toBe(true)
  expect(offences.isCutOff('ann')).toBe(false)
  pass(FIRST_CUT_OFF)
  expect(offences.isCutOff('bob')).toBe(false)
  offend(offences, 'bob', ENOUGH)
  pass(FIRST_CUT_OFF)
  expect(offences.isCutOff('bob')).toBe(true)
  pass(FIRST_CUT_OFF)
  expect(offences.isCutOff('bob')).toBe(false)
  expect(cutOff).toEqual(['bob', 'bob'])
  expect(offences.droppedOf('bob')).toEqual({ count: 2 * ENOUGH, last: 'nonsense' })
})

test('no cut-off is longer than the longest', () => {
  const { offences, pass } = aLedger()
  for (let round = 0; round < 12; round++) {
    offend(offences, 'bob', ENOUGH)
    expect(offences.isCutOff('bob')).toBe(true)
    pass(LONGEST_CUT_OFF)
    expect(offences.isCutOff('bob')).toBe(false)
  }
})

test('rare accidents are forgiven, and refused commits weigh little', () => {
  const { offences, cutOff, pass } = aLedger()
  for (let index = 0; index < 100; index++) {
    offend(offences, 'bob', 1)
    pass(POINT_FORGIVEN_AFTER * POINTS.garbage)
  }
  for (let index = 0; index < 100; index++) offences.note('ann', 'refused', 'another schema')
  expect(cutOff).toEqual([])
})

test('not more offenders are remembered than fit, and the latest are kept', () => {
  const { offences } = aLedger()
  for (let index = 0; index <= MAX_REMEMBERED_OFFENDERS; index++) offend(offences, String(index), 1)
  expect(offences.droppedOf('0').count).toBe(0)
  expect(offences.droppedOf('1').count).toBe(1)
  expect(offences.droppedOf(String(MAX_REMEMBERED_OFFENDERS)).count).toBe(1)
})

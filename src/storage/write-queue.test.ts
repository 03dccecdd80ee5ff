import { expect, test } from 'vitest'

import { aKey, aPut } from './store-harness.testkit.ts'
import type { Change } from './store.ts'
import { WriteQueue } from './write-queue.ts'

test('what is pushed in one tick is one write, and what comes meanwhile the next, in order', async () => {
  const { queue, writes, finish } = aQueue()
  const first = [queue.push([aPut(aKey(1))]), queue.push([aPut(aKey(2)), aPut(aKey(3))])]
  await expect.poll(() => writes).toEqual([[1, 2, 3]])
  const second = [queue.push([aPut(aKey(4))]), queue.push([aPut(aKey(5))])]
  finish()
  await Promise.all(first)
  await expect
    .poll(() => writes)
    .toEqual([
      [1, 2, 3],
      [4, 5],
    ])
  finish()
  await Promise.all(second)
})

test('a list that cannot be written fails alone, and the others keep their order', async () => {
  const written: number[][] = []
  const queue = new WriteQueue(async (changes) => {
    if (changes.some(({ key }) => key[0] === 2)) throw new Error('not two')
    written.push(keysOf(changes))
  })
  const outcomes = await Promise.allSettled([1, 2, 3].map((number) => queue.push([aPut(aKey(number))])))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(written).toEqual([[1], [3]])
  await queue.push([aPut(aKey(4))])
  expect(written).toEqual([[1], [3], [4]])
})

test('a push settles no sooner than its write', async () => {
  const { queue, writes, finish } = aQueue()
  let isDone = false
  const pushed = queue.push([aPut(aKey(1))]).then(() => {
    isDone = true
    return isDone
  })
  await expect.poll(() => writes).toHaveLength(1)
  expect(isDone).toBe(false)
  finish()
  expect(await pushed).toBe(true)
})

/** A queue whose writes end when `finish` is called. */
function aQueue(): { queue: WriteQueue; writes: number[][]; finish: () => void } {
  const writes: number[][] = []
  const ends: (() => void)[] = []
  const queue = new WriteQueue((changes) => {
    writes.push(keysOf(changes))
    return new Promise((resolve) => ends.push(resolve))
  })
  return { queue, writes, finish: () => ends.shift()?.() }
}

function keysOf(changes: readonly Change[]): number[] {
  return changes.flatMap(({ key }) => [...key])
}

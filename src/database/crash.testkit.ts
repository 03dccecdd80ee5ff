import { describe, expect, it } from 'vitest'

import { messageOf } from '../errors.ts'
import type { StorePlace } from '../storage/store-harness.testkit.ts'
import type { Store } from '../storage/store.ts'
import { expectConsistent } from './consistency.testkit.ts'
import { CRASH_SCHEMA, crashWorkload, observe, type CrashStep } from './crash-workload.testkit.ts'
import { openTestNode, type TestNode } from './database.testkit.ts'
import { STOPS, stoppingStore, type Stop, type StoppingStore } from './stopping-store.testkit.ts'

/** What a run without a fault has shown after each write: first that of opening with a schema, then those of the steps. */
type Expected = readonly unknown[]

/** A storage that stops at every write of a workload of all kinds of writes. `place` gives an empty place whose data outlive the stores that are opened there. */
export function crashSuite(name: string, place: () => Promise<StorePlace>): void {
  describe(`a database in ${name} whose storage stops at any write`, () => {
    it('does all of each write in one write of the storage', () =>
      inPlace(place, async ({ open }) => {
        const store = stoppingStore(await open(), Number.POSITIVE_INFINITY, 'refuses')
        const node = await openTestNode(CRASH_SCHEMA, { store })
        expect(store.applies).toBe(1)
        for (const [index, step] of (await crashWorkload()).entries()) {
          await step.run(node)
          expect(store.applies, step.name).toBe(index + 2)
          await expectConsistent(store)
        }
      }))

    for (const stop of STOPS) {
      it(TITLES[stop], async () => {
        const steps = await crashWorkload()
        const expected = await inPlace(place, async ({ open }) => playThrough(await open(), steps))
        const points = Array.from(expected.keys())
        const playAll = async (): Promise<void> => {
          for (let writes = points.shift(); writes !== undefined; writes = points.shift()) {
            const point = writes
            await inPlace(place, (at) => crashAt(at, point, stop, steps, expected))
          }
        }
        await Promise.all(Array.from({ length: PLACES_AT_ONCE }, playAll))
      })
    }
  })
}

/** A storage that answers later leaves time for the others meanwhile. */
const PLACES_AT_ONCE = 4

const TITLES: Readonly<Record<Stop, string>> = {
  refuses: 'keeps nothing of a refused write and all before it, and goes on when there is room again',
  'dies before': 'is opened again with everything acknowledged and nothing of the write that never reached the storage',
  'dies after': 'is opened again with everything acknowledged and all of the write that nobody was told of',
}

async function playThrough(store: Store, steps: readonly CrashStep[]): Promise<Expected> {
  const node = await openTestNode(CRASH_SCHEMA, { store })
  const expected = [await observe(node)]
  for (const step of steps) {
    await step.run(node)
    expected.push(await observe(node))
  }
  return expected
}

/** Plays the workload over a storage that stops at the write after `writes` others; then opens what is left, and makes the next write. */
async function crashAt({ open }: StorePlace, writes: number, stop: Stop, steps: readonly CrashStep[], expected: Expected): Promise<void> {
  const what = `${stop} at write ${writes}: ${steps[writes - 1]?.name ?? 'open'}`
  const store = stoppingStore(await open(), writes, stop)
  const { acknowledged, node } = await playUntilStopped(store, stop, steps)
  expect(acknowledged, what).toBe(writes)
  let kept = stop === 'dies after' ? writes + 1 : writes
  if (stop === 'refuses' && node !== undefined) {
    expect(await observe(node), what).toEqual(expected[writes - 1])
    await expectConsistent(store)
    store.heal()
    await steps[writes - 1]?.run(node)
    expect(await observe(node), what).toEqual(expected[Math.min(writes, steps.length)])
    await node.db.close()
    kept = writes + 1
  }

  const left = await open()
  const { collections } = await expectConsistent(left)
  expect(collections > 0, what).toBe(kept > 0)
  const again = await openTestNode(CRASH_SCHEMA, { store: left })
  const opened = Math.max(kept, 1)
  expect(await observe(again), what).toEqual(expected[opened - 1])
  const next = steps[opened - 1]
  if (next === undefined) return
  await next.run(again)
  expect(await observe(again), what).toEqual(expected[opened])
  await expectConsistent(left)
}

/** How many writes were acknowledged before the storage stopped; opening is one. The node is there when it was opened by then. */
async function playUntilStopped(
  store: StoppingStore,
  stop: Stop,
  steps: readonly CrashStep[],
): Promise<{ readonly acknowledged: number; readonly node: TestNode | undefined }> {
  const opening = openTestNode(CRASH_SCHEMA, { store })
  if (!(await isAcknowledged(opening, store, stop))) return { acknowledged: 0, node: undefined }
  const node = await opening
  let acknowledged = 1
  for (const step of steps) {
    if (!(await isAcknowledged(step.run(node), store, stop))) break
    acknowledged += 1
  }
  return { acknowledged, node }
}

/** A refusal is told as what it is; from a storage that is gone there is no answer. */
async function isAcknowledged(write: Promise<unknown>, store: StoppingStore, stop: Stop): Promise<boolean> {
  const acknowledged = write.then(() => true)
  if (stop !== 'refuses') return Promise.race([acknowledged, store.stopped.then(() => false)])
  return acknowledged.catch((error: unknown) => {
    expect(messageOf(error)).toBe('no room left')
    return false
  })
}

/** Runs `body` in an empty place, which is removed afterwards with every store that was left open. */
async function inPlace<T>(place: () => Promise<StorePlace>, body: (place: StorePlace) => Promise<T>): Promise<T> {
  const { open, remove } = await place()
  const stores: Store[] = []
  try {
    return await body({
      open: async () => {
        const store = await open()
        stores.push(store)
        return store
      },
      remove,
    })
  } finally {
    for (const store of stores) await store.close()
    await remove()
  }
}

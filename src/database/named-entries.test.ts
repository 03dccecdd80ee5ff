import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import { namedEntries } from './named-entries.ts'
import type { View } from './view.ts'

interface CountingView {
  readonly view: View
  readonly asked: { lookedUp: number; scanned: number }
}

/** A store with the keys 0, step, 2 * step, … and what is asked of it. */
async function aStore(count: number, step: number): Promise<CountingView> {
  const store = await openMemoryStore()
  await store.apply(Array.from({ length: count }, (_, index) => ({ key: keyOf(index * step), value: Uint8Array.of(1) })))
  const asked = { lookedUp: 0, scanned: 0 }
  const view: View = {
    get: (key) => store.get(key),
    getMany: async (keys) => {
      asked.lookedUp += keys.length
      return store.getMany(keys)
    },
    scan: async (range, options) => {
      const entries = await store.scan(range, options)
      asked.scanned += entries.length
      return entries
    },
  }
  return { view, asked }
}

function keyOf(number: number): Uint8Array {
  return Uint8Array.of(9, number >>> 16, number >>> 8, number)
}

async function read({ view }: CountingView, numbers: readonly number[]): Promise<readonly number[]> {
  const pages = await Array.fromAsync(namedEntries(view, numbers.map(keyOf)))
  return pages.flat().map(({ key }) => ((key[1] ?? 0) << 16) | ((key[2] ?? 0) << 8) | (key[3] ?? 0))
}

describe('entries of named keys', () => {
  it('are those that are stored, in order, however close they stand', async () => {
    const store = await aStore(3_000, 3)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.nat({ max: 9_000 }),
        fc.integer({ min: 0, max: 1_200 }),
        async (step, start, count) => {
          const wanted = Array.from({ length: count }, (_, index) => start + index * step)
          expect(await read(store, wanted)).toEqual(wanted.filter((number) => number < 9_000 && number % 3 === 0))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are looked up where they stand far apart', async () => {
    const store = await aStore(20_000, 1)
    const wanted = Array.from({ length: 1_000 }, (_, index) => index * 20)
    expect(await read(store, wanted)).toEqual(wanted)
    expect(store.asked.scanned).toBeLessThan(500)
    expect(store.asked.lookedUp).toBeGreaterThan(900)
  })

  it('are read with what stands between where they stand close', async () => {
    const store = await aStore(4_000, 1)
    const wanted = Array.from({ length: 2_000 }, (_, index) => index * 2)
    expect(await read(store, wanted)).toEqual(wanted)
    expect(store.asked.lookedUp).toBe(0)
  })

  it('are looked up when they are few', async () => {
    const store = await aStore(100, 1)
    await read(store, [1, 2, 3])
    expect([store.asked.scanned, store.asked.lookedUp]).toEqual([0, 3])
  })
})

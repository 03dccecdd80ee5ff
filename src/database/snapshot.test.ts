import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { openMemoryStore } from '../storage/memory.ts'
import type { Change } from '../storage/store.ts'
import { createCatalog, type Catalog } from './catalog.ts'
import { createSnapshots } from './snapshot.ts'

const noCatalog = (): Catalog => createCatalog([])

describe('what is told of stored changes', () => {
  it('leads without a gap from a snapshot that was opened at any moment to the state of the store', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined })), {
          maxLength: 12,
        }),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 6 }),
        async (writes, at, turns) => {
          const store = await openMemoryStore()
          const told: Change[] = []
          let isListening = false
          const snapshots = createSnapshots(store, noCatalog, {
            told: (changes) => {
              if (isListening) told.push(...changes)
            },
          })
          const reading = (async () => {
            for (let turn = 0; turn < at * turns; turn++) await Promise.resolve()
            const snapshot = await snapshots.open(() => {
              isListening = true
            })
            return snapshot.scan({})
          })()
          for (const [key, value] of writes) {
            await snapshots.apply([{ key: Uint8Array.of(key), value: value === undefined ? undefined : Uint8Array.of(value) }])
          }
          const state = new Map((await reading).map(({ key, value }) => [key[0], value[0]]))
          for (const { key, value } of told) {
            if (value === undefined) state.delete(key[0])
            else state.set(key[0], value[0])
          }
          const stored = await store.scan({})
          expect([...state].toSorted(([a = 0], [b = 0]) => a - b)).toEqual(stored.map(({ key, value }) => [key[0], value[0]]))
        },
      ),
    )
  })

  it('is nothing when the store refused them', async () => {
    const store = await openMemoryStore()
    const told: unknown[] = []
    const snapshots = createSnapshots({ ...store, apply: () => Promise.reject(new Error('full')) }, noCatalog, {
      told: (changes) => told.push(changes),
    })
    await expect(snapshots.apply([{ key: Uint8Array.of(1), value: Uint8Array.of(1) }])).rejects.toThrow('full')
    expect(told).toEqual([])
  })
})

describe('a snapshot that does not remember', () => {
  it('shows its state, and has no conflict with what it read', async () => {
    const store = await openMemoryStore()
    const snapshots = createSnapshots(store, noCatalog)
    const [key, old] = [Uint8Array.of(1), Uint8Array.of(2)]
    await snapshots.apply([{ key, value: old }])
    const [remembering, forgetting] = [await snapshots.open(), await snapshots.open(undefined, { isRemembering: false })]
    for (const snapshot of [remembering, forgetting]) await snapshot.scan({})
    await snapshots.apply([{ key, value: Uint8Array.of(3) }])
    expect(await forgetting.get(key)).toEqual(old)
    expect([remembering.conflict([]), forgetting.conflict([])]).toEqual([key, undefined])
  })
})

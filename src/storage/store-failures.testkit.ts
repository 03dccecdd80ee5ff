import { expect, test } from 'vitest'

import { aKey, aNumberKey, aPut, asNumbers, randomBytes, type StoreHarness, withStore } from './store-harness.testkit.ts'
import { MAX_KEY_BYTES, type ScanOptions } from './store.ts'

const SMALL_BYTES = 500_000
const PIECE_BYTES = 10_000

/** What goes wrong leaves nothing half done and a store that goes on. */
export function storeFailures(harness: StoreHarness): void {
  test('a full storage is STORAGE_FULL, keeps nothing of the write and all from before, and goes on', () =>
    withStore(harness.smallPlace(SMALL_BYTES), async (store) => {
      await store.apply([aPut(aNumberKey(0), 1), { key: aNumberKey(1), value: randomBytes(PIECE_BYTES) }])
      const pieces = Array.from({ length: (2 * SMALL_BYTES) / PIECE_BYTES }, (_, index) => ({
        key: aNumberKey(index),
        value: randomBytes(PIECE_BYTES),
      }))
      const tooMuch = [aPut(aNumberKey(0), 2), ...pieces]
      const [full, beside] = await Promise.allSettled([store.apply(tooMuch), store.apply([aPut(aNumberKey(7000), 7)])])
      expect(full).toMatchObject({
        status: 'rejected',
        reason: { code: 'STORAGE_FULL', details: { used: expect.any(Number), quota: expect.any(Number) } },
      })
      expect(beside.status).toBe('fulfilled')
      const found = await store.scan({})
      expect(found.map(({ key, value }) => [...key.subarray(2), value.length])).toEqual([
        [0, 0, 1],
        [0, 1, PIECE_BYTES],
        [27, 88, 1],
      ])
      expect(await store.get(aNumberKey(0))).toEqual(aKey(1))
      await store.apply([{ key: aNumberKey(1), value: undefined }, aPut(aNumberKey(2), 2)])
      expect(await store.getMany([aNumberKey(1), aNumberKey(2)])).toEqual([undefined, aKey(2)])
    }))

  for (const key of [new Uint8Array(), new Uint8Array(MAX_KEY_BYTES + 1)]) {
    test(`a key of ${key.length} bytes cannot be asked for`, () =>
      withStore(harness.place(), async (store) => {
        const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringContaining(`${key.length} bytes`) }
        await expect(store.get(key)).rejects.toMatchObject(refusal)
        await expect(store.getMany([aKey(1), key])).rejects.toMatchObject(refusal)
      }))
  }

  test('a limit that is no whole number is refused', () =>
    withStore(harness.place(), async (store) => {
      for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const options: ScanOptions = { limit }
        await expect(store.scan({}, options)).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining(`${limit}`),
        })
      }
    }))

  const { cut, failPuts } = harness
  if (failPuts !== undefined) {
    test('a put that fails half-way takes the whole apply back, and the store goes on', () =>
      withStore(harness.place(), async (store, place) => {
        await store.apply([aPut(aKey(1), 1), aPut(aKey(2), 2)])
        const heal = await failPuts(place, aKey(3))
        const changes = [aPut(aKey(1), 9), { key: aKey(2), value: undefined }, aPut(aKey(3), 3), aPut(aKey(4), 4)]
        const [failed, beside] = await Promise.allSettled([store.apply(changes), store.apply([aPut(aKey(5), 5)])])
        expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_FAILED', details: { operation: 'apply' } } })
        expect(beside.status).toBe('fulfilled')
        expect(asNumbers(await store.scan({}))).toEqual([
          [[1], [1]],
          [[2], [2]],
          [[5], [5]],
        ])
        await heal()
        await store.apply(changes)
        expect(asNumbers(await store.scan({}))).toEqual([
          [[1], [9]],
          [[3], [3]],
          [[4], [4]],
          [[5], [5]],
        ])
      }))
  }

  if (cut !== undefined) {
    test('a store whose connection was cut while idle reads and writes as if nothing had been', () =>
      withStore(harness.place(), async (store) => {
        await store.apply([aPut(aKey(1), 1)])
        await cut()
        expect(await store.get(aKey(1))).toEqual(aKey(1))
        await cut()
        expect(asNumbers(await store.scan({}))).toEqual([[[1], [1]]])
        await cut()
        expect(await store.getMany([aKey(1)])).toEqual([aKey(1)])
        await cut()
        await store.apply([aPut(aKey(2), 2)])
        expect(await store.getMany([aKey(1), aKey(2)])).toEqual([aKey(1), aKey(2)])
      }))

    test('writes and reads under way when the connection is cut succeed all the same, in order', () =>
      withStore(harness.place(), async (store) => {
        await store.apply([aPut(aKey(1), 1)])
        const state = { isCut: false }
        const cutting = cut().finally(() => {
          state.isCut = true
        })
        const calls: Promise<unknown>[] = []
        for (let round = 0; !state.isCut; round++) {
          const many = Array.from({ length: 300 }, (_, index) => ({ key: aNumberKey(index), value: aNumberKey(round) }))
          calls.push(store.apply(many), store.scan({}), store.apply([{ key: aKey(255), value: aNumberKey(round) }]))
          await store.get(aKey(1))
        }
        await cutting
        await Promise.all(calls)
        const last = aNumberKey(calls.length / 3 - 1)
        expect(await store.getMany([aNumberKey(0), aNumberKey(299), aKey(255)])).toEqual([last, last, last])
      }))
  }
}

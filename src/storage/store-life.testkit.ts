import { expect, test } from 'vitest'

import { aKey, aPut, asNumbers, type StoreHarness, withStore } from './store-harness.testkit.ts'

/** Opening, closing, and what lasts. */
export function storeLife(harness: StoreHarness): void {
  test('a closed store refuses every call with CLOSED', () =>
    withStore(harness.place(), async (store) => {
      await store.close()
      for (const call of [store.get(aKey(1)), store.getMany([]), store.scan({}), store.apply([]), store.usage()]) {
        await expect(call).rejects.toMatchObject({ code: 'CLOSED', message: expect.stringContaining('open') })
      }
    }))

  test('closing twice is closing', () =>
    withStore(harness.place(), async (store) => {
      await Promise.all([store.close(), store.close()])
      await store.close()
      await expect(store.get(aKey(1))).rejects.toMatchObject({ code: 'CLOSED' })
    }))

  test('closing waits for calls under way', () =>
    withStore(harness.place(), async (store, place) => {
      await store.apply([aPut(aKey(1), 1)])
      const outcomes: unknown[] = []
      const calls = [store.apply([aPut(aKey(2), 2)]), store.get(aKey(1)), store.apply([aPut(aKey(3), 3)])]
      for (const call of calls) void call.then((outcome) => outcomes.push(outcome))
      await store.close()
      expect(outcomes).toHaveLength(3)
      expect(outcomes).toContainEqual(aKey(1))
      if (harness.isPersistent) {
        const again = await place.open()
        expect(await again.getMany([aKey(2), aKey(3)])).toEqual([aKey(2), aKey(3)])
        await again.close()
      }
    }))

  test('the usage tells what is known', () =>
    withStore(harness.smallPlace(500_000), async (store) => {
      await store.apply([aPut(aKey(1), 1)])
      const usage = await store.usage()
      expect(usage.usedBytes).toBeGreaterThan(0)
      expect(usage.quotaBytes).toBeGreaterThanOrEqual(500_000)
    }))

  if (!harness.isPersistent) return

  test('what was written is there when the store is opened again', () =>
    withStore(harness.place(), async (store, place) => {
      await store.apply([aPut(aKey(1), 1), aPut(aKey(2), 2)])
      await store.apply([{ key: aKey(1), value: undefined }])
      await store.close()
      const again = await place.open()
      expect(asNumbers(await again.scan({}))).toEqual([[[2], [2]]])
      await again.apply([aPut(aKey(3), 3)])
      await again.close()
      const third = await place.open()
      expect(await third.getMany([aKey(2), aKey(3)])).toEqual([aKey(2), aKey(3)])
      await third.close()
    }))

  test('a second connection sees every write that was acknowledged', () =>
    withStore(harness.place(), async (store, place) => {
      const second = await place.open()
      for (let round = 1; round <= 20; round++) {
        await store.apply([aPut(aKey(1), round), aPut(aKey(2, round), round)])
        expect(await second.get(aKey(1))).toEqual(aKey(round))
        expect(await second.scan({ from: aKey(2) })).toHaveLength(round)
      }
      await second.close()
      expect(await store.get(aKey(1))).toEqual(aKey(20))
    }))
}

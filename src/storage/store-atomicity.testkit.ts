import { expect, test } from 'vitest'

import { aKey, aNumberKey, aPut, asNumbers, type StoreHarness, withStore } from './store-harness.testkit.ts'
import { type Change, MAX_KEY_BYTES, type Store } from './store.ts'

const KEYS = Array.from({ length: 25 }, (_, index) => aNumberKey(index))

/** All of an apply or nothing, in order, whatever happens around it. */
export function storeAtomicity(harness: StoreHarness): void {
  test('the last change of a key in one apply wins', () =>
    withStore(harness.place(), async (store) => {
      await store.apply([aPut(aKey(2), 9), aPut(aKey(4), 9)])
      await store.apply([
        aPut(aKey(1), 1),
        aPut(aKey(1), 2),
        aPut(aKey(2), 1),
        { key: aKey(2), value: undefined },
        { key: aKey(4), value: undefined },
        aPut(aKey(4), 4),
        { key: aKey(5), value: undefined },
      ])
      expect(asNumbers(await store.scan({}))).toEqual([
        [[1], [2]],
        [[4], [4]],
      ])
    }))

  test('an apply without changes changes nothing', () =>
    withStore(harness.place(), async (store) => {
      await store.apply([aPut(aKey(1), 1)])
      await store.apply([])
      expect(asNumbers(await store.scan({}))).toEqual([[[1], [1]]])
    }))

  test('anything may be awaited between reading, building and applying', () =>
    withStore(harness.place(), async (store) => {
      await store.apply([aPut(aKey(1), 1)])
      const before = (await store.get(aKey(1))) ?? new Uint8Array()
      await new Promise((resolve) => setTimeout(resolve))
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(before)))
      const change: Change = { key: aKey(2), value: digest }
      const fetched = new Uint8Array(await (await fetch('data:application/octet-stream;base64,Kg==')).arrayBuffer())
      const applied = store.apply([change, { key: aKey(3), value: fetched }])
      await new Promise((resolve) => setTimeout(resolve))
      await crypto.subtle.digest('SHA-256', digest)
      await applied
      expect(asNumbers(await store.scan({}))).toEqual([
        [[1], [1]],
        [[2], [...digest]],
        [[3], [42]],
      ])
    }))

  const transferred = new Uint8Array(8)
  structuredClone(transferred.buffer, { transfer: [transferred.buffer] })
  const invalid: readonly (readonly [string, Change])[] = [
    ['an empty key', aPut(new Uint8Array(), 1)],
    ['a key that is too long', aPut(new Uint8Array(MAX_KEY_BYTES + 1), 1)],
    ['a value whose buffer was transferred away', { key: aKey(1), value: transferred }],
  ]
  for (const [what, change] of invalid) {
    test(`${what} among good changes is refused with all of them`, () =>
      withStore(harness.place(), async (store) => {
        await store.apply([aPut(aKey(1), 1), aPut(aKey(2), 2)])
        const good: Change[] = [aPut(aKey(1), 9), { key: aKey(2), value: undefined }, aPut(aKey(3), 3)]
        await expect(store.apply([...good, change, aPut(aKey(4), 4)])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        expect(asNumbers(await store.scan({}))).toEqual([
          [[1], [1]],
          [[2], [2]],
        ])
        await store.apply(good)
        expect(await store.get(aKey(3))).toEqual(aKey(3))
      }))
  }

  test('buffers may be reused once a call has settled', () =>
    withStore(harness.place(), async (store) => {
      const key = aKey(1)
      const value = aKey(10)
      await store.apply([{ key, value }])
      key.fill(2)
      value.fill(20)
      await store.apply([{ key, value }])
      key.fill(1)
      const first = await store.get(key)
      const many = await store.getMany([key])
      key.fill(9)
      value.fill(99)
      expect([first, many]).toEqual([aKey(10), [aKey(10)]])
      expect(asNumbers(await store.scan({}))).toEqual([
        [[1], [10]],
        [[2], [20]],
      ])
    }))

  test('of many writers at once the last call wins, and each writes all or nothing', () =>
    withStore(harness.place(), async (store) => {
      const writers = Array.from({ length: 40 }, (_, index) => index)
      // Each removes what the one before it has put, and puts its own.
      const changesOf = (writer: number): Change[] => [
        ...KEYS.map((key) => aPut(key, writer)),
        { key: aKey(200, writer - 1), value: undefined },
        aPut(aKey(200, writer), writer),
      ]
      await Promise.all(writers.map((writer) => store.apply(changesOf(writer))))
      expect(asNumbers(await store.scan({}))).toEqual([...KEYS.map((key) => [[...key], [39]]), [[200, 39], [39]]])
    }))

  test('a writer that fails among many takes no other with it', () =>
    withStore(harness.place(), async (store) => {
      const writes = [aPut(aKey(1), 1), aPut(new Uint8Array(), 2), aPut(aKey(3), 3)].map((change) => store.apply([change]))
      const outcomes = await Promise.allSettled(writes)
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(asNumbers(await store.scan({}))).toEqual([
        [[1], [1]],
        [[3], [3]],
      ])
    }))

  test('readers that race with a writer see all of an apply or nothing of it, and never go back', () =>
    withStore(harness.place(), async (store, place) => {
      const other = harness.isPersistent ? await place.open() : undefined
      await store.apply(KEYS.map((key) => aPut(key, 0)))
      const writing = writeGenerations(store, 30)
      const readers = [store, ...(other === undefined ? [] : [other])].flatMap((from) => [
        readWhile(writing, async () => (await from.scan({})).map(({ value }) => value)),
        readWhile(writing, () => from.getMany(KEYS)),
      ])
      for (const seen of await Promise.all(readers)) {
        expect(seen.length).toBeGreaterThan(0)
        expect(seen.every((values) => values.length === KEYS.length && new Set(values).size === 1)).toBe(true)
        const generations = seen.map(([first]) => first ?? -1)
        expect(generations).toEqual(generations.toSorted((a, b) => a - b))
      }
      await other?.close()
    }))
}

async function writeGenerations(store: Store, count: number): Promise<void> {
  for (let generation = 1; generation <= count; generation++) {
    await store.apply(KEYS.map((key) => aPut(key, generation)))
    await new Promise((resolve) => setTimeout(resolve)) // Lets readers of a synchronous backend in.
  }
}

/** The first byte of each value, of every read made until `end` settles. */
async function readWhile(end: Promise<void>, read: () => Promise<readonly (Uint8Array | undefined)[]>): Promise<number[][]> {
  const state = { isOver: false }
  const ended = end.finally(() => {
    state.isOver = true
  })
  const seen: number[][] = []
  while (!state.isOver) {
    seen.push((await read()).map((value) => value?.[0] ?? -1))
    await new Promise((resolve) => setTimeout(resolve)) // Lets the writer of a synchronous backend in.
  }
  await ended
  return seen
}

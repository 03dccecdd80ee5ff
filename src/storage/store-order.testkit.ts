import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { bytesToHex, compareBytes } from '../util/bytes.ts'
import { aKey, aNumberKey, aPut, asNumbers, randomBytes, type StoreHarness, withStore } from './store-harness.testkit.ts'
import { type Change, type Entry, type KeyRange, MAX_KEY_BYTES, type ScanOptions } from './store.ts'

/** Many keys of a few bytes meet, are prefixes of each other, and differ in the highest bit. */
const someBytes = fc.oneof(
  fc.array(fc.constantFrom(0, 1, 127, 128, 255), { minLength: 1, maxLength: 4 }).map((bytes) => Uint8Array.from(bytes)),
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
)
const someChange: fc.Arbitrary<Change> = fc.record({
  key: someBytes,
  value: fc.option(fc.uint8Array({ maxLength: 8 }), { nil: undefined, freq: 3 }),
})
const someRange: fc.Arbitrary<KeyRange> = fc.record({ from: someBytes, to: someBytes }, { requiredKeys: [] })
const someOptions: fc.Arbitrary<ScanOptions> = fc.record({ reverse: fc.boolean(), limit: fc.nat({ max: 12 }) }, { requiredKeys: [] })

/** Order of keys, ranges, and what may be stored. */
export function storeOrder(harness: StoreHarness): void {
  test('keys are in the order of their unsigned bytes, a prefix first', () =>
    withStore(harness.place(), async (store) => {
      const keys = [aKey(255), aKey(128), aKey(1, 0), aKey(127, 255), aKey(0), aKey(1), aKey(0, 0), aKey(255, 0), aKey(1, 0, 0)]
      await store.apply(keys.map((key) => aPut(key)))
      const found = await store.scan({})
      expect(found.map(({ key }) => bytesToHex(key))).toEqual(['00', '0000', '01', '0100', '010000', '7fff', '80', 'ff', 'ff00'])
    }))

  test('a range holds its start but not its end, whichever way and however far it is read', () =>
    withStore(harness.place(), async (store) => {
      await store.apply([1, 2, 3, 4, 5].map((number) => aPut(aKey(number))))
      const scan = async (from: number | undefined, to: number | undefined, options?: ScanOptions): Promise<number[]> => {
        const range = { ...(from === undefined ? {} : { from: aKey(from) }), ...(to === undefined ? {} : { to: aKey(to) }) }
        return (await store.scan(range, options)).flatMap(({ key }) => [...key])
      }
      expect(await scan(2, 4)).toEqual([2, 3])
      expect(await scan(2, 4, { reverse: true })).toEqual([3, 2])
      expect(await scan(2, undefined)).toEqual([2, 3, 4, 5])
      expect(await scan(undefined, 3)).toEqual([1, 2])
      expect(await scan(undefined, undefined, { limit: 2 })).toEqual([1, 2])
      expect(await scan(undefined, undefined, { limit: 2, reverse: true })).toEqual([5, 4])
      expect(await scan(undefined, 4, { limit: 2, reverse: true })).toEqual([3, 2])
      expect(await scan(2, undefined, { limit: 9, reverse: true })).toEqual([5, 4, 3, 2])
      expect(await scan(undefined, undefined, { limit: 0 })).toEqual([])
      expect(await scan(undefined, undefined, { limit: Number.MAX_SAFE_INTEGER })).toEqual([1, 2, 3, 4, 5])
      expect(await scan(3, 3)).toEqual([])
      expect(await scan(4, 2, { reverse: true })).toEqual([])
      expect(await store.scan({ to: new Uint8Array() })).toEqual([])
      expect(await store.scan({ from: new Uint8Array(), to: aKey(2) })).toHaveLength(1)
    }))

  test('any sequence of changes leaves what a sorted list would hold', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(someChange, { maxLength: 12 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(someRange, someOptions), { minLength: 3, maxLength: 8 }),
        fc.array(someBytes, { maxLength: 6 }),
        (writes, scans, keys) =>
          withStore(harness.place(), async (store) => {
            const model = new Map<string, Entry>()
            for (const changes of writes) {
              await store.apply(changes)
              for (const { key, value } of changes) {
                if (value === undefined) model.delete(bytesToHex(key))
                else model.set(bytesToHex(key), { key, value })
              }
              for (const [range, options] of scans)
                expect(asNumbers(await store.scan(range, options))).toEqual(asNumbers(scanModel(model, range, options)))
              const values = await store.getMany(keys)
              expect(values.map((value) => value && [...value])).toEqual(keys.map((key) => valueIn(model, key)))
              for (const key of keys.slice(0, 1))
                expect(await store.get(key).then((value) => value && [...value])).toEqual(valueIn(model, key))
            }
          }),
      ),
      { numRuns: 40 },
    ))

  test('many values come in the order of their keys, also twice and where there is none', () =>
    withStore(harness.place(), async (store) => {
      await store.apply([aPut(aKey(1), 10), aPut(aKey(2), 20), aPut(aKey(3), 30)])
      const values = await store.getMany([aKey(3), aKey(9), aKey(1), aKey(3)])
      expect(values.map((value) => value && [...value])).toEqual([[30], undefined, [10], [30]])
      expect(await store.getMany([])).toEqual([])
    }))

  test('an empty value is a value, not nothing', () =>
    withStore(harness.place(), async (store) => {
      await store.apply([aPut(aKey(1))])
      expect(await store.get(aKey(1))).toEqual(new Uint8Array())
      expect(await store.getMany([aKey(1), aKey(2)])).toEqual([new Uint8Array(), undefined])
      expect(asNumbers(await store.scan({}))).toEqual([[[1], []]])
    }))

  test('values of a mebibyte and keys of the greatest length come back whole', () =>
    withStore(harness.place(), async (store) => {
      const changes = [1, 2, 3].map((number) => ({ key: new Uint8Array(MAX_KEY_BYTES).fill(number), value: randomBytes(2 ** 20) }))
      await store.apply(changes)
      for (const { key, value } of changes) expect(compareBytes((await store.get(key)) ?? new Uint8Array(), value)).toBe(0)
      const found = await store.scan({})
      expect(found.map(({ key, value }) => [key.length, value.length])).toEqual(changes.map(() => [MAX_KEY_BYTES, 2 ** 20]))
    }))

  test('ten thousand keys go into one apply, and out of one scan in order', () =>
    withStore(harness.place(), async (store) => {
      const numbers = Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_000)
      await store.apply(numbers.map((number) => ({ key: aNumberKey(number), value: aNumberKey(number) })))
      const found = await store.scan({})
      expect(found).toHaveLength(10_000)
      expect(found.every(({ key, value }, index) => compareBytes(key, aNumberKey(index)) === 0 && compareBytes(value, key) === 0)).toBe(
        true,
      )
    }))

  test('a value that is part of a larger buffer is stored as that part', () =>
    withStore(harness.place(), async (store) => {
      const whole = Uint8Array.from({ length: 100 }, (_, index) => index)
      await store.apply([{ key: whole.subarray(10, 12), value: whole.subarray(20, 23) }])
      expect(asNumbers(await store.scan({ from: whole.subarray(10, 11), to: whole.subarray(11, 12) }))).toEqual([
        [
          [10, 11],
          [20, 21, 22],
        ],
      ])
      expect(await store.get(whole.subarray(10, 12))).toEqual(aKey(20, 21, 22))
    }))
}

function scanModel(model: ReadonlyMap<string, Entry>, { from, to }: KeyRange, { reverse = false, limit }: ScanOptions): Entry[] {
  const within = [...model.values()]
    .filter(({ key }) => (from === undefined || compareBytes(key, from) >= 0) && (to === undefined || compareBytes(key, to) < 0))
    .toSorted((a, b) => compareBytes(a.key, b.key))
  return (reverse ? within.reverse() : within).slice(0, limit)
}

function valueIn(model: ReadonlyMap<string, Entry>, key: Uint8Array): number[] | undefined {
  const entry = model.get(bytesToHex(key))
  return entry && [...entry.value]
}

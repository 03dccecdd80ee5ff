import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { compareBytes } from '../util/bytes.ts'
import { ByteMap } from './byte-map.ts'
import { aNumberKey } from './store-harness.testkit.ts'

test('any sequence of sets and deletes over many chunks leaves what a sorted list would hold', () => {
  const number = fc.nat({ max: 3000 })
  fc.assert(
    fc.property(
      fc.array(fc.record({ from: number, count: fc.nat({ max: 1500 }), step: fc.constantFrom(1, -1, 7), isDelete: fc.boolean() }), {
        maxLength: 8,
      }),
      number,
      number,
      fc.boolean(),
      (runs, from, to, reverse) => {
        const map = new ByteMap<number>()
        const model = new Map<number, number>()
        for (const [run, { from, count, step, isDelete }] of runs.entries()) {
          for (let index = 0; index < count; index++) {
            const key = Math.abs(from + index * step)
            const before = isDelete ? map.delete(aNumberKey(key)) : map.set(aNumberKey(key), run)
            expect(before).toBe(model.get(key))
            if (isDelete) model.delete(key)
            else model.set(key, run)
          }
        }
        const within = [...model].filter(([key]) => key >= from && key < to).toSorted(([a], [b]) => (reverse ? b - a : a - b))
        const found = [...map.entries({ from: aNumberKey(from), to: aNumberKey(to) }, { reverse })]
        expect(found.map(({ key, value }) => [new DataView(key.buffer).getUint32(0), value])).toEqual(from < to ? within : [])
        expect([...map.entries()].every(({ key }, index, all) => index === 0 || compareBytes(all[index - 1]?.key ?? key, key) < 0)).toBe(
          true,
        )
        expect([...map.entries()]).toHaveLength(model.size)
        for (const key of [from, to]) expect(map.get(aNumberKey(key))).toBe(model.get(key))
      },
    ),
  )
})

test('a put into a hundred thousand keys compares a few dozen of them', () => {
  const map = new ByteMap<number>()
  for (let number = 0; number < 100_000; number++) map.set(aNumberKey(number * 2), number)
  const { key, reads } = aCountingKey(77_777)
  map.set(key, 1)
  expect(reads()).toBeLessThan(200)
  expect(map.get(aNumberKey(77_777))).toBe(1)
})

/** A key that counts how often its length is asked, which every comparison does. */
function aCountingKey(number: number): { key: Uint8Array; reads: () => number } {
  let count = 0
  const bytes = aNumberKey(number)
  const key = new Proxy(bytes, {
    get: (target, property) => {
      if (property === 'length') count++
      const value: unknown = Reflect.get(target, property)
      return value
    },
  })
  return { key, reads: () => count }
}

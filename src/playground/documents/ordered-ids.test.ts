import fc from 'fast-check'
import { expect, test } from 'vitest'

import { orderedIds, type OrderedId } from './ordered-ids.ts'

const entries: fc.Arbitrary<readonly OrderedId[]> = fc.uniqueArray(
  fc.record({ id: fc.string({ maxLength: 3 }), key: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 9 })) }),
  { selector: ({ id }) => id },
)
const directions = fc.constantFrom('ascending' as const, 'descending' as const)

test('inserting one by one gives the order of giving them all at once', () => {
  fc.assert(
    fc.property(entries, directions, (all, direction) => {
      const inserted = orderedIds([], direction)
      for (const entry of all) inserted.insert(entry)
      expect(inserted.slice(0, Infinity)).toEqual(orderedIds(all, direction).slice(0, Infinity))
    }),
  )
})

test('an ID stands where indexOf says, and nowhere once it is deleted', () => {
  fc.assert(
    fc.property(entries, directions, (all, direction) => {
      const ids = orderedIds(all, direction)
      for (const { id } of all) {
        const index = ids.indexOf(id)
        expect(ids.slice(index, index + 1)).toEqual([id])
        ids.delete(id)
        expect([ids.has(id), ids.indexOf(id)]).toEqual([false, -1])
      }
      expect(ids.size).toBe(0)
    }),
  )
})

test('an ID that is there keeps its place when it is inserted with another key', () => {
  const ids = orderedIds(
    [
      { id: 'a', key: 1 },
      { id: 'b', key: 2 },
    ],
    'ascending',
  )
  ids.insert({ id: 'a', key: 3 })
  expect(ids.slice(0, 9)).toEqual(['a', 'b'])
})

test('descending, the largest key comes first and none comes last', () => {
  const ids = orderedIds(
    [
      { id: 'a', key: null },
      { id: 'b', key: 2 },
      { id: 'c', key: 10 },
    ],
    'descending',
  )
  expect(ids.slice(0, 9)).toEqual(['c', 'b', 'a'])
})

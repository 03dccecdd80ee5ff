import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { countedPacing } from './pacer.testkit.ts'
import { WORTH_A_LOOK } from './pacer.ts'
import { testSeed } from './seed.testkit.ts'
import { sortPaced } from './sort-paced.ts'

const byKey = (a: Item, b: Item): number => a.key - b.key

interface Item {
  readonly key: number
  readonly place: number
}

const items = (keys: readonly number[]): readonly Item[] => keys.map((key, place) => ({ key, place }))

describe('sorting in slices', () => {
  it('gives what sorting in one go gives, equal ones in their order', async () => {
    const lists = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 200, maxLength: 3_000, size: 'max' })
    await fc.assert(
      fc.asyncProperty(lists, async (keys) => {
        const unsorted = items(keys)
        expect(await sortPaced(unsorted, byKey, countedPacing().pacer())).toEqual(unsorted.toSorted(byKey))
      }),
      { seed: testSeed(), numRuns: 30 },
    )
  })

  it('can rest at any row it merges', async () => {
    const pacing = countedPacing()
    const unsorted = items(Array.from({ length: 4_096 }, (_, index) => (index * 7_919) % 4_096))
    const sorted = await sortPaced(unsorted, byKey, pacing.pacer())
    expect(sorted.map(({ key }) => key)).toEqual(Array.from({ length: 4_096 }, (_, index) => index))
    // Sixteen runs are merged in four rounds.
    expect(pacing.rests).toBeGreaterThanOrEqual((4 * 4_096) / WORTH_A_LOOK)
  })

  it('does not rest for a list that is sorted in a moment', async () => {
    const pacing = countedPacing()
    await sortPaced(items([3, 1, 2]), byKey, pacing.pacer())
    expect(pacing.rests).toBe(0)
  })
})

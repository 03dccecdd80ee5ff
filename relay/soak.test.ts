import { expect, test } from 'vitest'

import { soak } from './soak.ts'

test('a relay is the same after many peers have come and gone', { timeout: 120_000 }, async () => {
  const { faults, pairs, counts, crashes, after } = await soak({ minutes: 0.15, peers: 40 })
  expect(faults).toEqual([])
  // Ten pairs in each of eight topics, twice. What a process has done in the second before it was ended is not counted.
  expect(pairs).toBe(160)
  expect(crashes).toBeGreaterThan(0)
  expect(counts.circuits).toBeGreaterThan(pairs / 2)
  expect(after).toMatchObject({ members: 0, connections: 0, reservations: 0, circuits: 0 })
})

import { expect, test } from 'vitest'

import { openTestNode } from '../database/database.testkit.ts'
import { openMemoryStore } from '../storage/memory.ts'
import type { Store } from '../storage/store.ts'
import { openMeteredPair } from './metered-pair.testkit.ts'

const SCHEMA = 'type Note { title: String stars: Int }'
const DOCUMENTS = 10_000

/** Two stores with the same documents, as if one had been copied from the other, and the IDs of these. */
async function twoStores(): Promise<{ readonly stores: readonly [Store, Store]; readonly docIDs: readonly string[] }> {
  const stores = [await openMemoryStore(), await openMemoryStore()] as const
  const { db } = await openTestNode(SCHEMA, { store: stores[0] })
  const docIDs = await db.collection('Note').create(Array.from({ length: DOCUMENTS }, (_, index) => ({ title: `note ${index}`, stars: 0 })))
  await stores[1].apply(await stores[0].scan({}))
  return { stores, docIDs }
}

test('10,000 documents in agreement are compared for next to nothing, and 10 differences among them for little', async () => {
  const { stores, docIDs } = await twoStores()
  {
    await using first = await openMeteredPair(SCHEMA, stores)
    // Everything is read once, to make the fingerprints that are kept from then on.
    expect((await first.meet()).documentsRead).toBe(2 * DOCUMENTS)
  }

  await using pair = await openMeteredPair(SCHEMA, stores)
  const agreement = await pair.meet()
  expect(agreement).toMatchObject({ roundTrips: 1, documentsRead: 0 })
  expect(agreement.bytes).toBeLessThan(1000)

  await pair.part()
  for (const docID of docIDs.slice(0, 10)) await pair.a.collection('Note').update(docID, { stars: 1 })
  const differences = await pair.meet()
  expect(differences.roundTrips).toBeLessThanOrEqual(5)
  expect(differences.bytes).toBeLessThan(50_000)
  // Ten of 256 buckets on both sides, to make their fingerprints anew, and the documents beside those that differ.
  expect(differences.documentsRead).toBeLessThan(DOCUMENTS / 5)
})

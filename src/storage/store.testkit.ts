import { describe } from 'vitest'

import { storeAtomicity } from './store-atomicity.testkit.ts'
import { storeFailures } from './store-failures.testkit.ts'
import type { StoreHarness } from './store-harness.testkit.ts'
import { storeLife } from './store-life.testkit.ts'
import { storeOrder } from './store-order.testkit.ts'

/** The tests that every `Store` passes: the contract in `store.ts`. */
export function storeConformance(name: string, harness: StoreHarness): void {
  describe(`${name} keeps the contract of a store`, () => {
    describe('order and values', () => storeOrder(harness))
    describe('atomic changes', () => storeAtomicity(harness))
    describe('failures', () => storeFailures(harness))
    describe('life', () => storeLife(harness))
  })
}

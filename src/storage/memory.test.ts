import { openMemoryStore } from './memory.ts'
import type { StorePlace } from './store-harness.testkit.ts'
import { storeConformance } from './store.testkit.ts'

storeConformance('memory', {
  isPersistent: false,
  place: async () => aPlace(),
  smallPlace: async (bytes) => aPlace({ capacityBytes: bytes }),
})

function aPlace(options: { readonly capacityBytes?: number } = {}): StorePlace {
  return { open: () => openMemoryStore(options), remove: async () => {} }
}

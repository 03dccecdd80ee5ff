import type { Database } from './database/database.ts'
import { openLocalDatabase } from './database/local-database.ts'
import { checkOptions, type OpenOptions } from './open-options.ts'
import { openIndexedDbStore } from './storage/indexeddb.browser.ts'
import { openMemoryStore } from './storage/memory.ts'
import { webLocks } from './storage/owner-lock.browser.ts'
import { claimSlot } from './tabs/separate.browser.ts'

export * from './public.ts'

/**
 * Opens a database in this tab: a full node with its documents in IndexedDB.
 *
 * @throws IN_USE when another tab has it open, STORAGE_UNAVAILABLE where the browser has no IndexedDB, INVALID_SCHEMA, INVALID_ADDRESS, INVALID_ARGUMENT
 */
export async function openDatabase(options: OpenOptions = {}): Promise<Database> {
  const { name, storage, durability, schema, dialect, p2p, embed, embeddingKeys = {}, tabs, queryLimits, signal } = checkOptions(options)
  signal?.throwIfAborted()
  // Loaded only when wanted: a database without network carries none of its weight. Addresses are checked before anything is opened.
  const network = p2p === false ? {} : { network: (await import('./network/attach.browser.ts')).attachBrowserNetwork(p2p) }
  const slot = tabs === 'separate' ? await claimSlot(name, webLocks) : { slotName: name, lock: await webLocks.acquire(name) }
  const { slotName, lock } = slot
  try {
    const store = storage === 'memory' ? await openMemoryStore() : await openIndexedDbStore(slotName, { durability })
    const storageKind = storage === 'memory' ? 'memory' : 'indexeddb'
    const embedding = { keys: { given: embeddingKeys }, ...(embed === undefined ? {} : { embed }) }
    const rest = { dialect, embedding, queryLimits, ...network, ...(schema === undefined ? {} : { schema }) }
    return await openLocalDatabase({ name: slotName, lock, store, storageKind, ...rest })
  } catch (error) {
    await lock.release()
    throw error
  }
}

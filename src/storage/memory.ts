import { DatabaseError } from '../errors.ts'
import { ByteMap } from './byte-map.ts'
import { checkChanges, checkKey, isEmptyScan } from './store-arguments.ts'
import type { Change, Entry, KeyRange, ScanOptions, StorageUsage, Store } from './store.ts'

/** A store that ends with its page or process. `capacityBytes` bounds the sum of its keys and values. */
export async function openMemoryStore(options: { readonly capacityBytes?: number } = {}): Promise<Store> {
  return new MemoryStore(options.capacityBytes)
}

class MemoryStore implements Store {
  readonly #capacityBytes: number | undefined
  #entries = new ByteMap<Uint8Array>()
  #usedBytes = 0
  #isOpen = true

  constructor(capacityBytes: number | undefined) {
    this.#capacityBytes = capacityBytes
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#checkOpen()
    checkKey(key)
    return this.#entries.get(key)
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.#checkOpen()
    keys.forEach(checkKey)
    return keys.map((key) => this.#entries.get(key))
  }

  async scan(range: KeyRange, options: ScanOptions = {}): Promise<readonly Entry[]> {
    this.#checkOpen()
    if (isEmptyScan(range, options)) return []
    const found: Entry[] = []
    for (const { key, value } of this.#entries.entries(range, options)) {
      found.push({ key, value })
      if (found.length === options.limit) break
    }
    return found
  }

  async apply(changes: readonly Change[]): Promise<void> {
    this.#checkOpen()
    checkChanges(changes)
    const before: Change[] = []
    try {
      for (const { key, value } of changes)
        before.push(this.#change(new Uint8Array(key), value === undefined ? undefined : new Uint8Array(value)))
      this.#checkRoom()
    } catch (error) {
      for (const { key, value } of before.toReversed()) this.#change(key, value)
      throw error
    }
  }

  async usage(): Promise<StorageUsage> {
    this.#checkOpen()
    return { usedBytes: this.#usedBytes, ...(this.#capacityBytes === undefined ? {} : { quotaBytes: this.#capacityBytes }) }
  }

  async close(): Promise<void> {
    this.#isOpen = false
    this.#entries = new ByteMap()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Makes one change and gives the one that takes it back. */
  #change(key: Uint8Array, value: Uint8Array | undefined): Change {
    const before = value === undefined ? this.#entries.delete(key) : this.#entries.set(key, value)
    this.#usedBytes += entryBytes(key, value) - entryBytes(key, before)
    return { key, value: before }
  }

  #checkRoom(): void {
    const capacity = this.#capacityBytes
    if (capacity === undefined || this.#usedBytes <= capacity) return
    const message = `the memory store is full: it would hold ${this.#usedBytes} of ${capacity} bytes; delete something or raise capacityBytes`
    throw new DatabaseError('STORAGE_FULL', message, { used: this.#usedBytes, quota: capacity })
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new DatabaseError('CLOSED', 'the memory store is closed: open another', { what: 'store' })
  }
}

function entryBytes(key: Uint8Array, value: Uint8Array | undefined): number {
  return value === undefined ? 0 : key.length + value.length
}

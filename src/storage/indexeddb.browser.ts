import { wrap } from 'idb'

import { DatabaseError, isFailure } from '../errors.ts'
import type { Bytes } from '../util/bytes.ts'
import { CallGate } from './call-gate.ts'
import { deleteDatabase, ENTRIES, IndexedDbConnection } from './indexeddb-connection.browser.ts'
import { browserStorageUsage } from './indexeddb-failure.browser.ts'
import { requestInSlices } from './request-slices.browser.ts'
import { checkChanges, checkKey, isEmptyScan } from './store-arguments.ts'
import type { Change, Durability, Entry, KeyRange, ScanOptions, StorageUsage, Store } from './store.ts'
import { WriteQueue } from './write-queue.ts'

/** A store in the IndexedDB database `name`, made when it is not there. @throws STORAGE_UNAVAILABLE, STORAGE_FULL, STORAGE_FAILED */
export async function openIndexedDbStore(name: string, options: { readonly durability?: Durability } = {}): Promise<Store> {
  return new IndexedDbStore(name, await IndexedDbConnection.open(name), options.durability ?? 'relaxed')
}

/** Deletes the database of a store; stores that have it open close themselves. @throws IN_USE when another page does not let go of it. */
export function deleteIndexedDbStore(name: string): Promise<void> {
  return deleteDatabase(name)
}

/** Each call is one transaction, and nothing foreign is ever awaited while one is open: its requests are made at once, or in the events of those before. */
class IndexedDbStore implements Store {
  readonly #connection: IndexedDbConnection
  readonly #durability: Durability
  readonly #gate: CallGate
  readonly #writes: WriteQueue

  constructor(name: string, connection: IndexedDbConnection, durability: Durability) {
    this.#connection = connection
    this.#durability = durability
    this.#gate = new CallGate(`the store "${name}"`)
    this.#writes = new WriteQueue((changes) => this.#write(changes))
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    checkKey(key)
    return this.#read('get', async (entries) => maybeBytes(await wrap<unknown>(entries.get(compact(key)))))
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    keys.forEach(checkKey)
    return this.#read('getMany', async (entries) => {
      const requests: IDBRequest<unknown>[] = []
      await requested(entries.transaction, keys, (key) => {
        const request: IDBRequest<unknown> = entries.get(compact(key))
        requests.push(request)
        return request
      })
      return requests.map((request) => maybeBytes(request.result))
    })
  }

  async scan(range: KeyRange, options: ScanOptions = {}): Promise<readonly Entry[]> {
    const isEmpty = isEmptyScan(range, options)
    return this.#read('scan', async (entries) => (isEmpty ? [] : scanEntries(entries, keyRange(range), options)))
  }

  async apply(changes: readonly Change[]): Promise<void> {
    checkChanges(changes)
    return this.#gate.run(() => this.#writes.push(changes))
  }

  usage(): Promise<StorageUsage> {
    return this.#gate.run(() => this.#connection.use('measure', browserStorageUsage))
  }

  async close(): Promise<void> {
    await this.#gate.close()
    await this.#connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #read<T>(operation: string, work: (entries: IDBObjectStore) => Promise<T>): Promise<T> {
    return this.#gate.run(() =>
      this.#connection.use(operation, (database) => work(database.transaction(ENTRIES, 'readonly').objectStore(ENTRIES))),
    )
  }

  async #write(changes: readonly Change[]): Promise<void> {
    try {
      await this.#commit(changes)
    } catch (error) {
      if (!isFailure(error, 'STORAGE_FULL')) throw error
      await this.#sweep()
      await this.#commit(changes)
    }
  }

  #commit(changes: readonly Change[]): Promise<void> {
    return this.#connection.use('apply', async (database) => {
      const transaction = database.transaction(ENTRIES, 'readwrite', { durability: this.#durability })
      const entries = transaction.objectStore(ENTRIES)
      await requested(transaction, changes, ({ key, value }) =>
        value === undefined ? entries.delete(compact(key)) : entries.put(compact(value), compact(key)),
      )
    })
  }

  /**
   * Makes Chromium compact its files, which count against the quota with all that was overwritten, deleted or refused: without this, one write that is too
   * large leaves so much behind that no other succeeds, for good. A transaction that only deletes is never refused, and no entry has the empty key.
   */
  async #sweep(): Promise<void> {
    await this.#commit([{ key: new Uint8Array(), value: undefined }]).catch(() => {}) // Then there is as little room as before.
  }
}

/** Makes a request for each item, and settles when the transaction has; with what was thrown, when a request could not be made. */
async function requested<T>(transaction: IDBTransaction, items: readonly T[], request: (item: T) => EventTarget): Promise<void> {
  const isFinished = finished(transaction)
  let failure: { readonly thrown?: unknown } = {}
  requestInSlices(items, request, (outcome) => {
    failure = outcome
    if ('thrown' in outcome) abort(transaction)
    else transaction.commit()
  })
  try {
    await isFinished
  } catch (error) {
    throw 'thrown' in failure ? failure.thrown : error
  }
}

/** A transaction that is merely left would commit what it has so far. */
function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // It has ended already.
  }
}

/** Settles when `transaction` has: `idb` rejects at the first failed request, when the transaction does not know its cause yet. */
function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(transaction.error ?? new DOMException('the transaction was aborted', 'AbortError')))
  })
}

/** IndexedDB counts in 32 bits. */
const MOST_RECORDS = 0xffff_ffff

async function scanEntries(entries: IDBObjectStore, query: IDBKeyRange | null, options: ScanOptions): Promise<readonly Entry[]> {
  const { reverse = false } = options
  const limit = options.limit === undefined ? undefined : Math.min(options.limit, MOST_RECORDS)
  if (readsRecords(entries)) {
    const records = await wrap(
      entries.getAllRecords({ query, direction: reverse ? 'prev' : 'next', ...(limit === undefined ? {} : { count: limit }) }),
    )
    return records.map(({ key, value }) => ({ key: keyBytes(key), value: bytes(value) }))
  }
  if (reverse && limit !== undefined) return lastEntries(entries, query, limit)
  const [keys, values] = await Promise.all([wrap(entries.getAllKeys(query, limit)), wrap<unknown[]>(entries.getAll(query, limit))])
  const found = keys.map((key, index) => ({ key: keyBytes(key), value: bytes(values[index]) }))
  return reverse ? found.reverse() : found
}

/** `getAll` knows no direction, so the last few are fetched one by one. */
function lastEntries(entries: IDBObjectStore, query: IDBKeyRange | null, limit: number): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    const found: Entry[] = []
    const request = entries.openCursor(query, 'prev')
    request.addEventListener('error', () => reject(request.error ?? new DOMException('the cursor failed', 'AbortError')))
    request.addEventListener('success', () => {
      const cursor = request.result
      if (cursor !== null) found.push({ key: keyBytes(cursor.key), value: bytes(cursor.value) })
      if (cursor === null || found.length === limit) resolve(found)
      else cursor.continue()
    })
  })
}

/** One request for keys and values, in either direction: in Chromium since 141. */
interface RecordReader extends IDBObjectStore {
  getAllRecords(options: {
    readonly query: IDBKeyRange | null
    readonly count?: number
    readonly direction: IDBCursorDirection
  }): IDBRequest<readonly { readonly key: IDBValidKey; readonly value: unknown }[]>
}

function readsRecords(entries: IDBObjectStore): entries is RecordReader {
  return 'getAllRecords' in entries
}

function keyRange({ from, to }: KeyRange): IDBKeyRange | null {
  if (from === undefined) return to === undefined ? null : IDBKeyRange.upperBound(compact(to), true)
  return to === undefined ? IDBKeyRange.lowerBound(compact(from)) : IDBKeyRange.bound(compact(from), compact(to), false, true)
}

/** `view` over a buffer of its own length: IndexedDB stores the whole buffer under a view, however short. */
function compact(view: Uint8Array): Bytes {
  const { buffer, byteOffset, byteLength } = view
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) return new Uint8Array(buffer, byteOffset, byteLength)
  return new Uint8Array(view)
}

function maybeBytes(stored: unknown): Uint8Array | undefined {
  return stored === undefined ? undefined : bytes(stored)
}

function bytes(stored: unknown): Uint8Array {
  if (stored instanceof Uint8Array) return stored
  throw new DatabaseError('CORRUPT_DATA', `IndexedDB holds a value of type ${typeof stored} where bytes belong: clear the site data`, {
    what: 'entry',
  })
}

function keyBytes(key: IDBValidKey): Uint8Array {
  if (key instanceof ArrayBuffer) return new Uint8Array(key)
  throw new DatabaseError('CORRUPT_DATA', `IndexedDB holds a key of type ${typeof key} where bytes belong: clear the site data`, {
    what: 'key',
  })
}

import { openDB } from 'idb'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

import { equalBytes } from '../util/bytes.ts'
import { clearIndexedDb, cutIndexedDb, limitIndexedDb } from './browser-storage.testkit.ts'
import { deleteIndexedDbStore, openIndexedDbStore } from './indexeddb.browser.ts'
import { aKey, aNumberKey, aPut, asNumbers, randomBytes, type StoreHarness, type StorePlace } from './store-harness.testkit.ts'
import { storeConformance } from './store.testkit.ts'
import type { Durability } from './store.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

storeConformance('IndexedDB', aHarness('relaxed', 'aborts'))

describe('in a browser that has no getAllRecords', () => {
  const original = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'getAllRecords')
  beforeAll(() => {
    expect(original).toBeDefined()
    Reflect.deleteProperty(IDBObjectStore.prototype, 'getAllRecords')
  })
  afterAll(() => {
    Object.defineProperty(IDBObjectStore.prototype, 'getAllRecords', original ?? {})
  })
  storeConformance('IndexedDB', aHarness('strict', 'throws'))
})

test('writes that are pending together share a transaction', async () => {
  const { open, remove } = aPlace()
  const store = await open()
  const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction')
  await Promise.all(Array.from({ length: 100 }, (_, index) => store.apply([aPut(aKey(index), index)])))
  expect(transactions).toHaveBeenCalledTimes(1)
  expect(await store.scan({})).toHaveLength(100)
  await store.close()
  await remove()
})

test('a large write and a large read are requested in parts, within one transaction', async () => {
  const { open, remove } = aPlace()
  const store = await open()
  const requests: IDBRequest[] = []
  const pending: number[] = []
  for (const method of ['put', 'get'] as const) {
    const original = IDBObjectStore.prototype[method]
    vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (this: IDBObjectStore, ...given: unknown[]) {
      pending.push(requests.filter(({ readyState }) => readyState === 'pending').length)
      const request: IDBRequest = Reflect.apply(original, this, given)
      requests.push(request)
      return request
    })
  }
  const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction')
  const numbers = Array.from({ length: 1_200 }, (_, index) => index)
  await store.apply(numbers.map((number) => aPut(aNumberKey(number), number % 256)))
  expect(await store.getMany(numbers.map((number) => aNumberKey(number)))).toHaveLength(1_200)
  expect(requests).toHaveLength(2_400)
  expect(Math.max(...pending)).toBeLessThan(512)
  expect(transactions).toHaveBeenCalledTimes(2)
  vi.restoreAllMocks()
  expect(await store.scan({ from: aNumberKey(1_199) })).toEqual([aPut(aNumberKey(1_199), 1_199 % 256)])
  await store.close()
  await remove()
})

test('a write that fails in a later part stores nothing, and tells why', async () => {
  const { open, remove } = aPlace()
  const store = await open()
  const original = IDBObjectStore.prototype.put
  let puts = 0
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...given: unknown[]) {
    puts++
    if (puts % 1_000 === 0) throw new DOMException('odd bytes', 'DataError')
    const request: IDBRequest<IDBValidKey> = Reflect.apply(original, this, given)
    return request
  })
  const changes = Array.from({ length: 2_000 }, (_, index) => aPut(aNumberKey(index), 1))
  await expect(store.apply(changes)).rejects.toMatchObject({ code: 'STORAGE_FAILED', message: expect.stringContaining('odd bytes') })
  expect(await store.scan({})).toEqual([])
  await store.close()
  await remove()
})

test('part of a large buffer takes the room of that part', async () => {
  const { name, open, remove } = aPlace()
  const store = await open()
  await store.apply([{ key: aKey(1), value: new Uint8Array(2 ** 20).subarray(5, 8) }])
  await store.close()
  const raw = await openDB(name)
  const stored: unknown = await raw.get('entries', aKey(1))
  expect(stored instanceof Uint8Array && stored.buffer.byteLength).toBe(3)
  raw.close()
  await remove()
})

test('room that something refused or aborted still takes is won back when a write needs it', async () => {
  const unlimit = await limitIndexedDb(5_000_000)
  const { name, open, remove } = aPlace()
  const store = await open()
  const foreign = await openDB(name)
  const { store: entries, done } = foreign.transaction('entries', 'readwrite')
  const refused = Array.from({ length: 1000 }, (_, index) => entries.put(randomBytes(10_000), aNumberKey(index)))
  const outcomes = await Promise.allSettled([...refused, done])
  expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: { name: 'QuotaExceededError' } })
  foreign.close()
  await store.apply([{ key: aKey(1), value: randomBytes(10_000) }])
  expect((await store.scan({})).map(({ value }) => value.length)).toEqual([10_000])
  await store.close()
  await remove()
  await unlimit()
})

test('a write without room is written after a sweep when that made room', async () => {
  const { open, remove } = aPlace()
  const store = await open()
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
    throw new DOMException('no room', 'QuotaExceededError')
  })
  const sweeps = vi.spyOn(IDBObjectStore.prototype, 'delete')
  await store.apply([aPut(aKey(1), 1)])
  expect(sweeps.mock.calls).toEqual([[new Uint8Array()]])
  expect(await store.get(aKey(1))).toEqual(aKey(1))
  await store.close()
  await remove()
})

test('a store that is deleted closes itself after its writes, says so, and does not come back', async () => {
  const { name, open, remove } = aPlace()
  const store = await open()
  const writing = store.apply([aPut(aKey(1), 1)])
  await store.get(aKey(1))
  await deleteIndexedDbStore(name)
  await writing
  const refusal = { code: 'CLOSED', message: expect.stringContaining(name) }
  await expect(store.get(aKey(1))).rejects.toMatchObject(refusal)
  await expect(store.apply([aPut(aKey(1), 1)])).rejects.toMatchObject(refusal)
  const databases = await indexedDB.databases()
  expect(databases.map(({ name }) => name)).not.toContain(name)
  await store.close()
  await remove()
})

test('a store whose data the browser deleted fails instead of starting empty', async () => {
  const { name, open, remove } = aPlace()
  const store = await open()
  await store.apply([aPut(aKey(1), 1)])
  await clearIndexedDb()
  const refusal = { code: 'STORAGE_FAILED', message: expect.stringMatching(`deleted the data of "${name}".*reload`) }
  await expect(store.get(aKey(1))).rejects.toMatchObject(refusal)
  await expect(store.apply([aPut(aKey(1), 1)])).rejects.toMatchObject(refusal)
  await store.close()
  const fresh = await open()
  expect(await fresh.scan({})).toEqual([])
  await fresh.close()
  await remove()
})

test('deleting waits only so long for a page that does not let go', async () => {
  const { name, open, remove } = aPlace()
  await (await open()).close()
  const holder = await openDB(name)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const deleting = deleteIndexedDbStore(name)
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { interval: 10 })
  await Promise.all([vi.advanceTimersByTimeAsync(5000), expect(deleting).rejects.toMatchObject({ code: 'IN_USE', details: { name } })])
  vi.useRealTimers()
  holder.close()
  await remove()
})

test('a database of a newer layout is refused', async () => {
  const { name, open, remove } = aPlace()
  const newer = await openDB(name, 99)
  newer.close()
  await expect(open()).rejects.toMatchObject({ code: 'STORAGE_FAILED', message: expect.stringContaining('newer WarrenDB') })
  await remove()
})

test('a page without IndexedDB is told to take memory', async () => {
  vi.stubGlobal('indexedDB', undefined)
  await expect(openIndexedDbStore('any')).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
    message: expect.stringContaining("storage: 'memory'"),
  })
  await expect(deleteIndexedDbStore('any')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
})

test('a page that may not use IndexedDB is told to take memory', async () => {
  vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
    throw new DOMException('access is denied for this document', 'SecurityError')
  })
  await expect(openIndexedDbStore('any')).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
    details: { reason: 'access is denied for this document' },
    message: expect.stringContaining("storage: 'memory'"),
  })
})

test('a connection that is cut again when the call is repeated is a failure, and the next call tries anew', async () => {
  const { open, remove } = aPlace()
  const store = await open()
  await store.apply([aPut(aKey(1), 1)])
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
    throw new DOMException('the database connection is closing', 'InvalidStateError')
  })
  await expect(store.apply([aPut(aKey(2), 2)])).rejects.toMatchObject({ code: 'STORAGE_FAILED', details: { operation: 'apply' } })
  expect(transaction).toHaveBeenCalledTimes(2)
  transaction.mockRestore()
  await store.apply([aPut(aKey(3), 3)])
  expect(asNumbers(await store.scan({}))).toEqual([
    [[1], [1]],
    [[3], [3]],
  ])
  await store.close()
  await remove()
})

let places = 0

function aPlace(durability: Durability = 'relaxed'): StorePlace & { readonly name: string } {
  const name = `store-${places++}`
  return { name, open: () => openIndexedDbStore(name, { durability }), remove: () => deleteIndexedDbStore(name) }
}

function aHarness(durability: Durability, badPut: 'aborts' | 'throws'): StoreHarness {
  return {
    isPersistent: true,
    place: async () => aPlace(durability),
    smallPlace: async (bytes) => {
      const unlimit = await limitIndexedDb(bytes)
      const { open } = aPlace(durability)
      return { open, remove: unlimit }
    },
    cut: cutIndexedDb,
    failPuts: async (_place, key) => {
      const put = IDBObjectStore.prototype.put
      const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
        this: IDBObjectStore,
        value: unknown,
        at?: IDBValidKey,
      ) {
        const isBad = at instanceof Uint8Array && equalBytes(at, key)
        if (isBad && badPut === 'throws') throw new DOMException('no such luck', 'DataCloneError')
        const request = put.call(this, value, at)
        if (isBad) this.transaction.abort()
        return request
      })
      return async () => spy.mockRestore()
    },
  }
}

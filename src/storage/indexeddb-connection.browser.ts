import { type DBSchema, deleteDB, openDB, unwrap } from 'idb'

import { DatabaseError } from '../errors.ts'
import type { Bytes } from '../util/bytes.ts'
import { isCut, storageFailure, unavailable, unavailableBecause } from './indexeddb-failure.browser.ts'

/** The one object store: value by binary key, one record each. */
export const ENTRIES = 'entries'

/** Nothing blocks the making of version 1. Who raises this gives `blocked` to `openDB`, as `deleteDatabase` does. */
const LAYOUT_VERSION = 1

interface Layout extends DBSchema {
  readonly [ENTRIES]: { readonly key: Bytes; readonly value: Bytes }
}

/**
 * How long another page may take to give way. A page of ours closes its connection at once, which takes as long as its running transaction:
 * a second or two at most. What holds on longer is frozen or foreign.
 */
const GIVE_WAY_MILLISECONDS = 5000

interface Connected {
  readonly database: IDBDatabase
  /** Fires when the browser has cut the connection. */
  readonly cut: AbortSignal
}

/** A connection to an IndexedDB database that comes back when the browser cuts it. */
export class IndexedDbConnection {
  readonly #name: string
  #connected: Promise<Connected> | undefined
  #isCreated = false
  /** Why the connection never comes back. */
  #end: DatabaseError | undefined

  /** @throws STORAGE_UNAVAILABLE, STORAGE_FULL, STORAGE_FAILED */
  static async open(name: string): Promise<IndexedDbConnection> {
    const connection = new IndexedDbConnection(name)
    await withIndexedDb('open', name, () => connection.#connect())
    connection.#isCreated = true
    return connection
  }

  private constructor(name: string) {
    this.#name = name
  }

  /** Runs `work`, which must be repeatable; once more on a new connection when the browser cut the first. */
  async use<T>(operation: string, work: (database: IDBDatabase) => Promise<T>): Promise<T> {
    try {
      const connected = this.#connect()
      try {
        return await unlessCut(await connected, work)
      } catch (error) {
        if (!isCut(error)) throw error
        await this.#drop(connected)
      }
      return await unlessCut(await this.#connect(), work)
    } catch (error) {
      throw this.#end ?? (await storageFailure(error, operation, this.#name))
    }
  }

  /** Ends the connection after its running transactions. */
  async close(): Promise<void> {
    if (this.#connected !== undefined) await this.#drop(this.#connected)
  }

  #connect(): Promise<Connected> {
    if (this.#end !== undefined) return Promise.reject(this.#end)
    if (this.#connected !== undefined) return this.#connected
    const connected = this.#open(() => this.#forget(connected))
    connected.catch(() => this.#forget(connected)) // The caller is told; the next one tries again.
    this.#connected = connected
    return connected
  }

  async #open(forget: () => void): Promise<Connected> {
    const cut = new AbortController()
    const database = await openDB<Layout>(this.#name, LAYOUT_VERSION, {
      upgrade: (database, _oldVersion, _newVersion, transaction) => {
        if (!this.#isCreated) {
          database.createObjectStore(ENTRIES)
          return
        }
        const message = `the browser has deleted the data of "${this.#name}", as it does when site data is cleared: reload the page`
        this.#end = new DatabaseError('STORAGE_FAILED', message, { operation: 'reopen' })
        transaction.done.catch(() => {}) // The failure is that of opening.
        transaction.abort()
      },
      blocking: () => {
        const message = `"${this.#name}" was closed because it is being deleted or upgraded elsewhere: reload the page`
        this.#end ??= new DatabaseError('CLOSED', message, { what: this.#name })
        void this.close()
      },
      terminated: () => {
        forget()
        cut.abort()
      },
    })
    return { database: unwrap(database), cut: cut.signal }
  }

  /** Closes a connection and forgets it, so that the next use opens another. */
  async #drop(connected: Promise<Connected>): Promise<void> {
    this.#forget(connected)
    const opened = await connected.catch(() => undefined) // What was never opened needs no closing.
    opened?.database.close()
  }

  #forget(connected: Promise<Connected>): void {
    if (this.#connected === connected) this.#connected = undefined
  }
}

/** Runs `work` until the connection is cut: Chromium never ends a transaction that was begun just before it tells the page of the cut. */
function unlessCut<T>({ database, cut }: Connected, work: (database: IDBDatabase) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(cut.reason)
    cut.addEventListener('abort', giveUp)
    work(database)
      .then(resolve, reject)
      .finally(() => cut.removeEventListener('abort', giveUp))
  })
}

/** Deletes the database `name`. @throws IN_USE when another page does not let go of it; the browser deletes it as soon as that page has. */
export async function deleteDatabase(name: string): Promise<void> {
  const inUse = Promise.withResolvers<never>()
  let patience: ReturnType<typeof setTimeout> | undefined
  const blocked = (): void => {
    patience = setTimeout(() => {
      const message = `"${name}" is open in another tab, which does not let go of it: close that tab, and the browser deletes it`
      inUse.reject(new DatabaseError('IN_USE', message, { name }))
    }, GIVE_WAY_MILLISECONDS)
  }
  try {
    await withIndexedDb('delete', name, () => Promise.race([deleteDB(name, { blocked }), inUse.promise]))
  } finally {
    clearTimeout(patience)
  }
}

/** Runs `work` where there is IndexedDB, with its failures as `DatabaseError`s. */
async function withIndexedDb<T>(operation: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    // Reading the property alone throws where the site's data is blocked.
    if (!('indexedDB' in globalThis) || globalThis.indexedDB === undefined) throw unavailableBecause('there is no indexedDB')
    return await work()
  } catch (error) {
    throw unavailable(error) ?? (await storageFailure(error, operation, name))
  }
}

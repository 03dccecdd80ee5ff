import { mkdirSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'

import { DatabaseError, messageOf } from '../errors.ts'
import { SQLITE_FULL, sqliteCode } from './sqlite-code.node.ts'
import { checkChanges, checkKey, isEmptyScan } from './store-arguments.ts'
import type { Change, Durability, Entry, KeyRange, ScanOptions, StorageUsage, Store } from './store.ts'

/** Of the table below, in the file's `user_version`. */
const LAYOUT_VERSION = 1
const PAGE_BYTES = 4096
/** Only a reader in another process that recovers the log after a crash can keep a writer waiting, and that takes milliseconds. */
const BUSY_MILLISECONDS = 2000

/** A store in one SQLite file (and its log beside it). `capacityBytes` bounds the file; without it the disk does. */
export async function openSqliteStore(
  path: string,
  options: { readonly durability?: Durability; readonly capacityBytes?: number } = {},
): Promise<Store> {
  return failing('open', path, () => {
    mkdirSync(dirname(path), { recursive: true })
    const database = new DatabaseSync(path, { timeout: BUSY_MILLISECONDS })
    try {
      prepareFile(database, path, options)
      return new SqliteStore(database, path, options.capacityBytes)
    } catch (error) {
      database.close()
      throw error
    }
  })
}

function prepareFile(
  database: DatabaseSync,
  path: string,
  options: { readonly durability?: Durability; readonly capacityBytes?: number },
): void {
  // The log (WAL) lets readers and the writer pass each other. NORMAL loses the last writes when the machine fails, never order or atomicity.
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL`)
  database.exec(`PRAGMA synchronous = ${options.durability === 'strict' ? 'FULL' : 'NORMAL'}`)
  if (options.capacityBytes !== undefined)
    database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(options.capacityBytes / PAGE_BYTES))}`)
  const version = database.prepare('PRAGMA user_version').get()?.['user_version']
  if (version === LAYOUT_VERSION) return
  if (version !== 0) {
    const message = `"${path}" has storage layout ${String(version)}, which a newer WarrenDB wrote; this one knows ${LAYOUT_VERSION}: upgrade it`
    throw new DatabaseError('STORAGE_FAILED', message, { operation: 'open' })
  }
  database.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID, STRICT;
    PRAGMA user_version = ${LAYOUT_VERSION};
    COMMIT`)
}

/** SQLite compares blobs as the contract wants keys: bytewise, a prefix first. All calls of `node:sqlite` are synchronous, so no two of them meet. */
class SqliteStore implements Store {
  readonly #path: string
  readonly #capacityBytes: number | undefined
  readonly #database: DatabaseSync
  readonly #get: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync
  readonly #scans: { readonly forward: ScanStatements; readonly reverse: ScanStatements }
  #isOpen = true

  constructor(database: DatabaseSync, path: string, capacityBytes: number | undefined) {
    this.#database = database
    this.#path = path
    this.#capacityBytes = capacityBytes
    this.#get = database.prepare('SELECT value FROM entries WHERE key = ?')
    this.#put = database.prepare('INSERT INTO entries (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
    this.#delete = database.prepare('DELETE FROM entries WHERE key = ?')
    this.#scans = { forward: prepareScans(database, 'ASC'), reverse: prepareScans(database, 'DESC') }
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#run('get', () => {
      checkKey(key)
      return this.#read(key)
    })
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#run('getMany', () => {
      keys.forEach(checkKey)
      return this.#inTransaction('BEGIN', () => keys.map((key) => this.#read(key)))
    })
  }

  async scan(range: KeyRange, options: ScanOptions = {}): Promise<readonly Entry[]> {
    return this.#run('scan', () => {
      if (isEmptyScan(range, options)) return []
      const { toEnd, toKey } = options.reverse === true ? this.#scans.reverse : this.#scans.forward
      const from = range.from ?? new Uint8Array()
      const limit = options.limit ?? -1
      const rows = range.to === undefined ? toEnd.all(from, limit) : toKey.all(from, range.to, limit)
      return rows.map((row) => ({ key: this.#bytes(row['key']), value: this.#bytes(row['value']) }))
    })
  }

  async apply(changes: readonly Change[]): Promise<void> {
    this.#run('apply', () => {
      checkChanges(changes)
      this.#inTransaction('BEGIN IMMEDIATE', () => {
        for (const { key, value } of changes) {
          if (value === undefined) this.#delete.run(key)
          else this.#put.run(key, value)
        }
      })
    })
  }

  async usage(): Promise<StorageUsage> {
    const usedBytes = this.#run('usage', () => this.#usedBytes())
    if (this.#capacityBytes !== undefined) return { usedBytes, quotaBytes: this.#capacityBytes }
    const disk = await statfs(dirname(this.#path))
    return { usedBytes, quotaBytes: usedBytes + disk.bavail * disk.bsize }
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    failing('close', this.#path, () => this.#database.close())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #run<T>(operation: string, work: () => T): T {
    if (!this.#isOpen) throw new DatabaseError('CLOSED', `the store "${this.#path}" is closed: open it again`, { what: 'store' })
    return failing(operation, this.#path, work, () => ({
      used: this.#usedBytes(),
      ...(this.#capacityBytes === undefined ? {} : { quota: this.#capacityBytes }),
    }))
  }

  #inTransaction<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): T {
    this.#database.exec(begin)
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #read(key: Uint8Array): Uint8Array | undefined {
    const row = this.#get.get(key)
    return row === undefined ? undefined : this.#bytes(row['value'])
  }

  #bytes(stored: SQLOutputValue | undefined): Uint8Array {
    if (stored instanceof Uint8Array) return stored
    throw new DatabaseError('CORRUPT_DATA', `"${this.#path}" holds ${String(stored)} where bytes belong: restore it from a backup`, {
      what: 'entry',
    })
  }

  #usedBytes(): number {
    const log = statSync(`${this.#path}-wal`, { throwIfNoEntry: false })
    return statSync(this.#path).size + (log?.size ?? 0)
  }
}

interface ScanStatements {
  readonly toEnd: StatementSync
  readonly toKey: StatementSync
}

function prepareScans(database: DatabaseSync, order: 'ASC' | 'DESC'): ScanStatements {
  return {
    toEnd: database.prepare(`SELECT key, value FROM entries WHERE key >= ? ORDER BY key ${order} LIMIT ?`),
    toKey: database.prepare(`SELECT key, value FROM entries WHERE key >= ? AND key < ? ORDER BY key ${order} LIMIT ?`),
  }
}

/** Runs `work`; what SQLite and the file system throw becomes a `DatabaseError`. */
function failing<T>(
  operation: string,
  path: string,
  work: () => T,
  room: () => { readonly used?: number; readonly quota?: number } = () => ({}),
): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof DatabaseError) throw error
    if (sqliteCode(error) === SQLITE_FULL) {
      throw new DatabaseError(
        'STORAGE_FULL',
        `no room left for "${path}": free disk space or raise capacityBytes, then write again`,
        room(),
        { cause: error },
      )
    }
    throw new DatabaseError(
      'STORAGE_FAILED',
      `SQLite could not ${operation} "${path}": ${messageOf(error)}`,
      { operation },
      { cause: error },
    )
  }
}

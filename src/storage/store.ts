/**
 * `Store`: ordered bytes by bytes, the only thing WarrenDB asks of a storage backend.
 *
 * Contract
 * - Keys are unique and ordered bytewise (unsigned, a prefix first). Keys are 1 to `MAX_KEY_BYTES` long, values 0 to any length.
 * - Arguments are never changed, and never kept once the call's promise has settled: from then on a caller may reuse its buffers, not before.
 *   Results belong to the caller, but must not be changed by it: a backend may hand out what its cache holds.
 * - `apply` is atomic and durable in the sense of the backend's `durability`: when its promise resolves, all changes are there and survive
 *   a crash of the page or process; when it rejects, none is, whatever the reason, and the store goes on working. Within one call a later change of
 *   the same key wins. Calls of `apply` take effect in the order in which they were made, also when nobody awaits them.
 * - `get`, `getMany` and `scan` each see one state: all of an `apply` or nothing of it, also when it runs at the same time. They see every `apply` that
 *   had resolved when they were called. Two calls may see two states; who needs one state over several calls takes turns with the writers.
 * - Any await may stand between two calls. Nothing is held open in between, so no backend can time out on its user.
 * - A backend owns its file or database alone as far as writing goes; a second connection to the same data may read. (Who may open is decided by
 *   `OwnerLock`, not here.)
 * - Failures are `DatabaseError`s: `STORAGE_FULL` when there is no room, `STORAGE_FAILED` with the operation for anything else, `CORRUPT_DATA` for what no
 *   backend has written, `CLOSED` after `close`, `INVALID_ARGUMENT` for a key of a wrong length, a value whose buffer was transferred away and a limit
 *   that is no whole number.
 * - A connection that the environment cut (Safari does it to background tabs) is opened again and the call repeated once, unseen by the caller. Data that
 *   the environment deleted under an open store (a user clears site data) is not: every later call rejects with `STORAGE_FAILED`, since an empty store in
 *   the place of a full one would be a lie. A store that another page deletes or upgrades closes itself: `CLOSED`.
 * - The contract says nothing of records: a backend may keep one per key, pages of many keys, or a log. Callers must not rely on the cost of a
 *   key beyond this: `getMany` and `apply` cost far less than the same number of single calls, and neighbours in key order are cheapest to scan.
 * - `close` waits for calls under way, then frees everything. It may be called twice.
 */
export interface Store extends AsyncDisposable {
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  /** Values in the order of `keys`, `undefined` where there is none. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Entries of the range in key order (or reversed), at most `limit`. */
  scan(range: KeyRange, options?: ScanOptions): Promise<readonly Entry[]>
  apply(changes: readonly Change[]): Promise<void>
  /** Bytes used and available, as far as the environment tells. An estimate: browsers round it. */
  usage(): Promise<StorageUsage>
  close(): Promise<void>
}

/** IndexedDB and SQLite allow more; a bound keeps index keys honest on every backend. */
export const MAX_KEY_BYTES = 1024

/** `from` inclusive, `to` exclusive; an absent end is open. An empty or inverted range holds nothing. */
export interface KeyRange {
  readonly from?: Uint8Array
  readonly to?: Uint8Array
}

export interface ScanOptions {
  readonly reverse?: boolean
  /** A whole number; 0 gives nothing. */
  readonly limit?: number
}

export interface Entry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A put, or a delete where `value` is `undefined`. Deleting what is not there is no error. */
export interface Change {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

export interface StorageUsage {
  readonly usedBytes?: number
  readonly quotaBytes?: number
  /** Whether the browser has promised not to evict the data. */
  readonly persisted?: boolean
}

/** `relaxed` survives the crash of a page or process, `strict` also one of the machine. */
export type Durability = 'relaxed' | 'strict'

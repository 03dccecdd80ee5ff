import { DatabaseError } from '../errors.ts'
import { compareBytes } from '../util/bytes.ts'
import { type Change, type KeyRange, MAX_KEY_BYTES, type ScanOptions } from './store.ts'

/** @throws INVALID_ARGUMENT when `key` is empty or too long. */
export function checkKey(key: Uint8Array): void {
  if (key.length === 0 || key.length > MAX_KEY_BYTES) {
    throw new DatabaseError('INVALID_ARGUMENT', `a key of ${key.length} bytes cannot be stored: keys have 1 to ${MAX_KEY_BYTES} bytes`, {
      argument: 'key',
      value: key,
    })
  }
}

/** @throws INVALID_ARGUMENT when a key is empty or too long, or the buffer of a value is gone. */
export function checkChanges(changes: readonly Change[]): void {
  for (const { key, value } of changes) {
    checkKey(key)
    // A view of a transferred buffer has length 0: SQLite would store an empty value in silence.
    if (value?.buffer instanceof ArrayBuffer && value.buffer.detached) {
      throw new DatabaseError('INVALID_ARGUMENT', 'the buffer of a value was transferred away: store the bytes first, or transfer a copy', {
        argument: 'value',
        value: key,
      })
    }
  }
}

/** Whether a scan holds nothing, whatever the data. @throws INVALID_ARGUMENT when the limit is no whole number. */
export function isEmptyScan({ from, to }: KeyRange, { limit = 0xffff_ffff }: ScanOptions): boolean {
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new DatabaseError('INVALID_ARGUMENT', `a scan cannot be limited to ${limit} entries: give a whole number, or none for all`, {
      argument: 'limit',
      value: limit,
    })
  }
  return limit === 0 || (to !== undefined && compareBytes(from ?? new Uint8Array(), to) >= 0)
}

import { DatabaseError, messageOf } from '../errors.ts'
import type { StorageUsage } from './store.ts'

/** What the browser says of its storage, as far as it does. */
export async function browserStorageUsage(): Promise<StorageUsage> {
  // Pages without a secure context have no `navigator.storage`.
  if (!('storage' in navigator)) return {}
  const [{ usage, quota }, persisted] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()])
  return { ...(usage === undefined ? {} : { usedBytes: usage }), ...(quota === undefined ? {} : { quotaBytes: quota }), persisted }
}

/**
 * Whether a new connection may help. The browser tells of a cut connection in three ways: `InvalidStateError` where a transaction is begun, `AbortError`
 * at the requests of a transaction that it ended, `UnknownError` as that transaction's own error ("Connection is closing" in Chromium, "Connection to
 * Indexed Database server lost" in Safari).
 */
export function isCut(error: unknown): boolean {
  return ['InvalidStateError', 'AbortError', 'UnknownError'].includes(nameOf(error))
}

/** What became of `operation` on the database `name`, as an error with advice. */
export async function storageFailure(thrown: unknown, operation: string, name: string): Promise<DatabaseError> {
  if (thrown instanceof DatabaseError) return thrown
  if (nameOf(thrown) === 'QuotaExceededError') {
    const { usedBytes, quotaBytes }: StorageUsage = await browserStorageUsage().catch(() => ({})) // The figures are only advice.
    const message = `no room left for "${name}": the browser has ${usedBytes ?? 'some'} of ${quotaBytes ?? 'its'} bytes in use for this site; delete data or free disk space, then write again`
    const details = { ...(usedBytes === undefined ? {} : { used: usedBytes }), ...(quotaBytes === undefined ? {} : { quota: quotaBytes }) }
    return new DatabaseError('STORAGE_FULL', message, details, { cause: thrown })
  }
  if (nameOf(thrown) === 'VersionError') {
    const message = `"${name}" was written by a newer WarrenDB than this page runs: reload the page`
    return new DatabaseError('STORAGE_FAILED', message, { operation }, { cause: thrown })
  }
  return new DatabaseError(
    'STORAGE_FAILED',
    `IndexedDB could not ${operation} "${name}": ${messageOf(thrown)}`,
    { operation },
    { cause: thrown },
  )
}

/** The error for a page that may not use IndexedDB at all, or `undefined` when `error` means something else. */
export function unavailable(error: unknown): DatabaseError | undefined {
  if (!['SecurityError', 'InvalidStateError', 'NotAllowedError', 'NotSupportedError'].includes(nameOf(error))) return undefined
  return unavailableBecause(messageOf(error), { cause: error })
}

export function unavailableBecause(reason: string, options?: { readonly cause: unknown }): DatabaseError {
  const message = `this page has no IndexedDB, as in some private windows (${reason}): open the database with storage: 'memory', or leave the private window`
  return new DatabaseError('STORAGE_UNAVAILABLE', message, { reason }, options)
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

import { DatabaseError } from '../errors.ts'
import type { HeldLock, OwnerLock } from './owner-lock.ts'

/** Web Locks: one owner among the tabs, frames and workers of this origin. The browser frees the lock of a page that is gone, some 30 ms later. */
export const webLocks: OwnerLock = { acquire }

async function acquire(name: string): Promise<HeldLock> {
  // Browsers offer locks to secure contexts only.
  if (!('locks' in navigator)) {
    const message = `this page has no Web Locks, which keep two tabs from writing "${name}" at once: open it over https or from localhost`
    throw new DatabaseError('UNSUPPORTED', message, { feature: 'Web Locks' })
  }
  const released = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<boolean>()
  // The browser holds the lock until the promise of the callback settles, and then settles that of the request.
  const ended = navigator.locks.request(`warrendb:${name}`, { ifAvailable: true }, (lock) => {
    answer.resolve(lock !== null)
    return lock === null ? undefined : released.promise
  })
  ended.catch((error: unknown) => answer.reject(error))
  if (!(await granted(name, answer.promise))) {
    const message = `"${name}" is open in another tab or already in this page: close it there, use another name, or open it with tabs: 'separate'`
    throw new DatabaseError('IN_USE', message, { name })
  }
  return {
    release: async () => {
      released.resolve()
      await ended
    },
  }
}

async function granted(name: string, answer: Promise<boolean>): Promise<boolean> {
  try {
    return await answer
  } catch (error) {
    const reason = 'the browser refuses locks to this page, as in a sandboxed frame'
    throw new DatabaseError('STORAGE_UNAVAILABLE', `"${name}" cannot be opened: ${reason}`, { reason }, { cause: error })
  }
}

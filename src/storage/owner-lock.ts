/**
 * One owner per database: `OwnerLock` is what a platform offers to make sure of it (Web Locks in a browser, a locked file in Node).
 *
 * - `acquire` takes the lock at once or throws `IN_USE` with advice; it never waits. It refuses a second owner in the same page or process too.
 * - The lock ends with `release`, and by itself with the page or process, however that ends. Nothing stale is ever left for somebody to clean up.
 * - `release` may be called twice. When its promise resolves, another may acquire.
 */
export interface OwnerLock {
  acquire(name: string): Promise<HeldLock>
}

export interface HeldLock {
  release(): Promise<void>
}

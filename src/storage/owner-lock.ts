/**
 * One owner per database: `OwnerLock` is what a platform offers to make sure of it (Web Locks in a browser, a lock file in Node).
 *
 * - `acquire` takes the lock at once or throws `IN_USE` with advice; it never waits.
 * - The lock ends with `release`, and by itself with the page or process, however that ends.
 */
export interface OwnerLock {
  acquire(name: string): Promise<HeldLock>
}

export interface HeldLock {
  release(): Promise<void>
}

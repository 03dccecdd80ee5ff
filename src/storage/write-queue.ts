import type { Change } from './store.ts'

interface Waiting {
  readonly changes: readonly Change[]
  readonly done: PromiseWithResolvers<void>
}

/**
 * Group commit: one `write` runs at a time, and what arrives in the same tick or meanwhile shares the next one, in the order of the calls.
 * When a shared write fails, each of its lists is written for itself, so that none is lost with another's fault.
 */
export class WriteQueue {
  readonly #write: (changes: readonly Change[]) => Promise<void>
  #waiting: Waiting[] = []
  #isRunning = false

  constructor(write: (changes: readonly Change[]) => Promise<void>) {
    this.#write = write
  }

  /** Settles as the write of these changes does. */
  push(changes: readonly Change[]): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.#waiting.push({ changes, done })
    if (!this.#isRunning) void this.#run()
    return done.promise
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      await Promise.resolve() // Callers of the same tick come in.
      const group = this.#waiting
      this.#waiting = []
      if (!(await this.#wroteTogether(group))) await this.#writeEach(group)
    }
    this.#isRunning = false
  }

  async #wroteTogether(group: readonly Waiting[]): Promise<boolean> {
    if (group.length === 1) return false
    try {
      await this.#write(group.flatMap(({ changes }) => changes))
    } catch {
      return false // The cause is found, and told to its caller, when each is written for itself.
    }
    for (const { done } of group) done.resolve()
    return true
  }

  async #writeEach(group: readonly Waiting[]): Promise<void> {
    for (const { changes, done } of group) {
      try {
        await this.#write(changes)
        done.resolve()
      } catch (error) {
        done.reject(error)
      }
    }
  }
}

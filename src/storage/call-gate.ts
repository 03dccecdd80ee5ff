import { DatabaseError } from '../errors.ts'

/** Lets calls through until it is closed; closing waits for those under way. */
export class CallGate {
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #what: string
  #isOpen = true

  /** `what` names the closed thing in errors. */
  constructor(what: string) {
    this.#what = what
  }

  /** @throws CLOSED once the gate is closed. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (!this.#isOpen) throw new DatabaseError('CLOSED', `${this.#what} is closed: open it again`, { what: this.#what })
    const result = call()
    this.#underWay.add(result)
    try {
      return await result
    } finally {
      this.#underWay.delete(result)
    }
  }

  async close(): Promise<void> {
    this.#isOpen = false
    await Promise.allSettled(this.#underWay)
  }
}

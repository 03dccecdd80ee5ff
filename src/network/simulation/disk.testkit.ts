import { keptOpen } from '../../database/database.testkit.ts'
import { DatabaseError } from '../../errors.ts'
import type { Store } from '../../storage/store.ts'
import type { Chance } from './chance.testkit.ts'
import type { Life } from './machine.testkit.ts'

/** How long a disk takes, in milliseconds at most; 0 is at once. */
export interface DiskHabits {
  readonly write: number
  readonly read: number
}

/** `full`: it refuses what is written, and stores nothing of it. `broken`: it cannot be read either. */
export type DiskTrouble = 'full' | 'broken'

export interface Disk {
  readonly store: Store
  /** From now on, until it is called with nothing. */
  setTrouble(trouble: DiskTrouble | undefined): void
}

/**
 * What a process has of the disk of its machine. A write takes effect at some moment, and is acknowledged at a later one: when the process ends in between, it is there
 * and nobody has heard of it. Calls of a process that has ended are never answered.
 */
export function createDisk(content: Store, life: Life, chance: Chance, habits: DiskHabits): Disk {
  let written: Promise<unknown> = Promise.resolve()
  let trouble: DiskTrouble | undefined

  /** Waits in the process. */
  function wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => life.after(milliseconds, resolve))
  }

  async function read<T>(ask: () => Promise<T>): Promise<T> {
    if (!life.isAlive) return new Promise(() => {})
    const found = await ask()
    if (habits.read > 0) await wait(chance.between(0, habits.read))
    if (trouble === 'broken') throw new DatabaseError('STORAGE_FAILED', 'the simulated disk is broken', { operation: 'read' })
    return found
  }

  async function write(changes: Parameters<Store['apply']>[0]): Promise<void> {
    if (habits.write > 0) await wait(chance.between(0, habits.write / 2))
    if (trouble !== undefined) throw new DatabaseError('STORAGE_FULL', 'the simulated disk is full', {})
    await content.apply(changes)
    if (habits.write > 0) await wait(chance.between(0, habits.write / 2))
  }

  const store: Store = {
    ...keptOpen(content),
    get: (key) => read(() => content.get(key)),
    getMany: (keys) => read(() => content.getMany(keys)),
    scan: (range, options) => read(() => content.scan(range, options)),
    apply: (changes) => {
      if (!life.isAlive) return new Promise(() => {})
      const result = written.then(() => write(changes))
      written = result.catch(() => {})
      return result
    },
  }
  return {
    store,
    setTrouble: (next) => {
      trouble = next
    },
  }
}

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { DatabaseError, messageOf } from '../errors.ts'
import type { HeldLock, OwnerLock } from './owner-lock.ts'
import { SQLITE_BUSY, sqliteCode } from './sqlite-code.node.ts'

/** Locked by its owner, and never deleted: a deleted file can be locked by one process while another makes and locks its successor. */
const LOCK_FILE = 'owner.lock'
/** Says who the owner is. It has no say in who may be it. */
const OWNER_FILE = 'owner.json'

const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1

/**
 * The lock of what `folder` holds: one owner, whatever name it goes by.
 *
 * The operating system holds the lock, through SQLite, which is Node's only way to its file locks: taking it is atomic and it ends with the process,
 * however that ends. A file that merely exists and names a process would outlive a crash, and then somebody must judge whether the process it names is
 * the same one (process numbers are used again, and mean nothing in another container), and take over without racing another who judges the same.
 */
export function fileLocks(folder: string): OwnerLock {
  return { acquire: async (name) => acquire(folder, name) }
}

function acquire(folder: string, name: string): HeldLock {
  const lock = openLocked(folder, name)
  const ownerPath = join(folder, OWNER_FILE)
  try {
    writeFileSync(ownerPath, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }))
  } catch {
    // On a full disk the owner stays nameless.
  }
  // Node closes a database that nothing refers to any more. The timer refers to it, whoever forgets the lock, and does nothing else.
  const hold = setInterval(() => lock, LONGEST_TIMER_MILLISECONDS).unref()
  let isHeld = true
  return {
    release: async () => {
      if (!isHeld) return
      isHeld = false
      clearInterval(hold)
      rmSync(ownerPath, { force: true })
      lock.close()
    },
  }
}

function openLocked(folder: string, name: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true })
    const lock = new DatabaseSync(join(folder, LOCK_FILE), { timeout: 0 })
    try {
      lock.exec('BEGIN EXCLUSIVE')
      return lock
    } catch (error) {
      lock.close()
      throw error
    }
  } catch (error) {
    if (sqliteCode(error) === SQLITE_BUSY) {
      const message = `"${name}" in "${folder}" is open in ${describeOwner(folder)}: close it there, or use another name or path`
      throw new DatabaseError('IN_USE', message, { name }, { cause: error })
    }
    const message = `"${join(folder, LOCK_FILE)}" cannot be locked: ${messageOf(error)}; check that the folder can be written`
    throw new DatabaseError('STORAGE_FAILED', message, { operation: 'lock' }, { cause: error })
  }
}

function describeOwner(folder: string): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8'))
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || typeof owner.pid !== 'number') return 'another process'
    if (owner.pid === process.pid) return `this process (${owner.pid})`
    return 'since' in owner && typeof owner.since === 'string' ? `process ${owner.pid}, since ${owner.since}` : `process ${owner.pid}`
  } catch {
    return 'another process' // It has not written its name yet, or could not.
  }
}

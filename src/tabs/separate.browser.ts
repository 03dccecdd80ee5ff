import { DatabaseError, isFailure } from '../errors.ts'
import type { HeldLock, OwnerLock } from '../storage/owner-lock.ts'

/**
 * How long a reloaded tab waits for its own old page to give the slot back. Browsers take 30 to 70 ms on a desktop; a busy phone takes many times that. Taking
 * another slot too early costs a tab its documents and peer ID; too late costs a duplicated tab, whose slot is never given back, this second at its start.
 */
const RELOAD_MILLISECONDS = 1000
const RETRY_MILLISECONDS = 20

/** More tabs than anybody opens of one page; a bound against a lock that always says no. */
const MOST_SLOTS = 1000

/** A slot of storage that is this tab's own, and the lock that keeps it so. */
export interface ClaimedSlot {
  readonly slotName: string
  readonly lock: HeldLock
}

/**
 * Finds the slot of this tab for `tabs: 'separate'`: the one it had before a reload, else the lowest that is free of `name`, `name-2`, `name-3` and so on.
 * The tab's `sessionStorage` remembers it. A duplicated tab brings a copy of that along and finds the slot taken: it takes another.
 *
 * @throws IN_USE when there are more tabs than slots, and what the lock throws for other reasons.
 */
export async function claimSlot(name: string, locks: OwnerLock): Promise<ClaimedSlot> {
  const remembered = recallSlot(name)
  const lock = remembered === undefined ? undefined : await acquireSoon(slotName(name, remembered), locks)
  if (remembered !== undefined && lock !== undefined) return { slotName: slotName(name, remembered), lock }
  for (let slot = 1; slot <= MOST_SLOTS; slot++) {
    const lock = await acquireNow(slotName(name, slot), locks)
    if (lock === undefined) continue
    rememberSlot(name, slot)
    return { slotName: slotName(name, slot), lock }
  }
  throw new DatabaseError('IN_USE', `all ${MOST_SLOTS} slots of "${name}" are taken: close some tabs`, { name })
}

function slotName(name: string, slot: number): string {
  return slot === 1 ? name : `${name}-${slot}`
}

/** The lock of a slot that another page may be about to give back. */
async function acquireSoon(slot: string, locks: OwnerLock): Promise<HeldLock | undefined> {
  for (let waited = 0; ; waited += RETRY_MILLISECONDS) {
    const lock = await acquireNow(slot, locks)
    if (lock !== undefined || waited >= RELOAD_MILLISECONDS) return lock
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS))
  }
}

async function acquireNow(slot: string, locks: OwnerLock): Promise<HeldLock | undefined> {
  try {
    return await locks.acquire(slot)
  } catch (error) {
    if (isFailure(error, 'IN_USE')) return undefined
    throw error
  }
}

/** Anything in the page may have written there: what is no slot is none. */
function recallSlot(name: string): number | undefined {
  const slot = Number(session()?.getItem(sessionKey(name)) ?? Number.NaN)
  return Number.isInteger(slot) && slot >= 1 && slot <= MOST_SLOTS ? slot : undefined
}

function rememberSlot(name: string, slot: number): void {
  try {
    session()?.setItem(sessionKey(name), String(slot))
  } catch {
    // The session's storage is full: the tab works, and takes the lowest free slot after a reload.
  }
}

function session(): Storage | undefined {
  try {
    return sessionStorage
  } catch {
    return undefined // Blocked, as for sites whose data the user refuses: then no tab is remembered.
  }
}

function sessionKey(name: string): string {
  return `warrendb:slot:${name}`
}

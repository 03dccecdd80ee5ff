import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { DatabaseError } from '../errors.ts'
import { webLocks } from '../storage/owner-lock.browser.ts'
import type { OwnerLock } from '../storage/owner-lock.ts'
import { type ClaimedSlot, claimSlot } from './separate.browser.ts'

const closing: (() => Promise<void>)[] = []

beforeEach(() => sessionStorage.clear())

afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  for (const close of closing.splice(0)) await close()
})

test('each new tab takes the lowest slot that is free', async () => {
  const slots = [await aNewTab('burrow'), await aNewTab('burrow'), await aNewTab('burrow')]
  expect(slots.map(({ slotName }) => slotName)).toEqual(['burrow', 'burrow-2', 'burrow-3'])
  await slots[1]?.lock.release()
  const next = await aNewTab('burrow')
  expect(next.slotName).toBe('burrow-2')
  const other = await aNewTab('another')
  expect(other.slotName).toBe('another')
})

test('a tab that is reloaded has its slot again, though a lower one has become free', async () => {
  const first = await aNewTab('warren')
  sessionStorage.clear()
  const page = await aPage('warren')
  expect(await page.claimed()).toBe('warren-2')
  await first.lock.release()
  for (let round = 0; round < 5; round++) {
    page.reload()
    expect(await page.claimed()).toBe('warren-2')
  }
})

test('a duplicated tab leaves the original its slot and takes another', async () => {
  const original = await aNewTab('twin')
  const copy = claimed(await claimSlot('twin', webLocks))
  expect([original.slotName, copy.slotName]).toEqual(['twin', 'twin-2'])
  await copy.lock.release()
  const reloaded = claimed(await claimSlot('twin', webLocks))
  expect(reloaded.slotName).toBe('twin-2')
})

test('a slot that stays taken is waited for a second, not longer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  sessionStorage.setItem('warrendb:slot:slow', '1')
  const asked: string[] = []
  const locks = lockedExcept(['slow-2'], asked)
  const claiming = claimSlot('slow', locks)
  await vi.advanceTimersByTimeAsync(900)
  expect(new Set(asked)).toEqual(new Set(['slow']))
  await vi.advanceTimersByTimeAsync(150)
  expect((await claiming).slotName).toBe('slow-2')
})

test('what is no slot is not taken for one', async () => {
  for (const nonsense of ['', 'x', '../1', '0', '-1', '1.5', '1e9', 'NaN']) {
    sessionStorage.setItem('warrendb:slot:odd', nonsense)
    const { slotName, lock } = await claimSlot('odd', webLocks)
    expect(slotName).toBe('odd')
    await lock.release()
  }
})

test('a tab without a session storage takes the lowest free slot each time', async () => {
  vi.spyOn(window, 'sessionStorage', 'get').mockImplementation(() => {
    throw new DOMException('access is denied', 'SecurityError')
  })
  const first = claimed(await claimSlot('blocked', webLocks))
  const second = claimed(await claimSlot('blocked', webLocks))
  expect([first.slotName, second.slotName]).toEqual(['blocked', 'blocked-2'])
})

test('when every slot is taken the tab is told so, and other failures are told as they are', async () => {
  const asked: string[] = []
  await expect(claimSlot('full', lockedExcept([], asked))).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringContaining('close some tabs'),
  })
  expect(asked.at(-1)).toBe('full-1000')
  const unsupported = new DatabaseError('UNSUPPORTED', 'no locks here', { feature: 'Web Locks' })
  await expect(claimSlot('none', { acquire: () => Promise.reject(unsupported) })).rejects.toBe(unsupported)
})

/** A slot for a tab that remembers none. */
async function aNewTab(name: string): Promise<ClaimedSlot> {
  sessionStorage.clear()
  return claimed(await claimSlot(name, webLocks))
}

function claimed(slot: ClaimedSlot): ClaimedSlot {
  closing.push(() => slot.lock.release())
  return slot
}

/** Locks that are all held by others, but for those named. */
function lockedExcept(free: readonly string[], asked: string[]): OwnerLock {
  return {
    acquire: async (name) => {
      asked.push(name)
      if (!free.includes(name)) throw new DatabaseError('IN_USE', `${name} is held`, { name })
      return { release: async () => {} }
    },
  }
}

interface Page {
  /** The slot that the page claimed at its last load. */
  claimed(): Promise<string>
  reload(): void
}

/** A frame that claims a slot whenever it loads. It has the session storage of this page. */
async function aPage(name: string): Promise<Page> {
  const frame = document.createElement('iframe')
  const answer = `answer-${crypto.randomUUID()}`
  let load = Promise.withResolvers<string>()
  Object.assign(window, { [answer]: (slotName: string) => load.resolve(slotName) })
  const separate = new URL('./separate.browser.ts', import.meta.url).href
  const ownerLock = new URL('../storage/owner-lock.browser.ts', import.meta.url).href
  frame.srcdoc = `<script type="module">
    import { claimSlot } from ${JSON.stringify(separate)}
    import { webLocks } from ${JSON.stringify(ownerLock)}
    parent[${JSON.stringify(answer)}]((await claimSlot(${JSON.stringify(name)}, webLocks)).slotName)
  </script>`
  document.body.append(frame)
  closing.push(async () => frame.remove())
  return {
    claimed: () => load.promise,
    reload: () => {
      load = Promise.withResolvers()
      frame.contentWindow?.location.reload()
    },
  }
}

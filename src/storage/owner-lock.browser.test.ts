import { expect, test } from 'vitest'

import { webLocks } from './owner-lock.browser.ts'
import type { OwnerLock } from './owner-lock.ts'

test('a second owner in the same page is refused until the first has released', async () => {
  const held = await webLocks.acquire('one-page')
  await expect(webLocks.acquire('one-page')).rejects.toMatchObject({
    code: 'IN_USE',
    details: { name: 'one-page' },
    message: expect.stringMatching(/another tab.*tabs: 'separate'/),
  })
  await (await webLocks.acquire('another')).release()
  await held.release()
  const again = await webLocks.acquire('one-page')
  await held.release()
  await expect(webLocks.acquire('one-page')).rejects.toMatchObject({ code: 'IN_USE' })
  await again.release()
})

test('another page is refused, and gets the lock when it is released', async () => {
  const page = await aPage()
  const held = await webLocks.acquire('two-pages')
  await expect(page.locks.acquire('two-pages')).rejects.toMatchObject({ code: 'IN_USE' })
  await held.release()
  const theirs = await page.locks.acquire('two-pages')
  await expect(webLocks.acquire('two-pages')).rejects.toMatchObject({ code: 'IN_USE' })
  await theirs.release()
  await (await webLocks.acquire('two-pages')).release()
  page.close()
})

test('the lock of a page that goes away is free soon after', async () => {
  const page = await aPage()
  await page.locks.acquire('gone')
  await expect(webLocks.acquire('gone')).rejects.toMatchObject({ code: 'IN_USE' })
  page.close()
  const isFree = (): Promise<boolean> =>
    webLocks.acquire('gone').then(
      () => true,
      () => false,
    )
  await expect.poll(isFree, { timeout: 5000 }).toBe(true)
})

test('names that a property of an object has are names like others', async () => {
  for (const name of ['', '-not-a-mode', '__proto__', 'ünï/cøde']) await (await webLocks.acquire(name)).release()
})

interface Page {
  readonly locks: OwnerLock
  close(): void
}

/** A frame of this origin: another client to the browser, with its own copy of the module. */
async function aPage(): Promise<Page> {
  const frame = document.createElement('iframe')
  const ready = Promise.withResolvers<OwnerLock>()
  const answer = `answer-${crypto.randomUUID()}`
  Object.assign(window, { [answer]: ready.resolve })
  const url = new URL('./owner-lock.browser.ts', import.meta.url).href
  frame.srcdoc = `<script type="module">import { webLocks } from ${JSON.stringify(url)}; parent[${JSON.stringify(answer)}](webLocks)</script>`
  document.body.append(frame)
  return { locks: await ready.promise, close: () => frame.remove() }
}

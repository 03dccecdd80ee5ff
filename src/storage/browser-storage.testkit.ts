import { openDB } from 'idb'
import { cdp } from 'vitest/browser'

/** Opens `chrome://indexeddb-internals` for this page's profile and presses "Force close", which leaves the data alone. Ends when the connections are gone. */
export async function cutIndexedDb(): Promise<void> {
  const isCut = Promise.withResolvers<void>()
  const witness = await openDB('witness', 1, { terminated: () => isCut.resolve() })
  const session = cdp()
  const { targetInfos } = await session.send('Target.getTargets')
  const profile = targetInfos.find(({ url }) => url.startsWith(location.origin))?.browserContextId
  if (profile === undefined) throw new Error(`no target shows ${location.origin}`)
  const { targetId } = await session.send('Target.createTarget', {
    url: 'chrome://indexeddb-internals',
    browserContextId: profile,
    background: true,
  })
  try {
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: PRESS_FORCE_CLOSE } })
    await session.send('Target.sendMessageToTarget', { sessionId, message })
    await isCut.promise
  } finally {
    await session.send('Target.closeTarget', { targetId })
    witness.close()
  }
}

/** The page fills its nested shadow roots by itself; `control` and `force-close` are its class names. */
const PRESS_FORCE_CLOSE = `
  const find = (root) => {
    for (const element of root.querySelectorAll('*')) {
      const found = element.matches('.force-close') ? element : element.shadowRoot && find(element.shadowRoot)
      if (found) return found
    }
  }
  const press = () => {
    const button = find(document)
    if (button) button.click()
    else setTimeout(press, 10)
  }
  press()`

/** Gives this origin room for `bytes`. Chromium remembers the room it last saw for a while, but not for a site without data: so all is deleted first. */
export async function limitIndexedDb(bytes: number): Promise<() => Promise<void>> {
  await clearIndexedDb()
  const { origin } = location
  await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: bytes })
  return async () => {
    await clearIndexedDb()
    await cdp().send('Storage.overrideQuotaForOrigin', { origin })
  }
}

/** Deletes every database of this origin, as a user does who clears the site's data: open connections are cut. */
export async function clearIndexedDb(): Promise<void> {
  await cdp().send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' })
}

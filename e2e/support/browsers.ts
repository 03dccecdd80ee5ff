import type { PlaywrightTestArgs, PlaywrightTestOptions, PlaywrightWorkerArgs, PlaywrightWorkerOptions, TestType } from '@playwright/test'

import type { BrowserPage } from './browser-page.ts'
import { findFirefox, startFirefox, type Firefox, type FirefoxPage, type FirefoxProfile } from './firefox.ts'
import { openNodePage, type NodePage } from './node-page.ts'
import { SCHEMA, test as stage, type Places, type Stage } from './stage.ts'
import { openTab, type Tab } from './tab.ts'

export type BrowserName = 'chromium' | 'firefox'

interface Browsers {
  /** A new profile for each test. */
  readonly profile: FirefoxProfile
  readonly newFirefoxTab: () => Promise<Tab<FirefoxPage>>
  /** As `newTab` and `newNode`, in the browser of that name. */
  readonly newTabIn: (browser: BrowserName) => Promise<Tab<BrowserPage>>
  readonly newNodeIn: (browser: BrowserName, name: string) => Promise<NodePage<BrowserPage>>
}

/** What all tests of a run share. */
interface Running {
  readonly firefox: Firefox
}

/** The stage with a Firefox beside the Chromium. */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & Stage & Browsers,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & Places & Running
> = stage.extend<Browsers, Running>({
  firefox: [
    // Playwright reads the fixtures that are needed from this pattern, even where there are none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await using firefox = await startFirefox(findFirefox() ?? 'firefox')
      await use(firefox)
    },
    { scope: 'worker' },
  ],
  profile: async ({ firefox }, use) => {
    await using profile = await firefox.newProfile()
    await use(profile)
  },
  newFirefoxTab: async ({ profile, site, relay }, use) => {
    await use(() => openTab(profile, site.url, relay.address))
  },
  newTabIn: async ({ newTab, newFirefoxTab }, use) => {
    await use((browser) => (browser === 'firefox' ? newFirefoxTab() : newTab()))
  },
  newNodeIn: async ({ newNode, profile, pages, relay }, use) => {
    const newFirefoxNode = (name: string): Promise<NodePage<FirefoxPage>> => {
      const open = async (): Promise<FirefoxPage> => {
        const page = await profile.newPage()
        await page.goto(pages.url('node', name))
        return page
      }
      // WebDriver cannot end a page's process. Closed without a question, the page can at least not tidy up.
      return openNodePage({ open, crash: () => Promise.resolve() }, { schema: SCHEMA, p2p: { relays: [relay.address] } })
    }
    await use((browser, name) => (browser === 'firefox' ? newFirefoxNode(name) : newNode(name)))
  },
})

export { expect } from '@playwright/test'

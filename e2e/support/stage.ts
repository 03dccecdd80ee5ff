import { join } from 'node:path'

import {
  test as base,
  type Page,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestType,
} from '@playwright/test'

import { openNodePage, type NodePage } from './node-page.ts'
import { servePages, type PageServer } from './pages.ts'
import { startRelayProcess, type RelayProcess } from './relay-process.ts'
import { serveSite, type Site } from './site.ts'
import { openTab, type Tab } from './tab.ts'

export interface Stage {
  readonly relay: RelayProcess
  /** Opens the playground in a new tab of the test's browser profile: a node of its own that knows only the relay. */
  readonly newTab: () => Promise<Tab>
  /** Opens an empty page under a name of its own; its database subscribes to what the test tells it. */
  readonly newNode: (name: string) => Promise<NodePage>
}

/** What all tests of a run share. */
export interface Places {
  readonly site: Site
  readonly pages: PageServer
}

/** The collections of `newNode`. */
export const SCHEMA = 'type Note { title: String body: String } type Marker { title: String body: String }'

/** A test with a relay of its own and as many tabs as it opens. */
export const test: TestType<PlaywrightTestArgs & PlaywrightTestOptions & Stage, PlaywrightWorkerArgs & PlaywrightWorkerOptions & Places> =
  base.extend<Stage, Places>({
    site: [
      // Playwright reads the fixtures that are needed from this pattern, even where there are none.
      // oxlint-disable-next-line no-empty-pattern
      async ({}, use) => {
        const site = await serveSite()
        await use(site)
        await site.close()
      },
      { scope: 'worker' },
    ],
    pages: [
      // oxlint-disable-next-line no-empty-pattern
      async ({}, use) => {
        await using pages = await servePages(join(import.meta.dirname, '../pages'), ['node'])
        await use(pages)
      },
      { scope: 'worker' },
    ],
    // oxlint-disable-next-line no-empty-pattern
    relay: async ({}, use) => {
      const relay = await startRelayProcess()
      await use(relay)
      await relay.dispose()
    },
    newTab: async ({ context, site, relay }, use) => {
      await use(() => openTab(context, site.url, relay.address))
    },
    newNode: async ({ context, pages, relay }, use) => {
      await use((name) => {
        const open = async (): Promise<Page> => {
          const page = await context.newPage()
          await page.goto(pages.url('node', name))
          return page
        }
        return openNodePage({ open, crash: crashPage }, { schema: SCHEMA, p2p: { relays: [relay.address] } })
      })
    },
  })

/** Ends the process of a page at once. */
export async function crashPage(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash')
  const session = await page.context().newCDPSession(page)
  // Nobody is left to answer.
  session.send('Page.crash').catch(() => {})
  await crashed
}

export { expect } from '@playwright/test'

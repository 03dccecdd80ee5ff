import {
  test as base,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestType,
} from '@playwright/test'

import { startRelayProcess, type RelayProcess } from './relay-process.ts'
import { serveSite, type Site } from './site.ts'
import { openTab, type Tab } from './tab.ts'

interface Stage {
  readonly relay: RelayProcess
  /** Opens the playground in a new tab of the test's browser profile: a node of its own that knows only the relay. */
  readonly newTab: () => Promise<Tab>
}

/** A test with a relay of its own and as many tabs as it opens. */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & Stage,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & { readonly site: Site }
> = base.extend<Stage, { readonly site: Site }>({
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
  // oxlint-disable-next-line no-empty-pattern
  relay: async ({}, use) => {
    const relay = await startRelayProcess()
    await use(relay)
    await relay.dispose()
  },
  newTab: async ({ context, site, relay }, use) => {
    await use(() => openTab(context, site.url, relay.address))
  },
})

export { expect } from '@playwright/test'

import { defineConfig, type PlaywrightTestConfig } from '@playwright/test'

import { findBrowser, LAUNCH_ARGUMENTS } from './scripts/browser.mjs'

/** Several real processes: a relay, a web server, and Chromium tabs that meet over WebRTC. */
const config: PlaywrightTestConfig = defineConfig({
  testDir: 'e2e',
  timeout: 60_000,
  // One at a time: the tabs of one test already keep a small machine busy.
  workers: 1,
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  outputDir: 'test-results/e2e',
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: findBrowser(), args: [...LAUNCH_ARGUMENTS] },
    screenshot: 'only-on-failure',
  },
})

export default config

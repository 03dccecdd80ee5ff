import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

import packageJson from './package.json' with { type: 'json' }
import { findBrowser, LAUNCH_ARGUMENTS } from './scripts/browser.mjs'

const NETWORK_PACKAGES = Object.keys(packageJson.dependencies).filter((name) => name.includes('libp2p') || name.includes('multiformats'))
const SIGNATURE_MODULES = ['@noble/curves/ed25519.js', '@noble/curves/secp256k1.js', '@noble/curves/utils.js', '@noble/hashes/sha2.js']

/** Unit tests: `node` runs `*.test.ts`, `browser` runs `*.browser.test.ts` in a real Chromium. */
const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['{src,relay,test}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.browser.test.{ts,tsx}'],
          testTimeout: 30_000,
        },
      },
      {
        // The network is loaded when a test first opens it, as is what verifies signatures. Vite has to know their packages before: one found later reloads the page
        // under a running test.
        optimizeDeps: { include: [...NETWORK_PACKAGES, ...SIGNATURE_MODULES] },
        test: {
          name: 'browser',
          include: ['src/**/*.browser.test.{ts,tsx}'],
          testTimeout: 30_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: findBrowser(), args: [...LAUNCH_ARGUMENTS] } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})

export default config

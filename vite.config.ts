import { defineConfig, type UserConfig } from 'vite'

/** The playground page. `vitest.config.ts` and `playwright.config.ts` have the tests. */
const config: UserConfig = defineConfig({
  root: 'src/playground',
  publicDir: '../../public',
  // A relative base: the page also works from a folder of a static host.
  base: './',
  // React and GraphQL are one piece and libp2p the other; the page wants both at once, so smaller pieces would gain nothing.
  build: { outDir: '../../dist/playground', emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 800 },
})

export default config

import { defineConfig, type UserConfig } from 'vite'

/** The playground page. `vitest.config.ts` and `playwright.config.ts` have the tests. */
const config: UserConfig = defineConfig({
  root: 'src/playground',
  publicDir: '../../public',
  // A relative base: the page also works from a folder of a static host.
  base: './',
  build: { outDir: '../../dist/playground', emptyOutDir: true, target: 'es2023' },
})

export default config

import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { chromium, type Page } from 'playwright'

import { findBrowser, LAUNCH_ARGUMENTS } from '../../scripts/browser.mjs'

/** A Chromium with a profile on disk. A plain context would keep IndexedDB in memory, where no write costs what it costs a user. */
export interface Chromium extends AsyncDisposable {
  readonly version: string
  /** Opens a page and waits until it has loaded. What it throws or logs as an error ends up in `complaints`. */
  open(url: string): Promise<Page>
  readonly complaints: readonly string[]
  /** Bytes on disk of what an origin has in IndexedDB, once they have stopped changing. */
  storedBytes(originFolder: string): Promise<number>
}

export async function startChromium(signal: AbortSignal): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'warren-bench-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowser(),
    args: [...LAUNCH_ARGUMENTS],
    headless: true,
  })
  const complaints: string[] = []
  const onAbort = (): void => void context.close()
  signal.addEventListener('abort', onAbort, { once: true })

  return {
    version: context.browser()?.version() ?? 'unknown',
    complaints,
    open: async (url) => {
      const page = await context.newPage()
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      await page.goto(url)
      return page
    },
    storedBytes: (originFolder) => settledSize(join(profile, 'Default/IndexedDB', originFolder)),
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener('abort', onAbort)
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Bytes of JavaScript objects that are still in use. */
export async function usedHeap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize
}

/** Runs `body` under the CPU profiler and writes the profile, which DevTools opens. Without a file it just runs. */
export async function profiled<T>(page: Page, file: string | undefined, body: () => Promise<T>): Promise<T> {
  if (file === undefined) return body()
  const session = await page.context().newCDPSession(page)
  await session.send('Profiler.enable')
  await session.send('Profiler.setSamplingInterval', { interval: 200 })
  await session.send('Profiler.start')
  try {
    return await body()
  } finally {
    const { profile } = await session.send('Profiler.stop')
    await writeFile(file, JSON.stringify(profile))
    await session.detach()
  }
}

async function settledSize(folder: string): Promise<number> {
  let [before, size] = [-1, await sizeOf(folder)]
  for (let look = 0; look < 10 && before !== size; look++) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    ;[before, size] = [size, await sizeOf(folder)]
  }
  return size
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const sizes = await Promise.all(names.map(async (name) => stat(join(folder, name)).catch(() => undefined)))
  return sizes.reduce((sum, entry) => sum + (entry?.isFile() === true ? entry.size : 0), 0)
}

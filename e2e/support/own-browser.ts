import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { chromium, type BrowserContext, type Page } from 'playwright'

import { findBrowser, LAUNCH_ARGUMENTS } from '../../scripts/browser.mjs'

/** A browser whose processes can be ended or stopped at once, as a power cut or a lid does. Its profile outlives them. Not on Windows. */
export interface OwnBrowser extends AsyncDisposable {
  readonly context: BrowserContext
  open(url: string): Promise<Page>
  /** Ends all of its processes: no page gets to say a word. */
  kill(): Promise<void>
  /** Starts it again after `kill`, with the same profile. */
  restart(): Promise<void>
  /** Stops all of its processes, as a machine that falls asleep. */
  pause(): void
  resume(): void
}

export interface OwnBrowserOptions {
  /** What it is started by, such as `ip netns exec`. */
  readonly prefix?: readonly string[]
  readonly launchArguments?: readonly string[]
}

export async function startOwnBrowser({ prefix = [], launchArguments = [] }: OwnBrowserOptions = {}): Promise<OwnBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-browser-'))
  const script = join(folder, 'start.sh')
  const pidFile = join(folder, 'pid')
  // Playwright does not tell the process of a browser with a profile. It starts it as the leader of a process group, and `exec` keeps its ID.
  await writeFile(script, `#!/bin/sh\necho $$ > '${pidFile}'\nexec ${[...prefix, `'${findBrowser()}'`].join(' ')} "$@"\n`)
  await chmod(script, 0o755)

  async function launch(): Promise<{ readonly context: BrowserContext; readonly group: number }> {
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: script,
      args: [...LAUNCH_ARGUMENTS, ...launchArguments],
      headless: true,
    })
    return { context, group: -Number(await readFile(pidFile, 'utf8')) }
  }

  let current = await launch()
  return {
    get context() {
      return current.context
    },
    open: async (url) => {
      const page = await current.context.newPage()
      await page.goto(url)
      return page
    },
    kill: async () => {
      const closed = current.context.waitForEvent('close')
      process.kill(current.group, 'SIGKILL')
      await closed
    },
    restart: async () => {
      current = await launch()
    },
    pause: () => {
      process.kill(current.group, 'SIGSTOP')
    },
    resume: () => {
      process.kill(current.group, 'SIGCONT')
    },
    [Symbol.asyncDispose]: async () => {
      await current.context.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import puppeteer, { type Page } from 'puppeteer-core'

import type { BrowserPage } from './browser-page.ts'

/** A Firefox that runs. Playwright drives only one of its own making, so puppeteer does it, over WebDriver BiDi. */
export interface Firefox extends AsyncDisposable {
  /** A profile whose pages share a storage of their own. */
  newProfile(): Promise<FirefoxProfile>
}

export interface FirefoxProfile extends AsyncDisposable {
  newPage(): Promise<FirefoxPage>
}

export interface FirefoxPage extends BrowserPage {
  /** Types into a field, and then Enter. */
  enter(selector: string, text: string): Promise<void>
}

const NAMES = ['firefox-esr', 'firefox']
const PLACES = ['/Applications/Firefox.app/Contents/MacOS/firefox', 'C:\\Program Files\\Mozilla Firefox\\firefox.exe']

/** How long it may take to print its version. */
const STARTS_WITHIN = 20_000

/** Path of a Firefox: `$WARREN_FIREFOX`, or one on the PATH or in its usual place that starts; undefined when there is none. */
export function findFirefox(): string | undefined {
  const named = process.env['WARREN_FIREFOX']
  if (named !== undefined && named !== '') return named
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...PLACES].find(
    (path) => existsSync(path) && prints(path),
  )
}

/** What is called so may only be a stub that asks for another package system. */
function prints(path: string): boolean {
  // On Windows the browser is a windowed program, which prints nothing and opens a window.
  return process.platform === 'win32' || spawnSync(path, ['--version'], { stdio: 'ignore', timeout: STARTS_WITHIN }).status === 0
}

export async function startFirefox(executablePath: string): Promise<Firefox> {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true })
  return {
    newProfile: async () => {
      const context = await browser.createBrowserContext()
      return {
        newPage: async () => firefoxPage(await context.newPage()),
        [Symbol.asyncDispose]: () => context.close(),
      }
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

function firefoxPage(page: Page): FirefoxPage {
  return {
    goto: (url) => page.goto(url),
    reload: () => page.reload(),
    close: () => page.close(),
    evaluate: async <Result>(script: (argument: unknown) => Result | Promise<Result>, argument?: unknown) =>
      (await page.evaluate(script, argument)) as Result,
    enter: async (selector, text) => {
      await page.type(selector, text)
      await page.keyboard.press('Enter')
    },
  }
}

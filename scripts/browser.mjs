// Finds the Chromium that tests run in. Plain JavaScript: the set-up script uses it before anything is installed, on whatever Node there is.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

/**
 * - no-sandbox: Chromium refuses its sandbox to root, which is what containers run as;
 * - WebRtcHideLocalIpsWithMdns: machines without a multicast resolver cannot look up the `.local` names that stand for local addresses.
 */
export const LAUNCH_ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-features=WebRtcHideLocalIpsWithMdns']

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/**
 * Path of a Chromium: `$WARREN_BROWSER`, one on the PATH or in its usual place, else the one Playwright downloaded; undefined when there is none.
 * @returns {string | undefined}
 */
export function findBrowser() {
  const named = process.env['WARREN_BROWSER']
  if (named !== undefined && named !== '') return named
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const installed = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...PLACES].find((path) => existsSync(path))
  return installed ?? playwrightBrowser()
}

/** @returns {string | undefined} */
function playwrightBrowser() {
  try {
    const path = createRequire(import.meta.url)('playwright').chromium.executablePath()
    return existsSync(path) ? path : undefined
  } catch {
    return undefined // Playwright is not installed yet: then it has downloaded no browser either.
  }
}

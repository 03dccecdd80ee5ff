import { join } from 'node:path'

import type { Page } from 'playwright'

import { servePages, type PageServer } from '../../e2e/support/pages.ts'
import { startRelayProcess, type RelayProcess } from '../../e2e/support/relay-process.ts'
import { isSamePerson, person } from '../documents.ts'
import type { BenchRun } from '../measure.ts'
import { startChromium, type Chromium } from './chromium.ts'

/** What a subject between two tabs is measured on. */
export interface Stage {
  readonly bench: BenchRun
  readonly server: PageServer
  readonly browser: Chromium
  readonly relay: RelayProcess
  /** The two pages of the raw channel. */
  readonly raw: { readonly a: Page; readonly b: Page }
}

/** Sets the stage, and takes it down when `play` is through. */
export async function onStage(bench: BenchRun, play: (stage: Stage) => Promise<void>): Promise<void> {
  await using server = await servePages(join(import.meta.dirname, '../pages'), ['channel', 'node'], {
    readable: bench.profiles !== undefined,
  })
  await using browser = await startChromium(bench.signal)
  bench.note(`Chromium ${browser.version}`)
  const relay = await startRelayProcess()
  // Out of time, it ends whatever else is still waiting.
  bench.signal.addEventListener('abort', () => void relay.kill(), { once: true })
  try {
    const url = server.url('channel', 'raw')
    await play({ bench, server, browser, relay, raw: { a: await browser.open(url), b: await browser.open(url) } })
  } finally {
    await relay.dispose()
  }
  for (const complaint of browser.complaints) bench.fail('a page', new Error(complaint))
}

/** A part that fails does not keep the others from being measured. */
export async function part(bench: BenchRun, what: string, body: () => Promise<void>): Promise<void> {
  bench.signal.throwIfAborted()
  bench.progress(what)
  try {
    await body()
  } catch (error) {
    bench.fail(what, error)
  }
}

/** Connects two pages anew, carrying the signalling by hand. @returns when the channel opened in the second one */
export async function connectRaw(a: Page, b: Page): Promise<number> {
  const offer = await a.evaluate(() => globalThis.channelPage.offer())
  const answer = await b.evaluate((offer) => globalThis.channelPage.answer(offer), offer)
  await a.evaluate((answer) => globalThis.channelPage.accept(answer), answer)
  await a.evaluate(() => globalThis.channelPage.untilOpen())
  return b.evaluate(() => globalThis.channelPage.untilOpen())
}

/** Opens a tab with a WarrenDB node, which subscribes to everything unless it is told not to. */
export async function openNode(
  { server, browser, relay }: Stage,
  name: string,
  room: string,
  { subscribes = true }: { readonly subscribes?: boolean } = {},
): Promise<Page> {
  const query = new URLSearchParams({ name, room, relay: relay.address, ...(subscribes ? { subscribe: 'all' } : {}) })
  const page = await browser.open(`${server.url('node', 'warren')}?${query}`)
  await page.evaluate(() => globalThis.nodePage.ready())
  return page
}

/** A tab has exactly these documents; some of them are looked at. */
export async function expectPeople(page: Page, ids: readonly string[]): Promise<void> {
  expectEqual('documents in the second tab', await page.evaluate(() => globalThis.nodePage.count()), ids.length)
  for (let index = 0; index < ids.length; index += Math.ceil(ids.length / 20)) {
    const found = await page.evaluate((id) => globalThis.nodePage.get(id), ids[index] ?? '')
    if (!isSamePerson(person(index), found)) throw new Error(`document ${ids[index]} is not what was written`)
  }
}

export function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found} instead of ${expected}`)
}

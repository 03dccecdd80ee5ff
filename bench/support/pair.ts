import { join } from 'node:path'

import type { Page } from 'playwright'

import { startOwnBrowser, type OwnBrowser } from '../../e2e/support/own-browser.ts'
import { createOwnNetwork, type OwnNetwork } from '../../e2e/support/own-network.ts'
import { servePages, type PageServer } from '../../e2e/support/pages.ts'
import { startRelayProcess, type RelayProcess } from '../../e2e/support/relay-process.ts'
import type { BenchRun } from '../measure.ts'

/** Two tabs in two browsers, which know two relays. The second browser has a network of its own where the machine lets it. */
export interface Pair {
  readonly server: PageServer
  readonly a: Page
  /** Another one after `reopen`. */
  readonly b: Page
  readonly first: RelayProcess
  readonly second: RelayProcess
  readonly browserA: OwnBrowser
  readonly browserB: OwnBrowser
  readonly network: OwnNetwork | undefined
  /** Opens the second tab anew: it was closed, or its browser killed. */
  reopen(): Promise<void>
  /** Waits until both tabs are connected to each other and to the relays, whatever was before. */
  settle(): Promise<void>
}

export function servePair(): Promise<PageServer> {
  return servePages(join(import.meta.dirname, '../pages'), ['channel', 'connection'])
}

export async function withPair(bench: BenchRun, server: PageServer, play: (pair: Pair) => Promise<void>): Promise<void> {
  const relays = [await startRelayProcess(), await startRelayProcess()] as const
  const endRelays = (): void => void Promise.all(relays.map((relay) => relay.kill()))
  // Out of time, this ends whatever is still waiting.
  bench.signal.addEventListener('abort', endRelays, { once: true })
  try {
    const ports = [server.url('connection', 'b'), ...relays.map(({ address }) => address)].map(portOf)
    await using network = await createOwnNetwork(ports)
    await using browserA = await startOwnBrowser()
    await using browserB = await startOwnBrowser(network?.browser)
    const open = async (browser: OwnBrowser, origin: string): Promise<Page> => {
      const query = new URLSearchParams([['room', 'pair'], ...relays.map(({ address }) => ['relay', address])])
      const page = await browser.open(`${server.url('connection', origin)}?${query}`)
      await page.evaluate(() => globalThis.connectionPage.ready())
      return page
    }
    const a = await open(browserA, 'a')
    let b = await open(browserB, 'b')
    await play({
      server,
      a,
      get b() {
        return b
      },
      first: relays[0],
      second: relays[1],
      browserA,
      browserB,
      network,
      reopen: async () => {
        b = await open(browserB, 'b')
      },
      settle: async () => {
        await Promise.all(
          [a, b].map((page) =>
            page.evaluate(() => Promise.all([globalThis.connectionPage.untilReserved(), globalThis.connectionPage.untilDirect()])),
          ),
        )
      },
    })
  } finally {
    await Promise.all(relays.map((relay) => relay.dispose()))
  }
}

function portOf(address: string): number {
  return Number(/^http:.*:(\d+)|\/tcp\/(\d+)/.exec(address)?.slice(1).find(Boolean))
}

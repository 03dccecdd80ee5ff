import { join } from 'node:path'

import type { Page } from 'playwright'

import { servePages } from '../e2e/support/pages.ts'
import type { BenchRun, Subject } from './measure.ts'
import { profiled, startChromium } from './support/chromium.ts'
import { installPeers } from './support/install-peers.ts'
import type { RoundOptions } from './query-workload.ts'
import { rotated } from './support/rotated.ts'

/** Who is measured. Each has an origin of its own, so that nobody's storage is in another's way. */
interface Entry {
  readonly name: string
  readonly page: string
  readonly origin: string
  /** The most documents that it is filled with; as many as there are when absent. */
  readonly most?: number
}

const CONTESTANTS: readonly Entry[] = [
  { name: 'raw idb', page: 'queries-raw', origin: 'raw' },
  { name: 'WarrenDB', page: 'queries-warren', origin: 'warren' },
]
const PEERS: readonly Entry[] = [
  { name: 'Dexie', page: 'peers-page', origin: 'dexie' },
  { name: 'RxDB', page: 'peers-page', origin: 'rxdb' },
  // A scan of a hundred thousand documents would take it longer than all the others together.
  { name: 'PouchDB', page: 'peers-page', origin: 'pouchdb', most: 10_000 },
  { name: 'TinyBase', page: 'peers-page', origin: 'tinybase' },
  { name: 'Yjs', page: 'peers-page', origin: 'yjs' },
]

interface Size extends Pick<RoundOptions, 'turns' | 'writes' | 'patience'> {
  readonly n: number
  readonly rounds: number
}

const WHOLE: readonly Size[] = [
  { n: 1_000, rounds: 5, turns: 4, writes: 20, patience: 1_000 },
  { n: 10_000, rounds: 3, turns: 3, writes: 15, patience: 1_000 },
  { n: 100_000, rounds: 2, turns: 2, writes: 8, patience: 1_000 },
]
const QUICK: readonly Size[] = [{ n: 1_000, rounds: 2, turns: 3, writes: 10, patience: 1_000 }]

export const queries: Subject = {
  name: 'queries',
  title: 'Queries in one tab, documents on disk',
  contestants: CONTESTANTS.map(({ name }) => name),
  peers: PEERS.map(({ name }) => name),
  seconds: { whole: 400, quick: 40 },
  run: async (bench) => {
    const readable = bench.profiles !== undefined
    await using own = await servePages(join(import.meta.dirname, 'pages'), ['queries-raw', 'queries-warren'], { readable })
    await using others = bench.peers ? await servePeers(readable) : undefined
    await using browser = await startChromium(bench.signal)
    bench.note(`Chromium ${browser.version}`)
    const entries = bench.peers ? [...CONTESTANTS, ...PEERS] : CONTESTANTS
    for (const size of bench.quick ? QUICK : WHOLE) {
      const taking = entries.filter(({ most = size.n }) => most >= size.n)
      const pages = new Map<Entry, Page>()
      for (const entry of taking) {
        const server = PEERS.includes(entry) ? others : own
        if (server !== undefined) pages.set(entry, await browser.open(server.url(entry.page, entry.origin)))
      }
      await runSize(bench, size, pages)
      for (const page of pages.values()) await page.close()
    }
    for (const complaint of browser.complaints) bench.fail('a page', new Error(complaint))
  },
}

async function servePeers(readable: boolean): ReturnType<typeof servePages> {
  const root = join(import.meta.dirname, 'peers')
  await installPeers(root)
  return servePages(root, ['peers-page'], { readable })
}

/** Fills every database once, then goes round: each contestant answers everything, and begins at another place each time. */
async function runSize(bench: BenchRun, size: Size, pages: ReadonlyMap<Entry, Page>): Promise<void> {
  const { n, rounds, turns, writes, patience } = size
  const entries = [...pages.keys()]
  // A contestant that breaks down is left out from then on; the others go on.
  const broken = new Set<Entry>()

  async function attempt(entry: Entry, what: string, body: (page: Page) => Promise<void>): Promise<void> {
    bench.signal.throwIfAborted()
    const page = pages.get(entry)
    if (page === undefined || broken.has(entry)) return
    bench.progress(`${n} documents, ${what}: ${entry.name}`)
    try {
      await body(page)
    } catch (error) {
      broken.add(entry)
      bench.fail(`${entry.name}, ${what}, ${n} documents`, error)
    }
  }

  for (const entry of entries) {
    await attempt(entry, 'filling', (page) =>
      page.evaluate(([name, n]) => globalThis.queriesPage.fill(name, `queries-${n}`, n), [entry.name, n] as const),
    )
  }
  // The first round is there to warm up the pages.
  for (let round = 0; round <= rounds; round++) {
    for (const entry of rotated(entries, round)) {
      await attempt(entry, round === 0 ? 'warming up' : `round ${round} of ${rounds}`, async (page) => {
        const file =
          bench.profiles !== undefined && round === rounds ? `${bench.profiles}/queries-${entry.name}-${n}.cpuprofile` : undefined
        const results = await profiled(page, file, () =>
          page.evaluate((options) => globalThis.queriesPage.round(options), { round, turns, writes, patience }),
        )
        for (const result of results) {
          if ('failure' in result) bench.fail(`${entry.name}, ${result.measure.name}, ${n} documents`, new Error(result.failure))
          else if (round > 0) bench.record(result.measure, entry.name, n, result.samples)
        }
      })
    }
  }
  for (const entry of entries) await attempt(entry, 'cleaning up', (page) => page.evaluate(() => globalThis.queriesPage.end()))
}

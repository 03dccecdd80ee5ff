import { join } from 'node:path'

import { servePages, type PageServer } from '../e2e/support/pages.ts'
import { LOCAL, type WorkloadOptions } from './local-workload.ts'
import type { BenchRun, Measure, Subject } from './measure.ts'
import { profiled, startChromium, usedHeap, type Chromium } from './support/chromium.ts'
import { rotated } from './support/rotated.ts'
import type { Page } from 'playwright'

/** Contestants and the page that has them. Each page has an origin of its own, so that nobody's storage is in another's way. */
const CONTESTANTS = [
  { name: 'raw idb', page: 'local-raw', origin: 'raw' },
  { name: 'collection', page: 'local-warren', origin: 'warren' },
  { name: 'GraphQL', page: 'local-warren', origin: 'warren' },
] as const

const STORAGE: Measure = { name: 'storage used', unit: 'MB', target: { ratio: 0.5 } }
const HEAP: Measure = { name: 'heap with the database open', unit: 'MB' }

interface Size {
  readonly runs: number
  readonly workload: WorkloadOptions
}

const WHOLE: readonly Size[] = [
  { runs: 5, workload: { n: 1_000, singles: 50, queries: 7, isKept: true } },
  { runs: 4, workload: { n: 10_000, singles: 50, queries: 5, isKept: true } },
]
const QUICK: readonly Size[] = [{ runs: 2, workload: { n: 1_000, singles: 30, queries: 3, isKept: true } }]

export const local: Subject = {
  name: 'local',
  title: 'One tab, no network, documents on disk',
  contestants: CONTESTANTS.map(({ name }) => name),
  seconds: { whole: 165, quick: 25 },
  run: async (bench) => {
    await using server = await servePages(join(import.meta.dirname, 'pages'), ['local-raw', 'local-warren'], {
      readable: bench.profiles !== undefined,
    })
    await using browser = await startChromium(bench.signal)
    bench.note(`Chromium ${browser.version}`)
    const pages = new Map<string, Page>()
    for (const { page, origin } of CONTESTANTS) {
      if (!pages.has(page)) pages.set(page, await browser.open(server.url(page, origin)))
    }
    for (const [index, size] of (bench.quick ? QUICK : WHOLE).entries()) {
      // The first run of a page is there to warm it up.
      await runSize(bench, size, pages, index === 0 ? -1 : 0)
    }
    for (const page of pages.values()) await page.close()
    await measureSpace(bench, bench.quick ? 1_000 : 10_000, bench.quick ? 1 : 3, server, browser)
    for (const complaint of browser.complaints) bench.fail('a page', new Error(complaint))
  },
}

async function runSize(bench: BenchRun, { runs, workload }: Size, pages: ReadonlyMap<string, Page>, firstRun: number): Promise<void> {
  const { n } = workload

  async function runOnce(contestant: (typeof CONTESTANTS)[number], run: number): Promise<void> {
    const page = pages.get(contestant.page)
    if (page === undefined) return
    const { name } = contestant
    const isProfiled = bench.profiles !== undefined && run === runs - 1
    const results = await profiled(page, isProfiled ? `${bench.profiles}/local-${name}-${n}.cpuprofile` : undefined, () =>
      page.evaluate(([name, database, options]) => globalThis.localPage.run(name, database, options), [
        name,
        `${name.replaceAll(' ', '-')}-${n}-${run}`,
        workload,
      ] as const),
    )
    for (const result of results) {
      if ('failure' in result) bench.fail(`${name}, ${LOCAL[result.measure].name}, ${n} documents`, new Error(result.failure))
      else if (run >= 0) bench.record(LOCAL[result.measure], name, n, result.samples)
    }
  }

  // A contestant that breaks down is left out from then on; the others go on.
  const broken = new Set<string>()
  for (let run = firstRun; run < runs; run++) {
    for (const contestant of rotated(CONTESTANTS, run)) {
      bench.signal.throwIfAborted()
      if (broken.has(contestant.name)) continue
      bench.progress(`${n} documents, run ${run + 1} of ${runs}: ${contestant.name}`)
      try {
        await runOnce(contestant, run)
      } catch (error) {
        broken.add(contestant.name)
        bench.fail(`${contestant.name}, ${n} documents`, error)
      }
    }
  }
  for (const [name, page] of pages) {
    try {
      await page.evaluate(() => globalThis.localPage.clear())
    } catch (error) {
      bench.fail(`deleting the databases of ${name}`, error)
    }
  }
}

async function measureSpace(bench: BenchRun, n: number, fills: number, server: PageServer, browser: Chromium): Promise<void> {
  for (const { name, page: pageName, origin } of CONTESTANTS.filter(({ name }) => name !== 'GraphQL')) {
    bench.progress(`${n} documents, space: ${name}`)
    try {
      // Several times: what LevelDB has not compacted yet differs from fill to fill.
      for (let fill = 0; fill < fills; fill++) {
        const spaceOrigin = `${origin}-space-${fill}`
        const page = await browser.open(server.url(pageName, spaceOrigin))
        const before = await usedHeap(page)
        await page.evaluate(([name, n]) => globalThis.localPage.fill(name, 'space', n), [name, n] as const)
        bench.record(HEAP, name, n, [((await usedHeap(page)) - before) / 1e6])
        await page.evaluate(() => globalThis.localPage.close())
        bench.record(STORAGE, name, n, [(await browser.storedBytes(server.folder(spaceOrigin))) / 1e6])
        await page.close()
      }
    } catch (error) {
      bench.fail(`${name}, space of ${n} documents`, error)
    }
  }
}

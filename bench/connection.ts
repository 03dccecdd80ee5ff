import type { Page } from 'playwright'

import type { BenchRun, Measure, Subject } from './measure.ts'
import { servePair, withPair, type Pair } from './support/pair.ts'
import { connectRaw, part } from './support/tabs.ts'

const RAW = 'raw channel'
const WARREN = 'WarrenDB'

const CONNECTED = 'open: the page to the direct connection'
/** Longer than a peer may be silent, so that the other side has given it up. */
const AWAY = 10_000
/** Time that something short is away. */
const SHORT = 3_000

/** What is measured of a fault, in milliseconds. */
interface Outcome {
  readonly what: string
  readonly time: number
  readonly within?: number
}

interface Fault {
  readonly name: string
  /** It needs a network of its own. */
  readonly cuts?: boolean
  /** It brings the fault about and waits until both tabs are in sync again, in both directions. */
  readonly play: (pair: Pair) => Promise<readonly Outcome[]>
}

const FAULTS: readonly Fault[] = [
  { name: 'reload of the tab that dials', play: async (pair) => playReload(pair, 'reload of the tab that dials', (a, b) => a < b) },
  {
    name: 'reload of the tab that is dialled',
    play: async (pair) => playReload(pair, 'reload of the tab that is dialled', (a, b) => a > b),
  },
  { name: 'relay restart', play: playRelayRestart },
  { name: 'relay gone for good', play: playRelayGone },
  { name: 'browser killed', play: playKill },
  { name: 'offline and online', play: playOffline },
  { name: 'network change', cuts: true, play: playNetworkChange },
  { name: 'frozen page', play: playFreeze },
  { name: 'machine asleep', play: playSleep },
  { name: 'cable pulled', cuts: true, play: playCable },
]

export const connection: Subject = {
  name: 'connection',
  title: 'From an opened page to the first document, and back after each fault',
  contestants: [RAW, WARREN],
  seconds: { whole: 1_800, quick: 360 },
  run: async (bench) => {
    const runs = bench.quick ? 3 : 20
    await using server = await servePair()
    await part(bench, 'opening', () => withPair(bench, server, (pair) => measureOpenings(bench, pair, runs)))
    for (const { name, cuts, play } of FAULTS) {
      await part(bench, name, () =>
        withPair(bench, server, async (pair) => {
          if (cuts === true && pair.network === undefined) return bench.note(`${name}: not measured, it takes Linux, root and ip`)
          for (let run = 0; run < runs; run++) {
            bench.progress(`${name}, run ${run + 1} of ${runs}`)
            await pair.settle()
            record(bench, WARREN, await play(pair))
          }
        }),
      )
    }
  },
}

async function measureOpenings(bench: BenchRun, pair: Pair, runs: number): Promise<void> {
  bench.note(`Chromium ${pair.browserA.context.browser()?.version() ?? 'unknown'}`)
  const rawUrl = pair.server.url('channel', 'raw')
  const rawA = await pair.browserA.open(rawUrl)
  await pair.a.evaluate(() => globalThis.connectionPage.write())
  for (let run = 0; run < runs; run++) {
    bench.progress(`opening ${run + 1} of ${runs}`)
    const rawB = await pair.browserB.open(rawUrl)
    const rawOpened = await rawB.evaluate(() => performance.timeOrigin)
    record(bench, RAW, [{ what: CONNECTED, within: 1_500, time: (await connectRaw(rawA, rawB)) - rawOpened }])
    await rawB.close()

    await pair.b.close()
    // One document for each opening: what the tab has stored already does not come again.
    await pair.a.evaluate(() => globalThis.connectionPage.write())
    await pair.reopen()
    const { pageOpened, databaseOpened, direct, firstDocument } = await pair.b.evaluate(() => globalThis.connectionPage.opening())
    record(bench, WARREN, [
      { what: 'open: the page to the open database', time: databaseOpened - pageOpened },
      { what: CONNECTED, within: 1_500, time: direct - pageOpened },
      { what: 'open: the page to the first synced document', time: firstDocument - pageOpened },
    ])
  }
}

async function playReload(pair: Pair, what: string, isIt: (own: string, other: string) => boolean): Promise<readonly Outcome[]> {
  const [a, b] = [await peerId(pair.a), await peerId(pair.b)]
  const page = isIt(a, b) ? pair.a : pair.b
  await page.reload()
  const since = await page.evaluate(() => globalThis.connectionPage.pageOpened())
  return [{ what: `${what}: page to both in sync`, within: 2_000, time: await untilSynced(pair, since) }]
}

async function playRelayRestart({ a, b, first }: Pair): Promise<readonly Outcome[]> {
  await first.kill()
  await pause(SHORT)
  await first.restart()
  const since = now()
  const times = await Promise.all([a, b].map((page) => page.evaluate(() => globalThis.connectionPage.untilReserved())))
  return [{ what: 'relay restart: back to both reachable there', within: 5_000, time: Math.max(...times) - since }]
}

async function playRelayGone(pair: Pair): Promise<readonly Outcome[]> {
  await pair.first.kill()
  await pair.b.reload()
  const since = await pair.b.evaluate(() => globalThis.connectionPage.pageOpened())
  const time = await untilSynced(pair, since)
  await pair.first.restart()
  return [{ what: 'relay gone, a second one is there: reloaded page to both in sync', within: 2_000, time }]
}

async function playKill(pair: Pair): Promise<readonly Outcome[]> {
  const killed = now()
  await pair.browserB.kill()
  const noticed = await untilAlone(pair.a)
  await pair.browserB.restart()
  await pair.reopen()
  const since = await pair.b.evaluate(() => globalThis.connectionPage.pageOpened())
  return [
    { what: 'browser killed: until the other side notices', within: 10_000, time: noticed - killed },
    { what: 'browser killed: page opened again to both in sync', time: await untilSynced(pair, since) },
  ]
}

async function playOffline(pair: Pair): Promise<readonly Outcome[]> {
  await pair.browserB.context.setOffline(true)
  await pause(SHORT)
  await pair.browserB.context.setOffline(false)
  return [{ what: 'offline for 3 s: online to both in sync', time: await untilSynced(pair, now()) }]
}

async function playNetworkChange(pair: Pair): Promise<readonly Outcome[]> {
  await pair.network?.change()
  return [{ what: 'network change: new address to both in sync', time: await untilSynced(pair, now()) }]
}

async function playFreeze(pair: Pair): Promise<readonly Outcome[]> {
  const session = await pair.b.context().newCDPSession(pair.b)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  await pause(AWAY)
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  const since = now()
  await session.detach()
  return [{ what: 'page frozen for 10 s: active to both in sync', time: await untilSynced(pair, since) }]
}

async function playSleep(pair: Pair): Promise<readonly Outcome[]> {
  const asleep = now()
  pair.browserB.pause()
  const [noticed] = await Promise.all([untilAlone(pair.a), pause(AWAY)])
  pair.browserB.resume()
  return [
    { what: 'machine asleep: until the other side notices', within: 10_000, time: noticed - asleep },
    { what: 'machine asleep for 10 s: awake to both in sync', time: await untilSynced(pair, now()) },
  ]
}

async function playCable(pair: Pair): Promise<readonly Outcome[]> {
  const unplugged = now()
  await pair.network?.unplug()
  const [noticed] = await Promise.all([untilAlone(pair.a), pause(AWAY)])
  await pair.network?.plug()
  return [
    { what: 'cable pulled: until the other side notices', within: 10_000, time: noticed - unplugged },
    { what: 'cable pulled for 10 s: plugged in to both in sync', time: await untilSynced(pair, now()) },
  ]
}

/** Both write a document, and each waits for the other's. */
async function untilSynced({ a, b }: Pair, since: number): Promise<number> {
  const [ofA, ofB] = await Promise.all([write(a), write(b)])
  const arrivals = await Promise.all([untilHas(a, ofB), untilHas(b, ofA)])
  return Math.max(...arrivals) - since
}

const write = (page: Page): Promise<string> => page.evaluate(() => globalThis.connectionPage.write())
const untilHas = (page: Page, id: string): Promise<number> => page.evaluate((id) => globalThis.connectionPage.untilHas(id), id)
const untilAlone = (page: Page): Promise<number> => page.evaluate(() => globalThis.connectionPage.untilAlone())
const peerId = (page: Page): Promise<string> => page.evaluate(() => globalThis.connectionPage.peerId())

/** Each is told in two ways: the median, and what nineteen of twenty runs stay below. */
function record(bench: BenchRun, contestant: string, outcomes: readonly Outcome[]): void {
  for (const { what, time, within } of outcomes) {
    for (const [suffix, quantile] of [
      ['p50', 0.5],
      ['p95', 0.95],
    ] as const) {
      const measure: Measure = {
        name: `${what}, ${suffix}`,
        unit: 'ms',
        quantile,
        ...(within === undefined ? {} : { target: { figure: within } }),
      }
      bench.record(measure, contestant, 1, [time])
    }
  }
}

/** The clock of the pages. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}

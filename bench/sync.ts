import type { Measure, Subject } from './measure.ts'
import type { Arrival, Departure } from './pages/api.ts'
import { profiled } from './support/chromium.ts'
import { connectRaw, expectEqual, expectPeople, onStage, openNode, part, type Stage } from './support/tabs.ts'

const RAW = 'raw channel'
const WARREN = 'WarrenDB'

const OPENING: Measure = { name: 'new tab: from its opening to the direct connection', unit: 'ms', target: { figure: 1_500 } }
const DATABASE_OPEN: Measure = { name: 'new tab: from its opening to the open database', unit: 'ms' }
const REOPENING: Measure = { name: 'the same tab again, with its documents', unit: 'ms', target: { figure: 1_500 } }
const CATCH_UP: Measure = { name: 'second tab has all: from the connection', unit: 'ms', target: { ratio: 3 } }
const CATCH_UP_OPENING = 'second tab has all: from its opening'
/** What users were promised is about this many documents. */
const PROMISED = { n: 1_000, milliseconds: 3_000 }
const BURST: Measure = { name: 'burst of 1,000 updates, from the first call', unit: 'ms', target: { ratio: 3 } }

/** Live updates are measured once and told in several ways. */
const LIVE: readonly { readonly measure: Measure; readonly from: 'called' | 'done'; readonly to: 'arrived' | 'shown' }[] = [
  {
    measure: { name: 'live update, stored in A → merge event in B, p50', unit: 'ms', quantile: 0.5, target: { ratio: 2.5 } },
    from: 'done',
    to: 'arrived',
  },
  { measure: { name: 'live update, stored in A → merge event in B, p95', unit: 'ms', quantile: 0.95 }, from: 'done', to: 'arrived' },
  {
    measure: { name: 'live update, stored in A → merge event in B, p99', unit: 'ms', quantile: 0.99, target: { ratio: 5 } },
    from: 'done',
    to: 'arrived',
  },
  { measure: { name: 'live update, called in A → merge event in B, p50', unit: 'ms', quantile: 0.5 }, from: 'called', to: 'arrived' },
  {
    measure: { name: "live update, stored in A → B's page shows it, p50", unit: 'ms', quantile: 0.5, target: { figure: 100 } },
    from: 'done',
    to: 'shown',
  },
  { measure: { name: "live update, stored in A → B's page shows it, p95", unit: 'ms', quantile: 0.95 }, from: 'done', to: 'shown' },
  { measure: { name: "live update, stored in A → B's page shows it, p99", unit: 'ms', quantile: 0.99 }, from: 'done', to: 'shown' },
]

const LIVE_UPDATES = 50
const BURST_UPDATES = 1_000
/** Between live updates, so that each travels alone. */
const PAUSE = 15
/** Ages that nobody has, so that what arrived can be counted by age. */
const FIRST_AGE = 1_000

interface Plan {
  readonly openings: number
  readonly sizes: readonly { readonly n: number; readonly runs: number }[]
  readonly liveRounds: number
  readonly bursts: number
}

const WHOLE: Plan = {
  openings: 10,
  sizes: [
    { n: 1_000, runs: 5 },
    { n: 10_000, runs: 3 },
  ],
  liveRounds: 6,
  bursts: 5,
}
const QUICK: Plan = { openings: 3, sizes: [{ n: 1_000, runs: 2 }], liveRounds: 2, bursts: 2 }

export const sync: Subject = {
  name: 'sync',
  title: 'Two tabs, a real relay, WebRTC, documents on disk',
  contestants: [RAW, WARREN],
  seconds: { whole: 130, quick: 30 },
  run: async (bench) => {
    const plan = bench.quick ? QUICK : WHOLE
    await onStage(bench, async (stage) => {
      await part(bench, 'opening a tab', () => measureOpenings(stage, plan.openings))
      for (const { n, runs } of plan.sizes) {
        await part(bench, `${n} documents for a new tab`, () => measureCatchUp(stage, n, runs))
      }
      await part(bench, 'live updates', () => measureLive(stage, plan.liveRounds, plan.bursts))
    })
  },
}

async function measureOpenings(stage: Stage, openings: number): Promise<void> {
  const { bench, server, browser } = stage
  const room = 'openings'
  const a = await openNode(stage, 'openings-a', room)
  await a.evaluate(() => globalThis.nodePage.create(0, 10))
  for (let opening = 0; opening < openings; opening++) {
    bench.progress(`opening ${opening + 1} of ${openings}`)
    const rawPage = await browser.open(server.url('channel', 'raw'))
    const rawOpened = await rawPage.evaluate(() => performance.timeOrigin)
    bench.record(OPENING, RAW, 10, [(await connectRaw(stage.raw.a, rawPage)) - rawOpened])
    await rawPage.close()

    for (const measure of [OPENING, REOPENING]) {
      const b = await openNode(stage, `openings-b-${opening}`, room)
      const { pageOpened, databaseOpened, direct } = await b.evaluate(() => globalThis.nodePage.opening())
      bench.record(measure, WARREN, 10, [direct - pageOpened])
      if (measure === OPENING) bench.record(DATABASE_OPEN, WARREN, 10, [databaseOpened - pageOpened])
      if (measure === OPENING) await b.evaluate(() => globalThis.nodePage.untilMerged(10))
      else expectEqual('documents in the tab that came back', await b.evaluate(() => globalThis.nodePage.count()), 10)
      await b.close()
    }
  }
  await a.close()
}

async function measureCatchUp(stage: Stage, n: number, runs: number): Promise<void> {
  const { bench, raw } = stage
  const room = `catch-up-${n}`
  const a = await openNode(stage, `${room}-a`, room)
  const ids = await a.evaluate((n) => globalThis.nodePage.create(0, n), n)
  for (let run = 0; run < runs; run++) {
    bench.progress(`${n} documents for a new tab, run ${run + 1} of ${runs}`)
    // A connection of its own for each run: a fresh one is slower than one that has warmed up, and a new tab has a fresh one.
    await connectRaw(raw.a, raw.b)
    await raw.b.evaluate(() => globalThis.channelPage.watch(false))
    const start = await raw.a.evaluate((n) => globalThis.channelPage.send(0, n), n)
    const end = await raw.b.evaluate((n) => globalThis.channelPage.untilArrived(n), n)
    await raw.b.evaluate((n) => globalThis.channelPage.verify(0, n), n)
    bench.record(CATCH_UP, RAW, n, [end - start])

    const b = await openNode(stage, `${room}-b-${run}`, room)
    const isProfiled = bench.profiles !== undefined && run === runs - 1
    const { opening, merged } = await profiled(a, isProfiled ? `${bench.profiles}/sync-${n}-first-tab.cpuprofile` : undefined, () =>
      profiled(b, isProfiled ? `${bench.profiles}/sync-${n}-second-tab.cpuprofile` : undefined, () =>
        b.evaluate(async (n) => {
          const merged = await globalThis.nodePage.untilMerged(n)
          return { opening: await globalThis.nodePage.opening(), merged }
        }, n),
      ),
    )
    await expectPeople(b, ids)
    bench.record(CATCH_UP, WARREN, n, [merged - opening.firstPeer])
    bench.record(
      { name: CATCH_UP_OPENING, unit: 'ms', ...(n === PROMISED.n ? { target: { figure: PROMISED.milliseconds } } : {}) },
      WARREN,
      n,
      [merged - opening.pageOpened],
    )
    await b.close()
  }
  await a.close()
}

async function measureLive(stage: Stage, rounds: number, bursts: number): Promise<void> {
  const { bench, raw } = stage
  const n = BURST_UPDATES
  const a = await openNode(stage, 'live-a', 'live')
  const ids = await a.evaluate((n) => globalThis.nodePage.create(0, n), n)
  const b = await openNode(stage, 'live-b', 'live')
  await b.evaluate((n) => globalThis.nodePage.untilMerged(n), n)
  await b.evaluate(() => globalThis.nodePage.opening())
  await connectRaw(raw.a, raw.b)

  const clocks = [
    await a.evaluate(() => globalThis.nodePage.clockOffset()),
    await raw.a.evaluate(() => globalThis.channelPage.clockOffset()),
  ]
  const [nodes = Number.NaN, channels = Number.NaN] = clocks.map(({ ahead }) => ahead)
  bench.note(
    `clocks of the two tabs differ by ${Math.abs(nodes).toFixed(2)} ms (WarrenDB) and ${Math.abs(channels).toFixed(2)} ms (raw), taken off`,
  )

  let age = FIRST_AGE
  // Round -1 warms up.
  for (let round = -1; round < rounds; round++) {
    bench.progress(`live updates, round ${round + 1} of ${rounds}`)
    await raw.b.evaluate(() => globalThis.channelPage.watch(true))
    const sent = await raw.a.evaluate(([count, pause]) => globalThis.channelPage.sendPaced(0, count, pause), [LIVE_UPDATES, PAUSE] as const)
    await raw.b.evaluate((count) => globalThis.channelPage.untilArrived(count), LIVE_UPDATES)
    const received = await raw.b.evaluate(() => globalThis.channelPage.arrivals())

    age++
    const start = ((round + 1) * LIVE_UPDATES) % (n - LIVE_UPDATES)
    const some = ids.slice(start, start + LIVE_UPDATES)
    await b.evaluate(() => globalThis.nodePage.watch(true))
    const updated = await a.evaluate(([ids, age, pause]) => globalThis.nodePage.updatePaced(ids, age, pause), [some, age, PAUSE] as const)
    await b.evaluate((count) => globalThis.nodePage.untilArrived(count), LIVE_UPDATES)
    const merged = await b.evaluate(() => globalThis.nodePage.arrivals())
    expectEqual('updated documents in B', await b.evaluate((age) => globalThis.nodePage.countOfAge(age), age), LIVE_UPDATES)
    if (round < 0) continue
    for (const { measure, from, to } of LIVE) {
      bench.record(measure, RAW, n, travelTimes(sent, received, from, to, channels))
      bench.record(measure, WARREN, n, travelTimes(updated, merged, from, to, nodes))
    }
  }

  for (let burst = -1; burst < bursts; burst++) {
    bench.progress(`burst ${burst + 1} of ${bursts}`)
    await raw.b.evaluate(() => globalThis.channelPage.watch(false))
    const rawStart = await raw.a.evaluate((n) => globalThis.channelPage.send(0, n), n)
    const rawEnd = await raw.b.evaluate((n) => globalThis.channelPage.untilArrived(n), n)

    age++
    await b.evaluate(() => globalThis.nodePage.watch(false))
    const isProfiled = bench.profiles !== undefined && burst === bursts - 1
    const [start, end] = await profiled(a, isProfiled ? `${bench.profiles}/burst-first-tab.cpuprofile` : undefined, () =>
      profiled(b, isProfiled ? `${bench.profiles}/burst-second-tab.cpuprofile` : undefined, () =>
        Promise.all([
          a.evaluate(([ids, age]) => globalThis.nodePage.updateAll(ids, age), [ids, age] as const),
          b.evaluate((n) => globalThis.nodePage.untilArrived(n), n),
        ]),
      ),
    )
    expectEqual('updated documents in B', await b.evaluate((age) => globalThis.nodePage.countOfAge(age), age), n)
    if (burst < 0) continue
    bench.record(BURST, RAW, n, [rawEnd - rawStart - channels])
    bench.record(BURST, WARREN, n, [end - start - nodes])
  }
  await a.close()
  await b.close()
}

/** Times from one event in A to another in B, in milliseconds. `ahead`: how far B's clock is ahead of A's. */
function travelTimes(
  departures: readonly Departure[],
  arrivals: readonly Arrival[],
  from: 'called' | 'done',
  to: 'arrived' | 'shown',
  ahead: number,
): readonly number[] {
  const arrivalsByKey = new Map(arrivals.map((arrival) => [arrival.key, arrival]))
  return departures.map((departure) => {
    const time = arrivalsByKey.get(departure.key)?.[to]
    if (time === undefined) throw new Error(`${departure.key} left A but was not ${to} in B`)
    return time - departure[from] - ahead
  })
}

import { join } from 'node:path'

import type { Page } from 'playwright'

import { servePages } from '../e2e/support/pages.ts'
import { measureComparison } from './comparison.ts'
import { isSamePerson, person } from './documents.ts'
import type { BenchRun, Measure, Subject } from './measure.ts'
import { installPeers } from './support/install-peers.ts'
import { startSignalling } from './support/signalling.ts'
import { connectRaw, expectEqual, expectPeople, onStage, openNode, part, type Stage } from './support/tabs.ts'

const RAW = 'raw channel'
const WARREN = 'WarrenDB'
const RXDB = 'RxDB'

const ROOM = 'replication'

/** All documents to a node that has none. */
interface Transfer {
  readonly speed: Measure
  readonly weight: Measure
}

const NEW_TAB: Transfer = {
  speed: { name: 'to a new tab: speed', unit: 'documents/s' },
  weight: { name: 'to a new tab: on the wire, per document', unit: 'B' },
}
const NEW_REPLICATOR: Transfer = {
  speed: { name: 'to a new replicator: speed', unit: 'documents/s' },
  weight: { name: 'to a new replicator: on the wire, per document', unit: 'B' },
}
const FETCH: readonly Measure[] = [
  { name: 'one document on request, p50', unit: 'ms', quantile: 0.5 },
  { name: 'one document on request, p95', unit: 'ms', quantile: 0.95 },
]

interface Plan {
  /** Documents that are compared. */
  readonly compared: readonly number[]
  /** Documents that are carried over. */
  readonly n: number
  readonly runs: number
  /** Documents that are fetched one by one. */
  readonly fetches: number
}

const WHOLE: Plan = { compared: [10_000, 100_000], n: 10_000, runs: 3, fetches: 200 }
const QUICK: Plan = { compared: [1_000], n: 1_000, runs: 2, fetches: 50 }

export const replication: Subject = {
  name: 'replication',
  title: 'What it costs to compare, and to carry everything over',
  contestants: [RAW, WARREN],
  peers: [RXDB],
  seconds: { whole: 240, quick: 40 },
  run: async (bench) => {
    const plan = bench.quick ? QUICK : WHOLE
    for (const n of plan.compared) await part(bench, `comparing ${n} documents`, () => measureComparison(bench, WARREN, n))
    await onStage(bench, async (stage) => {
      await part(bench, `${plan.n} documents over the raw channel`, () => measureRaw(stage, plan))
      await part(bench, `${plan.n} documents to nodes`, () => measureNodes(stage, plan))
      if (bench.peers) await part(bench, `${plan.n} documents to ${RXDB}`, () => measureRxdb(stage, plan))
    })
  },
}

function record(bench: BenchRun, { speed, weight }: Transfer, contestant: string, n: number, milliseconds: number, bytes: number): void {
  bench.record(speed, contestant, n, [n / (milliseconds / 1_000)])
  bench.record(weight, contestant, n, [bytes / n])
}

async function measureRaw({ bench, raw }: Stage, { n, runs, fetches }: Plan): Promise<void> {
  // What is lost on the way and sent again differs from run to run, and a run is short.
  for (let run = 0; run < 3 * runs; run++) {
    // A connection of its own for each run, as a new tab has.
    await connectRaw(raw.a, raw.b)
    await raw.b.evaluate(() => globalThis.channelPage.watch(false))
    const before = await raw.b.evaluate(() => globalThis.channelPage.wireBytes())
    const start = await raw.a.evaluate((n) => globalThis.channelPage.send(0, n), n)
    const end = await raw.b.evaluate((n) => globalThis.channelPage.untilArrived(n), n)
    const bytes = (await raw.b.evaluate(() => globalThis.channelPage.wireBytes())) - before
    await raw.b.evaluate((n) => globalThis.channelPage.verify(0, n), n)
    for (const transfer of [NEW_TAB, NEW_REPLICATOR]) record(bench, transfer, RAW, n, end - start, bytes)
  }
  const times = await raw.b.evaluate((count) => globalThis.channelPage.fetchEach(0, count), fetches)
  for (const measure of FETCH) bench.record(measure, RAW, n, times)
}

async function measureNodes(stage: Stage, { n, runs, fetches }: Plan): Promise<void> {
  const { bench } = stage
  const a = await openNode(stage, 'first', ROOM)
  const ids = await a.evaluate((n) => globalThis.nodePage.create(0, n), n)
  for (let run = 0; run < runs; run++) {
    bench.progress(`${n} documents to a new tab and a new replicator, run ${run + 1} of ${runs}`)
    await carryToTab(stage, ids, `tab-${run}`)
    await carryToReplicator(stage, a, ids, `replica-${run}`)
  }
  const b = await openNode(stage, 'asking', ROOM, { subscribes: false })
  await b.evaluate(() => globalThis.nodePage.opening())
  const some = ids.slice(0, fetches)
  const times = await b.evaluate((ids) => globalThis.nodePage.fetchEach(ids), some)
  await expectPeople(b, some)
  for (const measure of FETCH) bench.record(measure, WARREN, n, times)
  await close(b)
  await close(a)
}

async function carryToTab(stage: Stage, ids: readonly string[], name: string): Promise<void> {
  const n = ids.length
  const b = await openNode(stage, name, ROOM)
  const merged = await b.evaluate((n) => globalThis.nodePage.untilMerged(n), n)
  const { firstPeer } = await b.evaluate(() => globalThis.nodePage.opening())
  await expectPeople(b, ids)
  record(stage.bench, NEW_TAB, WARREN, n, merged - firstPeer, await b.evaluate(() => globalThis.nodePage.wireBytes()))
  await close(b)
}

async function carryToReplicator(stage: Stage, a: Page, ids: readonly string[], name: string): Promise<void> {
  const n = ids.length
  const b = await openNode(stage, name, ROOM, { subscribes: false })
  await b.evaluate(() => globalThis.nodePage.opening())
  expectEqual('documents before there is a replicator', await b.evaluate(() => globalThis.nodePage.count()), 0)
  const peer = await b.evaluate(() => globalThis.nodePage.peerId())
  const start = await a.evaluate((peer) => globalThis.nodePage.replicateTo(peer), peer)
  const merged = await b.evaluate((n) => globalThis.nodePage.untilMerged(n), n)
  await a.evaluate((peer) => globalThis.nodePage.untilConfirmed(peer), peer)
  await expectPeople(b, ids)
  record(stage.bench, NEW_REPLICATOR, WARREN, n, merged - start, await b.evaluate(() => globalThis.nodePage.wireBytes()))
  await a.evaluate((peer) => globalThis.nodePage.endReplicationTo(peer), peer)
  await close(b)
}

async function close(page: Page): Promise<void> {
  await page.evaluate(() => globalThis.nodePage.close())
  await page.close()
}

async function measureRxdb({ bench, browser }: Stage, { n, runs }: Plan): Promise<void> {
  const folder = join(import.meta.dirname, 'peers')
  await installPeers(folder)
  await using server = await servePages(folder, ['rxdb-replica'], { readable: bench.profiles !== undefined })
  await using signalling = await startSignalling(join(folder, 'rxdb-signalling.ts'), bench.signal)
  // Each pair has a room of its own: in one room, everybody who was there before would be connected too.
  for (let run = 0; run < runs; run++) {
    bench.progress(`${n} documents to ${RXDB}, run ${run + 1} of ${runs}`)
    const open = (name: string): Promise<Page> => {
      const query = new URLSearchParams({ name: `${name}-${run}`, room: `replication-${run}`, signalling: signalling.address })
      return browser.open(`${server.url('rxdb-replica', 'rxdb')}?${query}`)
    }
    const a = await open('a')
    for (let done = 0; done < n; done += 1_000) await a.evaluate((first) => globalThis.replicaPage.create(first, 1_000), done)
    const b = await open('b')
    const arrived = await b.evaluate((n) => globalThis.replicaPage.untilArrived(n), n)
    const firstPeer = await b.evaluate(() => globalThis.replicaPage.firstPeer())
    expectEqual(`documents in ${RXDB}`, await b.evaluate(() => globalThis.replicaPage.count()), n)
    for (let number = 0; number < n; number += n / 10) {
      const found = await b.evaluate((number) => globalThis.replicaPage.get(number), number)
      if (!isSamePerson(person(number), found)) throw new Error(`document ${number} of ${RXDB} is not what was written`)
    }
    record(bench, NEW_TAB, RXDB, n, arrived - firstPeer, await b.evaluate(() => globalThis.replicaPage.wireBytes()))
    await a.close()
    await b.close()
  }
}

import { chromium, type Page } from '@playwright/test'

import { findBrowser, LAUNCH_ARGUMENTS } from '../scripts/browser.mjs'
import type { ConnectionFinding, ConnectionReport, Link } from '../src/index.node.ts'
import { createNetwork, namespacesProblem, type Machine } from './support/namespaces.ts'
import { NAT_CELLS, type NatCell, type NatFigures } from './support/nat-cells.ts'
import { openNodePage, type NodePage } from './support/node-page.ts'
import type { PageServer } from './support/pages.ts'
import { startRelayProcess } from './support/relay-process.ts'
import { crashPage, expect, SCHEMA, test } from './support/stage.ts'

/* Every cell is a network of its own: a relay as a process, and on each side a Chromium that knows only its network. `npm run nat` shows the figures. */

const STUN_PORT = 3478
/** A direct attempt that fails takes ten seconds. */
const FOUND_OUT_WITHIN = 40_000
const CONNECTED_WITHIN = 30_000
/** Documents that each side writes once they are connected. */
const MORE = 20

/** As browsers are: they hide their local addresses from each other behind names that only the local network resolves. */
const AS_USERS_HAVE_THEM = LAUNCH_ARGUMENTS.filter((argument) => !argument.includes('WebRtcHideLocalIpsWithMdns'))

/** To Chromium a page that this process answers for comes from the internet, so that it asks before it lets it reach a relay in the LAN. The user says yes. */
const REACH_THE_LAN = 'local-network-access'

test.describe.configure({ timeout: 120_000 })

let problem: string | undefined
test.beforeAll(async () => {
  problem = await namespacesProblem()
  // No reporter says why a test was skipped.
  if (problem !== undefined) console.log(`The NAT matrix is skipped: ${problem}.`)
})

for (const cell of NAT_CELLS) {
  test(`documents sync with ${cell.name}: ${cell.link}`, async ({ pages }) => {
    test.skip(problem !== undefined, problem)
    const figures = await inNetworkOf(cell, pages, (a, b) => play(cell, a, b))
    test.info().annotations.push({ type: 'nat', description: JSON.stringify(figures) })
  })
}

/** Writes on both sides, waits until everything is everywhere, and looks at how that went. */
async function play({ link, finds }: NatCell, a: NodePage, b: NodePage): Promise<NatFigures> {
  const from = Date.now()
  const times = await Promise.all([a, b].map((side) => openAndMeet(side, link)))
  await Promise.all([a, b].map((side) => side.create('Note', MORE)))
  await Promise.all([a, b].map((side) => side.untilCount('Note', 2 * (1 + MORE))))
  expect(await a.digest('Note')).toBe(await b.digest('Note'))

  const [idA, idB] = await Promise.all([a.peerId(), b.peerId()])
  for (const [side, other] of [
    [a, idB],
    [b, idA],
  ] as const) {
    expect((await side.peers()).map(({ id, link }) => [id, link])).toEqual([[other, link]])
  }
  await expectFindings(link, [
    { side: a, other: idB, found: finds[0] },
    { side: b, other: idA, found: finds[1] },
  ])
  return {
    link,
    connected: Math.max(...times.map(({ linkedAt }) => linkedAt)) - from,
    firstDocument: Math.max(...times.map(({ documentAt }) => documentAt)) - from,
  }
}

/** Opens a database with a document, and says when the link was there, and a document of the other side. The clock is that of this machine for all. */
async function openAndMeet(side: NodePage, link: Link): Promise<{ readonly linkedAt: number; readonly documentAt: number }> {
  await side.open()
  await side.create('Note', 1)
  return side.page.evaluate(
    async ([link, milliseconds]) => {
      const until = async (isSo: () => Promise<boolean>): Promise<number> => {
        const end = Date.now() + milliseconds
        while (!(await isSo())) {
          if (Date.now() > end)
            throw new Error(`not ${link} with a document within ${milliseconds} ms: ${JSON.stringify(await globalThis.db.p2p.peers())}`)
          await new Promise((resolve) => {
            setTimeout(resolve, 20)
          })
        }
        return Date.now()
      }
      const [linkedAt, documentAt] = await Promise.all([
        until(async () => (await globalThis.db.p2p.peers()).some((peer) => peer.link === link)),
        until(async () => (await Array.fromAsync(globalThis.db.collection('Note').docIDs())).length > 1),
      ])
      return { linkedAt, documentAt }
    },
    [link, CONNECTED_WITHIN] as const,
  )
}

interface Expected {
  readonly side: NodePage
  readonly other: string
  readonly found: RegExp
}

/** A direct link is explained on both sides. Why there is none knows who has tried: one side by rule, and the other one only later. */
async function expectFindings(link: Link, sides: readonly Expected[]): Promise<void> {
  const explain = ({ side, other }: Expected): Promise<ConnectionReport> => side.page.evaluate((id) => globalThis.db.p2p.explain(id), other)
  const step = ({ findings }: ConnectionReport, name: ConnectionFinding['step']): ConnectionFinding | undefined =>
    findings.find(({ step }) => step === name)
  if (link !== 'relayed') {
    for (const expected of sides) {
      const report = await explain(expected)
      expect(report.summary).toMatch(/^connected directly by WebRTC/)
      expect(step(report, 'ice')).toMatchObject({ state: 'ok', what: expect.stringMatching(expected.found) })
    }
    return
  }
  for (const expected of sides) expect((await explain(expected)).summary).toMatch(/^connected through the relay, encrypted from end to end/)
  await expect(async () => {
    const failures = await Promise.all(
      sides.map(async (expected) => ({ found: expected.found, finding: step(await explain(expected), 'ice') })),
    )
    const told = failures.filter(({ finding }) => finding !== undefined)
    expect(told).not.toEqual([])
    for (const { finding, found } of told) expect(finding).toMatchObject({ state: 'failed', what: expect.stringMatching(found) })
  }).toPass({ timeout: FOUND_OUT_WITHIN })
}

/** Makes the network of a cell, starts its relay, and a browser on each side. */
async function inNetworkOf(cell: NatCell, pages: PageServer, play: (a: NodePage, b: NodePage) => Promise<NatFigures>): Promise<NatFigures> {
  await using network = await createNetwork()
  const [routerA, routerB] = cell.routers
  const lanA = await network.lan(routerA)
  const lanB = routerB === undefined ? lanA : await network.lan(routerB)
  const place = cell.relay === 'lan' ? await lanA.machine() : network.internet

  await using ending = new AsyncDisposableStack()
  const relay = await startRelayProcess({ host: place.address, enter: place.enter, stunPort: STUN_PORT })
  ending.defer(() => relay.dispose())
  const openSide = async (machine: Machine): Promise<NodePage> => {
    const browser = await chromium.launch({
      executablePath: await machine.program(findBrowser() ?? 'chromium'),
      args: [...AS_USERS_HAVE_THEM],
    })
    ending.defer(() => browser.close())
    const openPage = async (): Promise<Page> => {
      const page = await browser.newPage({ permissions: cell.relay === 'lan' ? [REACH_THE_LAN] : [] })
      // This process fetches what the page loads: there is no way out of the page's network to it.
      await page.route('**/*', async (route) => route.fulfill({ response: await route.fetch() }))
      await page.goto(pages.url('node', 'nat').replace('nat.', ''))
      return page
    }
    return openNodePage({ open: openPage, crash: crashPage }, { schema: SCHEMA, p2p: { relays: [relay.address], subscribe: 'all' } })
  }
  const [a, b] = await Promise.all([openSide(await lanA.machine()), openSide(await lanB.machine())])
  return await play(a, b)
}

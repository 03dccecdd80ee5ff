import type { OpenOptions } from '../src/index.node.ts'
import { openNodePage, type NodePage } from './support/node-page.ts'
import { startOwnBrowser } from './support/own-browser.ts'
import { createOwnNetwork } from './support/own-network.ts'
import { startRelayProcess } from './support/relay-process.ts'
import { crashPage, expect, SCHEMA, test } from './support/stage.ts'

/* After each fault two nodes sync again by themselves, in both directions. `bench/connection.ts` measures how long that takes. */

/** Longer than a peer may be silent, so that the other side has given it up. */
const AWAY = 10_000

/** Each writes something, and gets what the other has. */
async function expectInSync(a: NodePage, b: NodePage): Promise<void> {
  const before = [await a.count('Note'), await b.count('Note')]
  await Promise.all([a.create('Note', 1), b.create('Note', 1)])
  const all = Math.max(...before) + 2
  await Promise.all([a.untilCount('Note', all), b.untilCount('Note', all)])
  expect(await a.digest('Note')).toBe(await b.digest('Note'))
}

const untilAlone = (node: NodePage): Promise<void> => expect.poll(async () => (await node.peers()).length, { timeout: 20_000 }).toBe(0)

const untilDirect = (node: NodePage): Promise<void> =>
  expect.poll(async () => (await node.peers()).map(({ link }) => link), { timeout: 20_000 }).toEqual(['webrtc'])

function options(...relays: readonly string[]): OpenOptions {
  return { schema: SCHEMA, p2p: { relays, subscribe: 'all' } }
}

async function openPair(
  newNode: (name: string) => Promise<NodePage>,
  ...relays: readonly string[]
): Promise<readonly [NodePage, NodePage]> {
  const pair = [await newNode('ann'), await newNode('bob')] as const
  for (const node of pair) await node.open(options(...relays))
  await Promise.all(pair.map(untilDirect))
  await expectInSync(...pair)
  return pair
}

test('either side is reloaded, with the same peer ID', async ({ newNode, relay }) => {
  const [a, b] = await openPair(newNode, relay.address)
  for (const node of [a, b]) {
    const id = await node.peerId()
    await node.page.reload()
    await node.open(options(relay.address))
    expect(await node.peerId()).toBe(id)
    await expectInSync(a, b)
    for (const each of [a, b]) await untilDirect(each)
  }
})

test('a page is frozen and goes on', async ({ newNode, relay }) => {
  const [a, b] = await openPair(newNode, relay.address)
  const session = await b.page.context().newCDPSession(b.page)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  await a.create('Note', 1)
  await a.page.waitForTimeout(AWAY)
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await b.untilCount('Note', await a.count('Note'))
  await expectInSync(a, b)
})

test('a browser is offline and online again', async ({ newNode, relay, context }) => {
  const [a, b] = await openPair(newNode, relay.address)
  await context.setOffline(true)
  await a.create('Note', 1)
  await context.setOffline(false)
  await b.untilCount('Note', await a.count('Note'))
  await expectInSync(a, b)
})

test('of two relays one is gone for good', async ({ newNode, relay }) => {
  const second = await startRelayProcess()
  try {
    const [a, b] = await openPair(newNode, relay.address, second.address)
    await relay.kill()
    await expectInSync(a, b)
    await b.page.reload()
    await b.open(options(relay.address, second.address))
    await expectInSync(a, b)
  } finally {
    await second.dispose()
  }
})

test.describe('in a browser of its own', () => {
  test.skip(process.platform === 'win32', 'it is started by a shell script')

  test('a browser is killed and started again', async ({ newNode, relay, pages }) => {
    await using browser = await startOwnBrowser()
    const openPage = (): ReturnType<typeof browser.open> => browser.open(pages.url('node', 'bob'))
    const a = await newNode('ann')
    const before = await openNodePage({ open: openPage, crash: crashPage }, options(relay.address))
    await Promise.all([a.open(options(relay.address)), before.open()])
    await expectInSync(a, before)
    const id = await before.peerId()
    await browser.kill()
    await untilAlone(a)
    await a.create('Note', 1)
    await browser.restart()
    const after = await openNodePage({ open: openPage, crash: crashPage }, options(relay.address))
    await after.open()
    expect(await after.peerId()).toBe(id)
    await after.untilCount('Note', await a.count('Note'))
    await expectInSync(a, after)
  })

  test('a machine sleeps and wakes', async ({ newNode, relay, pages }) => {
    await using browser = await startOwnBrowser()
    const a = await newNode('ann')
    const b = await openNodePage({ open: () => browser.open(pages.url('node', 'bob')), crash: crashPage }, options(relay.address))
    await Promise.all([a.open(options(relay.address)), b.open()])
    await expectInSync(a, b)
    browser.pause()
    await untilAlone(a)
    await a.create('Note', 1)
    browser.resume()
    await b.untilCount('Note', await a.count('Note'))
    await expectInSync(a, b)
  })

  test('a machine changes its network, and loses it for a while', async ({ newNode, relay, pages }) => {
    const ports = [new URL(pages.url('node', 'bob')).port, /\/tcp\/(\d+)/.exec(relay.address)?.[1]].map(Number)
    await using network = await createOwnNetwork(ports)
    test.skip(network === undefined, 'a network of its own takes Linux, root and ip')
    if (network === undefined) return
    await using browser = await startOwnBrowser(network.browser)
    const a = await newNode('ann')
    const b = await openNodePage({ open: () => browser.open(pages.url('node', 'bob')), crash: crashPage }, options(relay.address))
    await Promise.all([a.open(options(relay.address)), b.open()])
    await expectInSync(a, b)
    await network.change()
    await expectInSync(a, b)
    await network.unplug()
    await untilAlone(a)
    await network.plug()
    await expectInSync(a, b)
  })
})

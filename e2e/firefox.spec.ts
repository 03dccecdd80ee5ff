import { networkInterfaces } from 'node:os'

import { openDatabase, type Link } from '../src/index.node.ts'
import { expect, test, type BrowserName } from './support/browsers.ts'
import { findFirefox } from './support/firefox.ts'
import { SCHEMA } from './support/stage.ts'
import { expectSame, reload } from './support/tab.ts'
import type { BrowserPage } from './support/browser-page.ts'
import type { NodePage } from './support/node-page.ts'

declare global {
  // oxlint-disable-next-line no-var
  var offers: number
}

const ARRIVES_WITHIN = 20_000

/** The first of each opens first. */
const PAIRS: readonly (readonly [BrowserName, BrowserName])[] = [
  ['firefox', 'firefox'],
  ['firefox', 'chromium'],
  ['chromium', 'firefox'],
]

/** Where another machine of the network would reach this one: Firefox reaches no WebRTC-direct on the loopback. */
const host = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address

test.beforeAll(() => {
  const missing = findFirefox() === undefined
  if (missing)
    console.log(
      'There is no Firefox here: its tests are skipped. Install one (Debian: apt-get install firefox-esr) or name it with WARREN_FIREFOX.',
    )
  test.skip(missing, 'there is no Firefox here')
})

for (const [first, second] of PAIRS) {
  test(`${first} and ${second} connect directly, and have what either writes, changes and deletes`, async ({ newTabIn }) => {
    const [a, b] = [await newTabIn(first), await newTabIn(second)]
    await a.expectPeers(await b.peerId())
    await b.expectPeers(await a.peerId())
    const [byA, byB, gone] = [await a.create({ title: 'by A' }), await b.create({ title: 'by B' }), await a.create({ title: 'gone' })]
    await expectSame(a, b)
    await Promise.all([a.update(byA, { title: 'one' }), b.update(byA, { title: 'two', body: 'by B' }), b.remove(gone)])
    const documents = await expectSame(a, b)
    expect(documents).toMatchObject({
      [byA]: { title: expect.stringMatching(/^(one|two)$/), body: 'by B' },
      [byB]: { title: 'by B' },
      [gone]: { _deleted: true },
    })
  })

  test(`${first} dials ${second} when its peer ID is the smaller one, and gives it 2,000 documents`, async ({ newNodeIn, relay }) => {
    const [leader, other] = [await newNodeIn(first, 'leader'), await newNodeIn(second, 'other')]
    const name = await openApart(leader, other)
    await leader.create('Note', 2000)
    await other.create('Note', 1)
    // First dials are the ones that find races: nothing of the page has run before.
    await Promise.all([leader.page.reload(), other.page.reload()])
    const p2p = { relays: [relay.address], subscribe: ['Note'] }
    const offers = await countOffers(leader)
    await Promise.all([leader.open({ name, p2p }), other.open({ p2p })])
    await expectLink(leader, await other.peerId(), 'webrtc')
    await expectLink(other, await leader.peerId(), 'webrtc')
    expect(await offers()).toBe(1)
    await other.untilCount('Note', 2001)
    await leader.untilCount('Note', 2001)
    expect(await other.digest('Note')).toBe(await leader.digest('Note'))
  })

  test(`${first} and ${second} converge when both worked offline`, async ({ newTabIn, relay }) => {
    const [a, b] = [await newTabIn(first), await newTabIn(second)]
    await a.expectPeers(await b.peerId())
    const docID = await a.create({ title: 'shared', body: 'shared' })
    await expectSame(a, b)
    await relay.kill()
    await Promise.all([reload(a), reload(b)])
    await a.expectPeers()
    await b.expectPeers()
    await a.update(docID, { title: 'A offline' })
    await b.update(docID, { body: 'B offline' })
    const only = [await a.create({ title: 'only A' }), await b.create({ title: 'only B' })]
    await relay.restart()
    await a.expectPeers(await b.peerId())
    const documents = await expectSame(a, b)
    expect(Object.keys(documents).toSorted()).toEqual([docID, ...only].toSorted())
    expect(documents[docID]).toMatchObject({ title: 'A offline', body: 'B offline' })
  })
}

test('a reload of Firefox keeps the documents and the peer ID', async ({ newTabIn }) => {
  const [a, b] = [await newTabIn('firefox'), await newTabIn('chromium')]
  const idA = await a.peerId()
  await b.expectPeers(idA)
  const docIDs = await Promise.all(Array.from({ length: 20 }, (_, index) => a.create({ title: `note ${index}` })))
  const before = await a.documents()
  await reload(a)
  expect(await a.peerId()).toBe(idA)
  expect(await a.documents()).toEqual(before)
  expect(Object.keys(before).toSorted()).toEqual(docIDs.toSorted())
  await b.expectPeers(idA)
  await b.update(docIDs[0] ?? '', { title: 'after the reload' })
  expect(await expectSame(a, b)).toMatchObject({ [docIDs[0] ?? '']: { title: 'after the reload' } })
})

test('a note typed into the page in Firefox shows there and in Chromium, and the answer in Firefox', async ({ newTab, newFirefoxTab }) => {
  const [fox, { page, ...tab }] = [await newFirefoxTab(), await newTab()]
  await tab.expectPeers(await fox.peerId())
  await fox.page.enter('[data-testid="new-cell"][data-field="title"]', 'typed in Firefox')
  await expect(page.getByTestId('document')).toContainText('typed in Firefox')
  const body = page.locator('[data-testid="document"] [data-testid="cell"][data-field="body"]')
  await body.fill('answered in Chromium')
  await body.press('Enter')
  const cells = (): Promise<readonly string[]> =>
    fox.page.evaluate(() =>
      [...document.querySelectorAll<HTMLTextAreaElement>('[data-testid="document"] [data-testid="cell"]')].map(({ value }) => value),
    )
  await expect.poll(cells).toEqual(expect.arrayContaining(['typed in Firefox', 'answered in Chromium']))
})

for (const link of ['websocket', 'webrtc-direct', 'webrtc'] as const) {
  test(`Firefox and a Node peer sync over ${link}`, async ({ newNodeIn, relay }) => {
    test.skip(host === undefined, 'this machine has no network')
    const listen = { websocket: ['/ip4/127.0.0.1/tcp/0/ws'], 'webrtc-direct': [`/ip4/${host}/udp/0/webrtc-direct`], webrtc: [] }[link]
    const relays = link === 'webrtc' ? [relay.address] : []
    await using db = await openDatabase({ storage: 'memory', schema: SCHEMA, p2p: { listen, relays, subscribe: 'all' } })
    await db.collection<object>('Note').create({ title: 'from Node' })
    const { id, addresses } = await db.p2p.info()
    const page = await newNodeIn('firefox', link)
    await page.open({ p2p: { peers: link === 'webrtc' ? [] : addresses, relays, subscribe: 'all' } })
    await page.untilCount('Note', 1)
    await expectLink(page, id, link)
    expect(await db.p2p.peers()).toMatchObject([{ id: await page.peerId(), link }])
    await page.create('Note', 500)
    const count = async (): Promise<number> => (await Array.fromAsync(db.collection('Note').docIDs())).length
    await expect.poll(count, { timeout: ARRIVES_WITHIN }).toBe(501)
  })
}

/** Opens both without a relay, the leader with a database whose peer ID is the smaller one: each has an ID of its own. Returns its name. */
async function openApart(leader: NodePage<BrowserPage>, other: NodePage<BrowserPage>): Promise<string> {
  const p2p = { relays: [] }
  await other.open({ p2p })
  for (let attempt = 1; ; attempt++) {
    const name = `leader-${attempt}`
    await leader.open({ name, p2p })
    if ((await leader.peerId()) < (await other.peerId())) return name
    await leader.close()
  }
}

/** Waits until a node has this one peer, over this kind of connection. */
async function expectLink(node: NodePage<BrowserPage>, peer: string, link: Link): Promise<void> {
  const links = async (): Promise<unknown> => (await node.peers()).map(({ id, link }) => [id, link])
  await expect.poll(links, { timeout: ARRIVES_WITHIN }).toEqual([[peer, link]])
}

/** Counts the WebRTC connections that a page begins from now on. */
async function countOffers({ page }: NodePage<BrowserPage>): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const { prototype } = RTCPeerConnection
    globalThis.offers = 0
    prototype.createOffer = new Proxy(prototype.createOffer, {
      apply: (createOffer, self, options) => {
        globalThis.offers++
        return Reflect.apply(createOffer, self, options)
      },
    })
  })
  return () => page.evaluate(() => globalThis.offers)
}

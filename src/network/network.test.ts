import { expect, onTestFinished, test } from 'vitest'

import { pause, systemClock } from '../util/clock.ts'
import { attachNetwork } from './network.ts'
import { createNodeHost } from './host.node.ts'
import { addressOf, aNode, connect, noteOf, startTestNode, untilInSync, type TestNode } from './network.testkit.ts'
import type { P2POptions } from './options.ts'
import { createMemoryReplica } from './replica.testkit.ts'

/** Starts a node that listens on TCP and knows nobody. */
async function running(options: P2POptions = {}): Promise<TestNode> {
  const node = await aNode(options)
  onTestFinished(() => node.close())
  return node
}

function two(options: P2POptions = {}): Promise<[TestNode, TestNode]> {
  return Promise.all([running(options), running(options)])
}

function three(): Promise<[TestNode, TestNode, TestNode]> {
  return Promise.all([running(), running(), running()])
}

test('what one node writes is on the other, live and both ways', async () => {
  const [a, b] = await two()
  const note = noteOf(a)
  await connect(a, b)
  const docId = a.replica.write(note)
  await b.replica.untilCount(note, 1)
  b.replica.write(note, docId)
  await a.replica.untilCount(note, 2)
  expect(a.replica.content(note)).toBe(b.replica.content(note))
})

test('both catch up with what the other wrote before they met, and with edits of the same documents', async () => {
  const [a, b] = await two()
  const note = noteOf(a)
  await connect(a, b)
  const docIds = a.replica.writeMany(note, 40)
  await b.replica.untilCount(note, 40)
  await a.network.p2p.disconnect(b.id)
  await b.until('apart', async () => (await b.peer(a)) === undefined)
  // Long histories that part, so that the heads alone do not show where.
  for (const docId of docIds.slice(0, 5)) {
    for (let round = 0; round < 30; round++) a.replica.write(note, docId)
    for (let round = 0; round < 20; round++) b.replica.write(note, docId)
  }
  a.replica.writeMany(note, 30)
  b.replica.writeMany(note, 20)
  await connect(a, b)
  expect(a.replica.count(note)).toBe(40 + 5 * 50 + 50)
  expect(a.replica.content(note)).toBe(b.replica.content(note))
})

test('1000 documents that were there before come over, and their progress is told', async () => {
  const [a, b] = await two()
  const note = noteOf(a)
  a.replica.writeMany(note, 1000)
  await connect(b, a)
  expect(b.replica.count(note)).toBe(1000)
  expect(b.told.some(({ name, detail }) => name === 'sync:progress' && detail.done === 1000 && detail.total === 1000)).toBe(true)
})

test('a commit of several megabytes arrives, live and later', async () => {
  const large = { fields: 2, valueBytes: 3 * 1024 * 1024 }
  const [a, b] = await Promise.all([aNode({}, large), aNode({}, large)])
  onTestFinished(async () => {
    await Promise.all([a.close(), b.close()])
  })
  const note = noteOf(a)
  a.replica.writeMany(note, 2)
  await connect(b, a)
  b.replica.write(note)
  await a.replica.untilCount(note, 3)
  expect(a.replica.content(note)).toBe(b.replica.content(note))
})

test('nodes in a line pass on what they get', async () => {
  const [a, b, c] = await three()
  const note = noteOf(a)
  await connect(a, b)
  await connect(b, c)
  a.replica.write(note)
  await c.replica.untilCount(note, 1)
  c.replica.writeMany(note, 300)
  await a.replica.untilCount(note, 301)
  expect((await a.network.p2p.peers()).map(({ id }) => id)).toEqual([b.id])
})

test('among nodes that are all connected each commit is sent to each node once', async () => {
  const [a, b, c] = await three()
  const note = noteOf(a)
  await connect(a, b)
  await connect(b, c)
  await connect(c, a)
  // The neighbours have told each other of the last connection when a round trip has passed.
  a.replica.write(note)
  await Promise.all([b.replica.untilCount(note, 1), c.replica.untilCount(note, 1)])
  const before = [b.replica.merges.commits, c.replica.merges.commits]
  for (let round = 1; round <= 20; round++) {
    a.replica.write(note)
    await Promise.all([b.replica.untilCount(note, 1 + round), c.replica.untilCount(note, 1 + round)])
  }
  expect([b.replica.merges.commits, c.replica.merges.commits]).toEqual(before.map((count) => count + 20))
})

test('a collection that only one side has stays unknown to the other, until it has it too', async () => {
  const [a, b] = await two()
  const secret = a.replica.addCollection('Secret')
  a.replica.writeMany(secret, 5)
  await connect(a, b)
  expect((await a.peer(b))?.collections).toEqual(['Note'])
  expect(b.told.filter(({ name }) => name === 'peer:dropped')).toEqual([])
  b.replica.addCollection('Secret')
  await b.replica.untilCount(secret, 5)
  expect((await b.peer(a))?.collections).toEqual(['Note', 'Secret'])
})

test('nodes with different room secrets share nothing', async () => {
  const a = await running({ room: 'kitchen' })
  const [b, c] = await two({ room: 'attic' })
  a.replica.write(noteOf(a))
  await b.network.p2p.connect(await addressOf(a))
  await connect(c, b)
  b.replica.write(noteOf(b))
  await c.replica.untilCount(noteOf(c), 1)
  expect((await b.peer(a))?.collections).toEqual([])
  expect([a.replica.count(noteOf(a)), b.replica.count(noteOf(b))]).toEqual([1, 1])
})

test('the peer ID is that of the kept key', async () => {
  const settings = new Map<string, Uint8Array>()
  const first = await startTestNode(createMemoryReplica({ settings }))
  const { id } = first
  await first.close()
  const second = await startTestNode(createMemoryReplica({ settings }))
  await second.close()
  expect(second.id).toBe(id)
  expect([...settings.keys()]).toEqual(['peer-key'])
})

test('a node that comes back under its peer ID takes the place of its earlier run', async () => {
  const a = await running()
  const settings = new Map<string, Uint8Array>()
  const first = createMemoryReplica({ settings })
  first.addCollection('Note')
  const lost = await startTestNode(first)
  await connect(lost, a)
  // Its connection stays open on the other side, as that of a machine that lost its power does.
  for (const connection of lost.host.node.getConnections()) Object.assign(connection, { abort: () => {}, close: async () => {} })
  const second = createMemoryReplica({ settings })
  const note = second.addCollection('Note')
  await using back = await startTestNode(second)
  expect(back.id).toBe(lost.id)
  await back.network.p2p.connect(await addressOf(a))
  second.write(note)
  await a.replica.untilCount(note, 1)
  expect(a.host.node.getConnections(back.host.node.peerId)).toHaveLength(1)
  await lost.close()
})

test('a peer from which the user parts is told, and stays away', async () => {
  const [a, b] = await two()
  await connect(a, b)
  await a.network.p2p.disconnect(b.id)
  await b.until('apart', async () => (await b.peer(a)) === undefined)
  expect(await a.network.p2p.peers()).toEqual([])
  await expect(a.network.p2p.disconnect(b.id)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { what: 'peer', id: b.id } })
  await connect(a, b)
})

test('a peer that parted and is back keeps the session that it came back with', async () => {
  const [leading, other] = (await two()).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  if (leading === undefined || other === undefined) throw new Error('there are no two nodes')
  await connect(other, leading)
  await other.network.p2p.disconnect(leading.id)
  await leading.until('apart', async () => (await leading.peer(other)) === undefined)
  await connect(other, leading)
  const session = await leading.peer(other)
  // Longer than anything waits that was begun before they parted.
  await pause(systemClock, 1200)
  expect(await leading.peer(other)).toMatchObject({ since: session?.since })
})

test('a peer that is dialled at the start may come later', async () => {
  const settings = new Map<string, Uint8Array>()
  const first = await aNode({}, { settings })
  const address = await addressOf(first)
  await first.close()
  const b = await running({ peers: [address] })
  const again = await aNode({ listen: [address.replace(/\/p2p\/.*/, '')] }, { settings })
  onTestFinished(() => again.close())
  await untilInSync(b, again)
})

test('two nodes that dial each other at once end with one connection', async () => {
  for (let round = 0; round < 5; round++) {
    const [a, b] = await two()
    const note = noteOf(a)
    const [toA, toB] = [await addressOf(a), await addressOf(b)]
    await Promise.all([a.network.p2p.connect(toB), b.network.p2p.connect(toA)])
    await expect.poll(() => [a.host.node.getConnections().length, b.host.node.getConnections().length]).toEqual([1, 1])
    await untilInSync(a, b)
    a.replica.write(note)
    await b.replica.untilCount(note, 1)
  }
})

test('a status tells how a peer is connected', async () => {
  const [a, b] = await two()
  await connect(a, b)
  await a.until('a round trip', async () => (await a.peer(b))?.roundTrip !== undefined)
  expect(await a.peer(b)).toMatchObject({ id: b.id, link: 'tcp', collections: ['Note'], inSync: true, dropped: 0 })
  expect((await a.peer(b))?.addresses[0]).toContain('/tcp/')
})

test.each([
  ['relays', 'nonsense', 'is no multiaddr'],
  ['relays', '', 'is no address'],
  ['relays', '/ip4/127.0.0.1/tcp/9191/ws', 'does not end with "/p2p/<peer ID>"'],
  ['relays', '/ip4/127.0.0.1/tcp/9191/ws/p2p/12D3KooWbroken', 'has no valid peer ID'],
  [
    'relays',
    '/ip4/127.0.0.1/tcp/1/ws/p2p/12D3KooWCG4fapuyNDr3HPs1AmrFuRvBfcz1jY7uDgD3FdYT28LA/p2p-circuit/p2p/12D3KooWPBSAiQay21eGQ2tah1ucX3sVsrctdv6z8SeKG3neLzDW',
    'give the address of the relay itself',
  ],
  ['peers', '/ip4/127.0.0.1/tcp/9171', 'does not end with "/p2p/<peer ID>"'],
  ['listen', 'localhost:9171', 'is no multiaddr'],
])('a wrong address in %s is refused before anything starts: "%s"', (option, address, advice) => {
  const open = (): unknown => attachNetwork({ [option]: [address] }, createNodeHost)
  expect(open).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS', details: { address } }))
  expect(open).toThrow(advice)
})

test('connecting says why it cannot', async () => {
  const [a, b] = await two()
  const { p2p } = a.network
  const away = await addressOf(b)
  await b.close()
  await expect(p2p.connect('nonsense')).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
  await expect(p2p.connect(await addressOf(a))).rejects.toMatchObject({
    code: 'INVALID_ADDRESS',
    message: expect.stringContaining('this node itself'),
  })
  await expect(p2p.connect(away)).rejects.toMatchObject({
    code: 'UNREACHABLE',
    details: { peer: b.id },
    message: expect.stringContaining('ECONNREFUSED'),
  })
  await expect(p2p.connect(away, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
})

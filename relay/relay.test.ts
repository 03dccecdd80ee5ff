import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { aNode, noteOf, untilInSync, type TestNode } from '../src/network/network.testkit.ts'
import type { P2POptions } from '../src/network/options.ts'
import type { MemoryReplicaOptions } from '../src/network/replica.testkit.ts'
import { aFolder, aRelay, blockDirect, NO_WAY } from './relay.testkit.ts'
import { startRelay, type Relay } from './relay.ts'

async function running(options: P2POptions, replicaOptions: MemoryReplicaOptions = {}): Promise<TestNode> {
  const node = await aNode({ listen: [], ...options }, replicaOptions)
  onTestFinished(() => node.close())
  return node
}

function portOf(relay: Relay): number {
  return Number(/tcp\/(\d+)/.exec(relay.addresses[0] ?? '')?.[1])
}

function untilPeers(node: TestNode, count: number): Promise<void> {
  return node.until(`${count} peers`, async () => (await node.network.p2p.peers()).length === count)
}

test('nodes that know only the relay find each other and connect directly, each pair once', async () => {
  const { addresses: relays } = await aRelay()
  const a = await running({ relays })
  const b = await running({ relays })
  const c = await running({ relays })
  const all = [a, b, c]
  await Promise.all(all.map((node) => untilPeers(node, 2)))
  const note = noteOf(a)
  for (const node of all) node.replica.write(note)
  await Promise.all(all.map((node) => node.replica.untilCount(note, 3)))
  for (const node of all) {
    await node.until('direct links', async () => (await node.network.p2p.peers()).every(({ link }) => link === 'webrtc'))
    expect(await node.network.p2p.relays()).toEqual([{ address: relays[0], state: 'reserved', known: 2 }])
    // The way over the relay was closed when the direct one was there.
    for (const other of all) {
      if (other === node) continue
      await node.until('one connection', () => node.host.node.getConnections(other.host.node.peerId).length === 1)
    }
  }
})

test('nodes with nothing in common do not meet', async () => {
  const { addresses: relays } = await aRelay()
  const a = await running({ relays, room: 'kitchen' })
  const b = await running({ relays, room: 'attic' })
  const c = await running({ relays, room: 'attic' })
  await untilInSync(b, c)
  expect((await a.network.p2p.relays())[0]).toMatchObject({ state: 'reserved', known: 0 })
})

test('a collection that is added later is found then', async () => {
  const { addresses: relays } = await aRelay()
  const a = await running({ relays, room: 'a' })
  const b = await running({ relays, room: 'a' })
  await untilPeers(a, 1)
  const extra = a.replica.addCollection('Extra')
  a.replica.write(extra)
  b.replica.addCollection('Extra')
  await b.replica.untilCount(extra, 1)
})

test('nodes stay connected when the relay dies, and new ones join when it is back', async () => {
  const directory = await aFolder()
  const first = await startRelay({ port: 0, host: '127.0.0.1', directory })
  const relays = first.addresses
  const a = await running({ relays })
  const b = await running({ relays })
  // On a busy machine the direct connection is late, and the relay carries the session at first.
  await a.until('a direct connection', async () => (await a.peer(b))?.link === 'webrtc')
  await untilInSync(a, b)
  await first.close()
  await a.until('the loss', async () => (await a.network.p2p.relays())[0]?.state !== 'reserved')
  const note = noteOf(a)
  a.replica.write(note)
  await b.replica.untilCount(note, 1)
  expect((await a.network.p2p.peers()).map(({ link }) => link)).toEqual(['webrtc'])

  const second = await aRelay({ port: portOf(first), directory })
  expect(second.addresses).toEqual(relays)
  const c = await running({ relays })
  await untilPeers(c, 2)
  await c.replica.untilCount(note, 1)
  b.replica.write(note)
  await c.replica.untilCount(note, 2)
})

test('a node whose relay is down opens all the same, says so, and is there when the relay is', async () => {
  const directory = await aFolder()
  const down = await startRelay({ port: 0, host: '127.0.0.1', directory })
  await down.close()
  const a = await running({ relays: down.addresses })
  await a.until('the state', async () => {
    const [relay] = await a.network.p2p.relays()
    return relay?.state === 'waiting' && relay.lastError !== undefined
  })
  expect((await a.network.p2p.relays())[0]?.lastError).toContain('check that it runs')
  await aRelay({ port: portOf(down), directory })
  await a.until('the relay', async () => (await a.network.p2p.relays())[0]?.state === 'reserved')
  expect((await a.network.p2p.relays())[0]?.lastError).toBeUndefined()
})

test('a node that leaves is gone at once for the others and at the relay, and gives its reservation back', async () => {
  const relay = await aRelay()
  const { addresses: relays } = relay
  const a = await running({ relays })
  for (let round = 0; round < 20; round++) {
    const b = await aNode({ listen: [], relays })
    await b.until('a reservation', async () => (await b.network.p2p.relays())[0]?.state === 'reserved')
    await b.close()
    await a.until('alone', async () => (await a.network.p2p.peers()).length === 0 && (await a.network.p2p.relays())[0]?.known === 0)
  }
  await expect.poll(() => relay.stats()).toEqual({ connections: 1, reservations: 1, topics: 1, members: 1, dropped: 0 })
})

test('a node that is back under its peer ID is connected again at once', async () => {
  const { addresses: relays } = await aRelay()
  const settings = new Map<string, Uint8Array>()
  const a = await running({ relays })
  const note = noteOf(a)
  for (let round = 1; round <= 3; round++) {
    const b = await aNode({ listen: [], relays }, { settings })
    await untilInSync(a, b)
    b.replica.write(note)
    await a.replica.untilCount(note, round)
    await b.close()
  }
})

test('data flows through the relay where no direct connection can be made, unless that is not wanted', async () => {
  const { addresses: relays } = await aRelay()
  const [a, b, c] = await Promise.all([
    running({ relays, iceServers: NO_WAY }),
    running({ relays, iceServers: NO_WAY }),
    running({ relays, relayedData: false }),
  ])
  for (const node of [a, b, c]) blockDirect(node)
  const note = noteOf(a)
  await untilInSync(a, b)
  expect((await a.peer(b))?.link).toBe('relayed')
  a.replica.writeMany(note, 500)
  await b.replica.untilCount(note, 500)
  expect((await c.network.p2p.relays())[0]).toMatchObject({ known: 2 })
  expect(await c.network.p2p.peers()).toEqual([])
})

test('whoever takes a relay for a peer is told where it belongs', async () => {
  const { addresses } = await aRelay()
  const { network } = await running({})
  await expect(network.p2p.connect(addresses[0] ?? '')).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('give the address of a relay as p2p.relays'),
  })
})

test('the relay keeps its peer ID in a file that only its owner may read', async () => {
  const directory = join(await aFolder(), 'new', 'folder')
  const first = await startRelay({ port: 0, host: '127.0.0.1', directory })
  await first.close()
  expect((await stat(join(directory, 'relay-key'))).mode & 0o777).toBe(0o600)
  const second = await aRelay({ directory })
  expect(second.peerId).toBe(first.peerId)
  await writeFile(join(directory, 'relay-key'), 'broken')
  await expect(startRelay({ port: 0, host: '127.0.0.1', directory })).rejects.toMatchObject({ code: 'CORRUPT_DATA' })
})

test('a relay says what is wrong with its options', async () => {
  const port = portOf(await aRelay())
  await expect(startRelay({ port, host: '127.0.0.1' })).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringContaining(`port ${port} is in use`),
  })
  await expect(startRelay({ port: 70_000 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { argument: 'port' } })
  await expect(startRelay({ port: 0, host: '203.0.113.1' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    details: { argument: 'host' },
  })
  await expect(startRelay({ port: 0, announce: ['nonsense'] })).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
})

test('a relay tells the addresses it is to announce', async () => {
  const relay = await aRelay({ announce: ['/dns4/relay.example/tcp/443/tls/ws'] })
  expect(relay.addresses).toEqual([`/dns4/relay.example/tcp/443/tls/ws/p2p/${relay.peerId}`])
})

import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2'
import { expect, onTestFinished, test } from 'vitest'

import { aNode, noteOf, untilInSync, type TestNode } from '../src/network/network.testkit.ts'
import type { P2POptions } from '../src/network/options.ts'
import { aRelay, blockDirect, NO_WAY, somebody } from './relay.testkit.ts'

async function aRelayedNode(options: P2POptions): Promise<TestNode> {
  const node = await aNode({ listen: [], iceServers: NO_WAY, ...options })
  onTestFinished(() => node.close())
  blockDirect(node)
  return node
}

test('circuits and what they carry are counted', async () => {
  const relay = await aRelay()
  const [a, b] = await Promise.all([aRelayedNode({ relays: relay.addresses }), aRelayedNode({ relays: relay.addresses })])
  await untilInSync(a, b)
  const before = await relay.report()
  expect(before).toMatchObject({ reservations: 2, circuits: 1 })
  expect(before.peers.map(({ circuits, link, topics }) => ({ circuits, link, topics }))).toEqual([
    { circuits: 1, link: 'websocket', topics: 1 },
    { circuits: 1, link: 'websocket', topics: 1 },
  ])
  a.replica.writeMany(noteOf(a), 500)
  await b.replica.untilCount(noteOf(b), 500)
  expect((await relay.report()).relayedBytes - before.relayedBytes).toBeGreaterThan(100_000)
  await b.close()
  await expect.poll(async () => (await relay.report()).circuits).toBe(0)
})

test('a circuit that has carried what it may is cut, and that is told', async () => {
  const lines: string[] = []
  const relay = await aRelay({ limits: { circuitBytes: 60_000 }, log: (level, text) => lines.push(`${level} ${text}`) })
  const [a, b] = await Promise.all([aRelayedNode({ relays: relay.addresses }), aRelayedNode({ relays: relay.addresses })])
  await untilInSync(a, b)
  a.replica.writeMany(noteOf(a), 500)
  await expect.poll(async () => (await relay.report()).refused['bytes-of-circuit'], { timeout: 10_000 }).toBeGreaterThan(0)
  expect(lines.some((line) => line.startsWith('warn a circuit has carried as much as it may (--max-circuit-bytes)'))).toBe(true)
})

test('a relay gives as many reservations and circuits as it may', async () => {
  const relay = await aRelay({ limits: { reservations: 1 } })
  const [a, b] = await Promise.all([aRelayedNode({ relays: relay.addresses }), aRelayedNode({ relays: relay.addresses })])
  await expect.poll(async () => (await relay.report()).refused['reservations-in-all'], { timeout: 10_000 }).toBeGreaterThan(0)
  expect((await relay.report()).reservations).toBe(1)
  await Promise.all([a.close(), b.close()])
})

test('a peer opens no more circuits than it may', async () => {
  const relay = await aRelay({ limits: { circuitsPerPeer: 1, circuits: 1 } })
  await Promise.all([1, 2, 3].map(() => aRelayedNode({ relays: relay.addresses })))
  const refused = async (): Promise<number> => {
    const { refused } = await relay.report()
    return refused['circuits-of-peer'] + refused['circuits-in-all']
  }
  await expect.poll(refused, { timeout: 10_000 }).toBeGreaterThan(0)
  expect((await relay.report()).circuits).toBeLessThanOrEqual(1)
})

test.each([
  [{ peerBytesPerSecond: 300 }, 'bytes-of-peer'],
  [{ bytesPerSecond: 300 }, 'bytes-in-all'],
] as const)('with %j a circuit through which more flows is cut, and no other is made', async (limits, reason) => {
  const relay = await aRelay({ limits })
  const [a, b] = await Promise.all([aRelayedNode({ relays: relay.addresses }), aRelayedNode({ relays: relay.addresses })])
  await untilInSync(a, b)
  a.replica.writeMany(noteOf(a), 1000)
  await expect.poll(async () => (await relay.report()).refused[reason], { timeout: 10_000 }).toBeGreaterThan(1)
  expect((await relay.report()).relayedBytes).toBeLessThan(2 * 300 * 300)
})

test('a peer that asks for circuits without end is stopped', async () => {
  const relay = await aRelay({ limits: { requestsPerSecond: 0.1 } })
  const ann = await somebody()
  // Two requests at once, and one more each ten seconds.
  for (let count = 0; count < 4; count++) await ann.speak(relay.addresses[0] ?? '', RELAY_V2_HOP_CODEC, {}).catch(() => {})
  await expect.poll(async () => (await relay.report()).refused['requests-of-peer']).toBe(2)
})

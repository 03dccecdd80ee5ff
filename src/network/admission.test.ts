import { multiaddr } from '@multiformats/multiaddr'
import { expect, onTestFinished, test } from 'vitest'

import { isFailure } from '../errors.ts'
import { pause, systemClock } from '../util/clock.ts'
import { addressOf, aNode, connect, noteOf, type TestNode } from './network.testkit.ts'
import type { NetworkTuning } from './network.ts'
import type { P2POptions } from './options.ts'
import type { MemoryReplicaOptions } from './replica.testkit.ts'

const PEER = '12D3KooWEFCQ1iGMobsmNTPXb758kJkFc7XieQyGKpsuMxeDktz4'

async function running(options: P2POptions = {}, replica: MemoryReplicaOptions = {}, tuning: NetworkTuning = {}): Promise<TestNode> {
  const node = await aNode(options, replica, tuning)
  onTestFinished(() => node.close())
  return node
}

/** Whether `from` gets a connection to `to` that is still there a moment later. */
async function getsThrough(from: TestNode, to: TestNode): Promise<boolean> {
  try {
    await from.host.node.dial(multiaddr(await addressOf(to)))
  } catch {
    return false
  }
  await pause(systemClock, 200)
  return from.host.node.getConnections(to.host.node.peerId).length > 0 && (await from.peer(to)) !== undefined
}

test('a blocked peer is gone at once, and gets in neither way until it is unblocked', async () => {
  const [a, b] = [await running(), await running()]
  await connect(a, b)
  await a.network.p2p.block(b.id)
  expect(await a.network.p2p.peers()).toEqual([])
  expect(a.host.node.getConnections()).toEqual([])
  await b.until('gone', async () => (await b.peer(a)) === undefined)
  expect(await getsThrough(b, a)).toBe(false)
  await expect(a.host.node.dial(multiaddr(await addressOf(b)))).rejects.toThrow()
  await expect(a.network.p2p.connect(await addressOf(b))).rejects.toThrow(`p2p.unblock("${b.id}") takes it back`)
  b.replica.write(noteOf(b))
  a.replica.write(noteOf(a))
  await pause(systemClock, 300)
  expect([a.replica.count(noteOf(a)), b.replica.count(noteOf(b))]).toEqual([1, 1])
  await a.network.p2p.unblock(b.id)
  // It was connected to before, and is dialled again.
  await Promise.all([a, b].map((node) => node.replica.untilCount(noteOf(node), 2)))
  expect(a.replica.content(noteOf(a))).toBe(b.replica.content(noteOf(b)))
})

test('what a blocked peer gossips is not taken; what others pass on is', async () => {
  const tuning = { crowd: 0 }
  const [a, b, c] = [await running({}, {}, tuning), await running({}, {}, tuning), await running({}, {}, tuning)]
  await connect(a, b)
  await a.network.p2p.block(b.id)
  b.replica.write(noteOf(b))
  await pause(systemClock, 500)
  expect(a.replica.merges.commits).toBe(0)
  await connect(c, b)
  await connect(a, c)
  await a.replica.untilCount(noteOf(a), 1)
})

test('blocked peers stay so over restarts', async () => {
  const settings = new Map<string, Uint8Array>()
  const first = await aNode({}, { settings })
  const b = await running()
  await connect(first, b)
  await first.network.p2p.block(await addressOf(b))
  await first.close()
  const again = await running({}, { settings })
  expect(await again.network.p2p.blocked()).toEqual([b.id])
  expect(await getsThrough(b, again)).toBe(false)
  await again.network.p2p.unblock(b.id)
  expect(await getsThrough(b, again)).toBe(true)
  expect(settings.has('blocked-peers')).toBe(false)
})

test('with an allow-list nobody else gets in', async () => {
  const [b, c] = [await running(), await running()]
  const a = await running({ allow: [b.id] })
  expect(await getsThrough(c, a)).toBe(false)
  await expect(a.network.p2p.connect(await addressOf(c))).rejects.toThrow('is not among those that p2p.allow names')
  await connect(b, a)
  expect((await a.network.p2p.peers()).map(({ id }) => id)).toEqual([b.id])
  const nobody = await running({ allow: [] })
  expect(await getsThrough(b, nobody)).toBe(false)
})

test('a peer that the options block stays blocked', async () => {
  const b = await running()
  const a = await running({ block: [b.id] })
  expect(await getsThrough(b, a)).toBe(false)
  await expect(a.network.p2p.unblock(b.id)).rejects.toThrow('was opened with p2p.block')
  expect(await a.network.p2p.blocked()).toEqual([b.id])
})

test('a replicator to a blocked peer says so', async () => {
  const [a, b] = [await running(), await running()]
  await a.network.p2p.replicators.set(await addressOf(b))
  await a.until('replicated', async () => (await a.network.p2p.replicators.getAll())[0]?.status === 'active')
  await a.network.p2p.block(b.id)
  expect(await a.network.p2p.replicators.getAll()).toMatchObject([{ status: 'inactive', problem: 'the peer is blocked' }])
})

test('names are checked', async () => {
  const a = await running()
  const cases: readonly [() => Promise<unknown>, string, string][] = [
    [() => a.network.p2p.block('bob'), 'INVALID_ADDRESS', '"bob" is no peer ID'],
    [() => a.network.p2p.block('/ip4/1.2.3.4/tcp/1'), 'INVALID_ADDRESS', 'does not end with "/p2p/<peer ID>"'],
    [() => a.network.p2p.block(a.id), 'INVALID_ADDRESS', 'is this node itself'],
    [() => a.network.p2p.unblock(PEER), 'NOT_FOUND', 'p2p.blocked() lists'],
    [() => aNode({ block: ['bob'] }), 'INVALID_ADDRESS', '"bob" is no peer ID'],
    [() => aNode({ allow: [PEER], block: [PEER] }), 'INVALID_ARGUMENT', 'both name'],
    [() => aNode({ relays: [`/ip4/127.0.0.1/tcp/1/ws/p2p/${PEER}`], block: [PEER] }), 'INVALID_ARGUMENT', 'is a relay of this node'],
    [() => aNode(JSON.parse('{"allow":"bob"}')), 'INVALID_ARGUMENT', 'p2p.allow is "bob"; give a list'],
    [() => aNode(JSON.parse('{"block":[1]}')), 'INVALID_ARGUMENT', 'p2p.block is [1]; give a list'],
  ]
  for (const [run, code, message] of cases) {
    const failure = await run().catch((error: unknown) => error)
    expect(isFailure(failure) ? [failure.code, failure.message] : failure).toEqual([code, expect.stringContaining(message)])
  }
})

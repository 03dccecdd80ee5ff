import { expect, onTestFinished, test } from 'vitest'

import { pause, systemClock } from '../util/clock.ts'
import type { NetworkTuning } from './network.ts'
import { addressOf, aNode, noteOf, type TestNode } from './network.testkit.ts'

/** A node that dials nobody by itself and has two places. */
const TWO_PLACES: NetworkTuning = { places: { most: 2, dialled: 0 } }

async function running(tuning: NetworkTuning = {}, collections: readonly string[] = []): Promise<TestNode> {
  const node = await aNode({}, {}, tuning)
  onTestFinished(() => node.close())
  for (const name of collections) node.replica.addCollection(name)
  return node
}

async function peersOf(node: TestNode): Promise<readonly string[]> {
  return (await node.network.p2p.peers()).map(({ id }) => id).toSorted()
}

function idsOf(...nodes: readonly TestNode[]): readonly string[] {
  return nodes.map(({ id }) => id).toSorted()
}

function farewells(node: TestNode): readonly (string | undefined)[] {
  return node.told.flatMap(({ name, detail }) => (name === 'peer:disconnect' ? [detail.reason] : []))
}

async function untilPeers(node: TestNode, ...peers: readonly TestNode[]): Promise<void> {
  await node.until('these peers', async () => (await peersOf(node)).join() === idsOf(...peers).join())
}

test('who comes when all places are taken is told so, and does not come again and again', async () => {
  const hub = await running(TWO_PLACES)
  const [a, b, late] = [await running(), await running(), await running()]
  for (const node of [a, b, late]) await node.network.p2p.connect(await addressOf(hub))
  await untilPeers(hub, a, b)
  await late.until('told', () => farewells(late).length === 1)
  expect(farewells(late)).toEqual(['the peer has enough others'])
  await hub.until('parted', () => farewells(hub).length === 1)
  expect(farewells(hub)).toEqual(['this node has enough other peers'])
  await pause(systemClock, 3000)
  expect(late.told.filter(({ name }) => name === 'peer:connect')).toHaveLength(1)
  expect(await peersOf(hub)).toEqual(idsOf(a, b))
  // When there is a place, it is taken: the one who waits tries now and then.
  await a.close()
  await untilPeers(hub, b, late)
  hub.replica.write(noteOf(hub))
  await late.replica.untilCount(noteOf(late), 1)
})

test('who shares more collections takes the place of one that shares fewer', async () => {
  const hub = await running(TWO_PLACES, ['Task'])
  const [one, two, more] = [await running(), await running({}, ['Task']), await running({}, ['Task'])]
  for (const node of [one, two, more]) await node.network.p2p.connect(await addressOf(hub))
  await untilPeers(hub, two, more)
  expect(farewells(one)).toEqual(['the peer has enough others'])
})

test('peers it was told to dial, and targets of replicators, always have a place', async () => {
  const hub = await running(TWO_PLACES, ['Task'])
  const [told, target] = [await running(), await running()]
  const others = [await running({}, ['Task']), await running({}, ['Task'])]
  await hub.network.p2p.connect(await addressOf(told))
  await hub.network.p2p.replicators.set(await addressOf(target))
  await untilPeers(hub, told, target)
  for (const node of others) await node.network.p2p.connect(await addressOf(hub))
  for (const node of others) await node.until('told', () => farewells(node).length > 0)
  await untilPeers(hub, told, target)
})

test('whoever has nobody else takes the place of one that has', async () => {
  const hub = await running(TWO_PLACES)
  const [a, b, lonely] = [await running(), await running(), await running()]
  for (const node of [a, b]) await node.network.p2p.connect(await addressOf(hub))
  await a.network.p2p.connect(await addressOf(b))
  await lonely.network.p2p.connect(await addressOf(hub))
  await hub.until('one has made room', () => farewells(hub).length === 1)
  await hub.until('two peers', async () => (await peersOf(hub)).length === 2)
  expect(await peersOf(hub)).toContain(lonely.id)
  // What one of them writes comes to all, over the others.
  lonely.replica.write(noteOf(lonely))
  await Promise.all([a, b].map((node) => node.replica.untilCount(noteOf(node), 1)))
})

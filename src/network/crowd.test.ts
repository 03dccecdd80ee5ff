import { expect, onTestFinished, test } from 'vitest'

import { SETTLE_TIME } from './limits.ts'
import { aNode, untilInSync, type TestNode } from './network.testkit.ts'
import type { P2POptions } from './options.ts'
import { gossipTopic, topicOf } from './topics.ts'

/** A node to which two are a crowd, so that gossip carries what it writes. */
async function running(options: P2POptions = {}): Promise<TestNode> {
  const node = await aNode(options, {}, { crowd: 0 })
  onTestFinished(() => node.close())
  return node
}

function noteOf(node: TestNode): string {
  return node.replica.collectionIds()[0] ?? ''
}

function subscribersOf(node: TestNode): readonly string[] {
  return node.host.node.services.gossip.getSubscribers(gossipTopic(topicOf(noteOf(node), ''))).map(String)
}

async function addressesOf(node: TestNode): Promise<readonly string[]> {
  return (await node.network.p2p.info()).addresses.filter((address) => address.includes('/tcp/'))
}

async function connect(from: TestNode, to: TestNode): Promise<void> {
  await from.network.p2p.connect((await addressesOf(to))[0] ?? '')
  await untilInSync(from, to)
  await expect.poll(() => subscribersOf(from)).toContain(to.id)
  await expect.poll(() => subscribersOf(to)).toContain(from.id)
}

test('gossip carries a commit over several hops, to each node once', async () => {
  const [a, b, c] = await Promise.all([running(), running(), running()])
  const note = noteOf(a)
  await connect(a, b)
  await connect(b, c)
  const before = [b, c].map(({ replica }) => replica.merges.commits)
  for (let round = 1; round <= 10; round++) {
    a.replica.write(note)
    await c.replica.untilCount(note, round)
  }
  expect([b, c].map(({ replica }) => replica.merges.commits)).toEqual(before.map((count) => count + 10))
})

test('what is too large for gossip is announced and fetched', async () => {
  const [a, b] = await Promise.all([running(), running()])
  const note = noteOf(a)
  await connect(a, b)
  a.replica.writeMany(note, 500)
  await b.replica.untilCount(note, 500)
})

test('live commits arrive when gossip has fallen silent because a connection was replaced', async () => {
  const listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0']
  const nodes = [await running({ listen }), await running({ listen })]
  // The one that leads would close a second connection of its own making.
  const [a, b] = nodes.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  if (a === undefined || b === undefined) throw new Error('there are two nodes')
  const note = noteOf(a)
  await connect(b, a)
  const [first] = b.host.node.getConnections(a.host.node.peerId)
  const other = (await addressesOf(a)).find((address) => !address.startsWith(first?.remoteAddr.decapsulate('/p2p').toString() ?? '')) ?? ''
  const { multiaddr } = await import('@multiformats/multiaddr')
  await b.host.node.dial(multiaddr(other), { force: true })
  first?.abort(new Error('the test replaces it'))
  await untilInSync(a, b)
  // Gossipsub does not use the connection that is left.
  const { recipients } = await a.host.node.services.gossip.publish(gossipTopic(topicOf(note, '')), Uint8Array.of(0))
  expect(recipients).toEqual([])
  const started = performance.now()
  a.replica.write(note)
  await b.replica.untilCount(note, 1)
  // Sooner than a comparison could have found it.
  expect(performance.now() - started).toBeLessThan(SETTLE_TIME)
})

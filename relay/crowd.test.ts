import { expect, onTestFinished, test } from 'vitest'

import { aNode, type TestNode } from '../src/network/network.testkit.ts'
import type { P2POptions } from '../src/network/options.ts'
import { pause, systemClock } from '../src/util/clock.ts'
import { startRelay } from './relay.ts'

const PLACES = { most: 5, dialled: 3 }
/** Three times as many as one may be connected to: real WebRTC in one process, which more of them keep busy for minutes. */
const NODES = 15

/** Everything from here to there by steps from peer to peer. */
async function reachableFrom(first: TestNode, nodes: readonly TestNode[]): Promise<number> {
  const peers = new Map(
    await Promise.all(nodes.map(async (node) => [node.id, (await node.network.p2p.peers()).map(({ id }) => id)] as const)),
  )
  const reached = new Set([first.id])
  for (const id of reached) for (const other of peers.get(id) ?? []) reached.add(other)
  return reached.size
}

test('more nodes than one may be connected to stay one mesh, and whoever is full is left alone', { timeout: 240_000 }, async () => {
  const relay = await startRelay({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => relay.close())
  const run = async (options: P2POptions = {}): Promise<TestNode> => {
    const node = await aNode({ relays: relay.addresses, listen: [], ...options }, {}, { places: PLACES })
    onTestFinished(() => node.close())
    return node
  }
  const nodes: TestNode[] = []
  for (let index = 0; index < NODES; index++) nodes.push(await run())
  const counts = async (): Promise<readonly number[]> => Promise.all(nodes.map(async (node) => (await node.network.p2p.peers()).length))
  const [first, second] = nodes
  if (first === undefined || second === undefined) throw new Error('there are nodes')

  const isOneMesh = async (): Promise<boolean> => (await reachableFrom(first, nodes)) === nodes.length
  await expect.poll(isOneMesh, { timeout: 90_000, interval: 500 }).toBe(true)
  const note = first.replica.collectionIds()[0] ?? ''
  for (const node of nodes) node.replica.write(note)
  await Promise.all(nodes.map((node) => node.replica.untilCount(note, NODES)))
  await expect.poll(async () => Math.max(...(await counts())), { timeout: 30_000, interval: 500 }).toBeLessThanOrEqual(PLACES.most)

  // Nobody goes round in circles: in so many seconds there are fewer new connections than nodes.
  const connects = (): number => nodes.reduce((sum, { told }) => sum + told.filter(({ name }) => name === 'peer:connect').length, 0)
  await pause(systemClock, 5000)
  const before = connects()
  await pause(systemClock, 5000)
  expect(connects() - before).toBeLessThan(NODES)

  // Places that become free are taken.
  const gone = nodes.splice(2, 5)
  await Promise.all(gone.map((node) => node.close()))
  await expect.poll(isOneMesh, { timeout: 60_000, interval: 500 }).toBe(true)
  // On the whole: one whose attempts meet full nodes again and again waits longer for the next.
  const average = async (): Promise<number> => (await counts()).reduce((sum, count) => sum + count, 0) / nodes.length
  await expect.poll(average, { timeout: 60_000, interval: 500 }).toBeGreaterThanOrEqual(PLACES.dialled)
  second.replica.write(note)
  await Promise.all(nodes.map((node) => node.replica.untilCount(note, NODES + 1)))
})

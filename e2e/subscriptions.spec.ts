import type { ReplicatorStatus } from '../src/index.node.ts'
import type { NodePage } from './support/node-page.ts'
import { expect, test } from './support/stage.ts'

/** Nothing can be waited for where nothing is to come. So something else goes the same way behind it, to a node that subscribes to markers. */
async function untilPassed(from: NodePage, to: NodePage): Promise<void> {
  const before = await to.count('Marker')
  await from.create('Marker', 1)
  await to.untilCount('Marker', before + 1)
}

test('a tab gets what it subscribes to, through its own reload, until it ends the subscription', async ({ newNode }) => {
  const [a, b] = [await newNode('a'), await newNode('b')]
  await Promise.all([a.open(), b.open()])
  await b.page.evaluate(() => globalThis.db.p2p.collections.add('Marker'))
  await a.create('Note', 20)
  await untilPassed(a, b)
  expect(await b.count('Note')).toBe(0)

  await b.page.evaluate(() => globalThis.db.p2p.collections.add(['Note']))
  await b.untilCount('Note', 20)
  await a.create('Note', 1)
  await b.untilCount('Note', 21)

  await Promise.all([b.page.reload(), a.create('Note', 10)])
  await b.open()
  expect(await b.page.evaluate(() => globalThis.db.p2p.collections.getAll())).toEqual(['Marker', 'Note'])
  await b.untilCount('Note', 31)
  await a.create('Note', 1)
  await b.untilCount('Note', 32)
  expect(await b.digest('Note')).toBe(await a.digest('Note'))

  await b.page.evaluate(() => globalThis.db.p2p.collections.remove('Note'))
  // Changes of subscriptions are gathered for a moment before they are told.
  await b.page.waitForTimeout(200)
  await a.create('Note', 5)
  await untilPassed(a, b)
  expect(await b.count('Note')).toBe(32)
})

test('a replicator brings documents into a tab that subscribes to nothing, and outlives a reload of its own', async ({ newNode }) => {
  const [a, b] = [await newNode('a'), await newNode('b')]
  await Promise.all([a.open(), b.open()])
  const idB = await b.peerId()
  const status = async (): Promise<ReplicatorStatus | undefined> => (await a.page.evaluate(() => globalThis.db.p2p.replicators.getAll()))[0]
  await a.create('Note', 20)
  await a.page.evaluate((id) => globalThis.db.p2p.replicators.set(id, { collections: ['Note'] }), idB)
  await b.untilCount('Note', 20)
  await expect.poll(status).toMatchObject({ id: idB, collections: ['Note'], status: 'active', pending: [] })

  await b.close()
  await a.create('Note', 5)
  await expect.poll(status).toMatchObject({ status: 'inactive', pending: ['Note'] })
  await a.page.reload()
  await a.open()
  expect(await status()).toMatchObject({ id: idB, collections: ['Note'], pending: ['Note'] })

  await b.open()
  await b.untilCount('Note', 25)
  await expect.poll(status).toMatchObject({ status: 'active', pending: [] })
  await a.create('Note', 1)
  await b.untilCount('Note', 26)
  expect(await b.digest('Note')).toBe(await a.digest('Note'))
  expect(await b.page.evaluate(() => globalThis.db.p2p.collections.getAll())).toEqual([])
})

import { startNodeProcess, type NodeProcess } from '../src/cli/node-process.testkit.ts'
import { openHttpDatabase, type Database } from '../src/index.http.ts'
import type { Link, P2POptions } from '../src/index.node.ts'
import type { NodePage } from './support/node-page.ts'
import { expect, SCHEMA, test } from './support/stage.ts'

/** What both must show alike: everything of every document, deleted ones too. */
const EVERYTHING = '{ Note(showDeleted: true, order: { _docID: ASC }) { _docID _deleted title body _version { cid } } }'

const ARRIVES_WITHIN = 20_000

interface Way {
  readonly link: Link
  readonly flags: (relay: string) => readonly string[]
  readonly p2p: (node: NodeProcess, relay: string) => P2POptions
}

const WAYS: readonly Way[] = [
  {
    link: 'websocket',
    flags: () => ['--p2paddr', '/ip4/127.0.0.1/tcp/0/ws'],
    p2p: ({ addresses }) => ({ peers: addresses }),
  },
  {
    link: 'webrtc-direct',
    flags: () => ['--p2paddr', '/ip4/127.0.0.1/udp/0/webrtc-direct'],
    p2p: ({ addresses }) => ({ peers: addresses }),
  },
  {
    link: 'webrtc',
    flags: (relay) => ['--relays', relay],
    p2p: (_, relay) => ({ relays: [relay] }),
  },
]

for (const { link, flags, p2p } of WAYS) {
  test(`a tab and a Node process stay the same over ${link}, also when the process starts again`, async ({ newNode, relay }) => {
    await using node = await startNodeProcess({ flags: flags(relay.address) })
    await using db = await aSubscriber(node)
    const fromNode = await db.collection<object>('Note').create([{ title: 'Node 1' }, { title: 'Node 2' }])

    const tab = await newNode(link)
    await tab.open({ p2p: { subscribe: 'all' } })
    const fromTab = await create(tab, [{ title: 'tab 1' }, { title: 'tab 2' }])
    await tab.close()
    await tab.open({ p2p: { ...p2p(node, relay.address), subscribe: 'all' } })
    await expectSame(tab, db, 4)
    await expectLink(tab, db, link)

    await update(tab, fromNode[0], { title: 'Node 1, by the tab' })
    await remove(tab, fromNode[1])
    await db.collection<object>('Note').update(fromTab[0] ?? '', { body: 'by Node' })
    await db.collection('Note').delete(fromTab[1] ?? '')
    await Promise.all([create(tab, [{ title: 'tab 3' }]), db.collection<object>('Note').create({ title: 'Node 3' })])
    await expect.poll(() => titles(db)).toEqual(['Node 1, by the tab', 'Node 3', 'tab 1 by Node', 'tab 3'])
    await expectSame(tab, db, 6)

    await node.stop()
    await update(tab, fromTab[0], { title: 'tab 1, while Node was away' })
    await remove(tab, fromNode[0])
    await create(tab, [{ title: 'tab 4' }])
    await node.restart()
    await expect
      .poll(() => titles(db), { timeout: ARRIVES_WITHIN })
      .toEqual(['Node 3', 'tab 1, while Node was away by Node', 'tab 3', 'tab 4'])
    await db.collection<object>('Note').create({ title: 'Node 4' })
    await expectSame(tab, db, 8)
    await expectLink(tab, db, link)
  })
}

test('a replicator gives a tab what a Node process has, and another the other way round, also after a restart', async ({ newNode }) => {
  await using node = await startNodeProcess({
    flags: ['--p2paddr', '/ip4/127.0.0.1/udp/0/webrtc-direct', '--replicator-retry-intervals', '1'],
  })
  await using db = openHttpDatabase({ url: node.url })
  await db.schema.add(SCHEMA)
  const tab = await newNode('replicator')
  await tab.open({ p2p: { replicatorRetryIntervals: [1] } })
  await db.collection<object>('Note').create([{ title: 'Node 1' }, { title: 'Node 2' }])
  await tab.create('Marker', 2)

  // Only the tab can dial: the other finds its way by the connection that is there.
  await tab.page.evaluate((peer) => globalThis.db.p2p.replicators.set(peer, { collections: ['Marker'] }), node.addresses[0] ?? '')
  await expect.poll(() => count(db, 'Marker'), { timeout: ARRIVES_WITHIN }).toBe(2)
  await db.p2p.replicators.set(await tab.peerId(), { collections: ['Note'] })
  await tab.untilCount('Note', 2)

  await tab.create('Note', 1)
  await node.stop()
  await tab.create('Marker', 2)
  await node.restart()
  await expect.poll(() => count(db, 'Marker'), { timeout: ARRIVES_WITHIN }).toBe(4)
  await db.collection<object>('Note').create({ title: 'Node 3' })
  await tab.untilCount('Note', 4)
  // Neither subscribes, so nothing else has moved.
  expect(await count(db, 'Note')).toBe(3)
})

/** The API of a Node process that has the tab's collections and subscribes to them. */
async function aSubscriber(node: NodeProcess): Promise<Database> {
  const db = openHttpDatabase({ url: node.url })
  await db.schema.add(SCHEMA)
  await db.p2p.collections.add('Note')
  return db
}

async function expectSame(tab: NodePage, db: Database, count: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const [here, there] = await Promise.all([tab.data(EVERYTHING), db.execute(EVERYTHING)])
        return { count: (here['Note'] as readonly unknown[]).length, isSame: JSON.stringify(here) === JSON.stringify(there.data) }
      },
      { timeout: ARRIVES_WITHIN, message: 'the documents of the tab and of Node' },
    )
    .toEqual({ count, isSame: true })
}

async function expectLink(tab: NodePage, db: Database, link: Link): Promise<void> {
  const [idOfTab, { id }] = [await tab.peerId(), await db.p2p.info()]
  const links = async (): Promise<unknown> => [...(await tab.peers()), ...(await db.p2p.peers())].map((peer) => [peer.id, peer.link])
  await expect.poll(links, { timeout: ARRIVES_WITHIN }).toEqual([
    [id, link],
    [idOfTab, link],
  ])
}

async function count(db: Database, collection: string): Promise<number> {
  return (await Array.fromAsync(db.collection(collection).docIDs())).length
}

async function titles(db: Database): Promise<readonly string[]> {
  const { data } = await db.execute('{ Note { title body } }')
  const notes = (data?.['Note'] ?? []) as readonly { readonly title: string; readonly body: string | null }[]
  return notes.map(({ title, body }) => (body === null ? title : `${title} ${body}`)).toSorted()
}

function create(tab: NodePage, documents: readonly object[]): Promise<readonly string[]> {
  return tab.page.evaluate((documents) => globalThis.db.collection<object>('Note').create(documents), documents)
}

function update(tab: NodePage, docID: string | undefined, patch: object): Promise<void> {
  return tab.page.evaluate(([docID, patch]) => globalThis.db.collection<object>('Note').update(docID, patch), [docID ?? '', patch] as const)
}

function remove(tab: NodePage, docID: string | undefined): Promise<boolean> {
  return tab.page.evaluate((docID) => globalThis.db.collection('Note').delete(docID), docID ?? '')
}

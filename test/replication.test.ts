import { afterEach, describe, expect, it } from 'vitest'

import { startRelay } from '../relay/relay.ts'
import { openDatabase, type Database, type P2POptions } from '../src/index.node.ts'

const SCHEMA = 'type Note { text: String } type Log { line: String }'

const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
})

async function aNode(p2p: P2POptions): Promise<Database> {
  const node = await openDatabase({ storage: 'memory', schema: SCHEMA, p2p })
  open.push(node)
  return node
}

async function addressOf(node: Database): Promise<string> {
  const { addresses } = await node.p2p.info()
  return addresses[0] ?? ''
}

async function aRelay(): Promise<readonly string[]> {
  const relay = await startRelay({ host: '127.0.0.1', port: 0 })
  open.push(relay)
  return relay.addresses
}

/** Makes two nodes, the second of which dials the first over one kind of connection. */
type Way = () => Promise<readonly [Database, Database]>

function dialled(listen: string): Way {
  return async () => {
    const [a, b] = [await aNode({ listen: [listen] }), await aNode({ listen: [] })]
    await b.p2p.connect(await addressOf(a))
    return [a, b]
  }
}

const WAYS: Readonly<Record<string, Way>> = {
  tcp: dialled('/ip4/127.0.0.1/tcp/0'),
  websocket: dialled('/ip4/127.0.0.1/tcp/0/ws'),
  'webrtc-direct': dialled('/ip4/127.0.0.1/udp/0/webrtc-direct'),
  webrtc: async () => {
    const relays = await aRelay()
    return [await aNode({ relays, listen: [] }), await aNode({ relays, listen: [] })]
  },
  relayed: async () => {
    const relays = await aRelay()
    // Only one of them knows the relay, so nothing leads to a direct connection.
    const [a, b] = [await aNode({ relays, listen: [] }), await aNode({ listen: [] })]
    const { id } = await a.p2p.info()
    await until(async () => (await a.p2p.relays())[0]?.state === 'reserved')
    await b.p2p.connect(`${relays[0]}/p2p-circuit/p2p/${id}`)
    return [a, b]
  },
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { timeout: 20_000 }).toBe(true)
}

async function texts(node: Database): Promise<unknown> {
  return (await node.execute('{ Note(order: {text: ASC}) { text } }')).data?.['Note']
}

async function has(node: Database, collection: string, docID: string): Promise<boolean> {
  return (await node.collection(collection).get(docID)) !== undefined
}

describe.each(Object.entries(WAYS))('over %s', (link, connect) => {
  it('nodes catch up, follow, fetch on demand and replicate', async () => {
    const [a, b] = await connect()
    const notes = a.collection('Note')
    const ids = await notes.create(Array.from({ length: 300 }, (_, index) => ({ text: `note ${index}` })))
    const [first = '', second = ''] = ids
    await until(async () => (await b.p2p.peers()).some((peer) => peer.link === link))

    await b.p2p.documents.sync('Note', first, { timeout: 20_000 })
    expect(await b.collection('Note').get(first)).toMatchObject({ text: 'note 0' })

    await b.p2p.documents.add(second)
    await until(() => has(b, 'Note', second))
    expect(await texts(b)).toHaveLength(2)

    await b.p2p.collections.add('Note')
    await until(async () => ((await texts(b)) as readonly unknown[]).length === 300)
    await notes.update(first, { text: 'changed' })
    await until(async () => (await b.collection('Note').get(first))?.['text'] === 'changed')
    expect(await texts(b)).toEqual(await texts(a))

    const line = await b.collection('Log').create({ line: 'one' })
    await b.p2p.replicators.set((await a.p2p.info()).id, { collections: ['Log'] })
    await until(() => has(a, 'Log', line))
    await until(async () => (await b.p2p.replicators.getAll()).every(({ status, pending }) => status === 'active' && pending.length === 0))
    expect((await b.p2p.peers()).map((peer) => peer.link)).toEqual([link])
  })
})

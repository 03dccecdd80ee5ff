import { expect, onTestFinished, test } from 'vitest'

import type { Database } from '../src/database/database.ts'
import { openTestNode } from '../src/database/database.testkit.ts'
import type { Replica } from '../src/database/replica.ts'
import { MAX_KNOWN_PEERS, MAX_WHO_FRAME_BYTES, RELAY_PATIENCE } from '../src/network/limits.ts'
import { startTestNode, type TestNode } from '../src/network/network.testkit.ts'
import { pause, systemClock } from '../src/util/clock.ts'
import { aHostileRelay, anInventedPeer, aSession, type HostileRelay, type Mischief } from './hostile-relay.testkit.ts'
import { aFolder, aRelay, blockDirect, NO_WAY } from './relay.testkit.ts'
import { startRelay, type Relay } from './relay.ts'

const SCHEMA = 'type Zettelkasten { ueberschrift: String }'
/** What a relay would have to show to have learnt something. */
const SECRETS = ['Zettelkasten', 'ueberschrift', 'Geheimnis']

interface RealNode extends TestNode<Replica> {
  readonly db: Database
  /** Whom it has dialled, each attempt. */
  readonly dialled: readonly string[]
  /** What is here: the text of each document by its ID. */
  documents(): Promise<ReadonlyMap<string, string>>
}

interface NodeOptions {
  readonly relays: readonly string[]
  readonly isRelayed?: boolean
  readonly room?: string
}

async function aRealNode({ relays, isRelayed = false, room = 'attic' }: NodeOptions): Promise<RealNode> {
  const { db, replica } = await openTestNode(SCHEMA)
  const node = await startTestNode(replica, { subscribe: 'all', listen: [], room, relays, ...(isRelayed ? { iceServers: NO_WAY } : {}) })
  onTestFinished(async () => {
    await node.close()
    await db.close()
  })
  const dialled: string[] = []
  const dial = node.host.node.dial.bind(node.host.node)
  node.host.node.dial = (target, options) => {
    dialled.push(String(target).split('/p2p/').at(-1) ?? '')
    return dial(target, options)
  }
  if (isRelayed) blockDirect(node)
  const documents = async (): Promise<ReadonlyMap<string, string>> => {
    const { data } = await db.execute('{ Zettelkasten { _docID ueberschrift } }')
    const rows = (data as { readonly Zettelkasten: readonly { readonly _docID: string; readonly ueberschrift: string }[] }).Zettelkasten
    return new Map(rows.map(({ _docID, ueberschrift }) => [_docID, ueberschrift]))
  }
  return { ...node, db, dialled, documents }
}

interface Scene {
  readonly hostile: HostileRelay
  readonly nodes: readonly RealNode[]
  /** Everything that was written, by document ID. */
  readonly written: Map<string, string>
  /** Starts the other relay, which the nodes know and have not found yet. */
  startHonest(): Promise<Relay>
  write(): Promise<void>
}

/** Two nodes that have only relays to send their data through, and two that can connect directly. */
async function aScene(mischief: Mischief): Promise<Scene> {
  const directory = await aFolder()
  const down = await startRelay({ port: 0, host: '127.0.0.1', directory })
  const honestAddresses = down.addresses
  await down.close()
  const hostile = await aHostileRelay(mischief)
  const relays = [...hostile.addresses, ...honestAddresses]
  const nodes = await Promise.all([true, true, false, false].map((isRelayed) => aRealNode({ relays, isRelayed })))
  const written = new Map<string, string>()
  return {
    hostile,
    nodes,
    written,
    startHonest: () => aRelay({ port: Number(/tcp\/(\d+)/.exec(honestAddresses[0] ?? '')?.[1]), directory }),
    write: async () => {
      for (const { db } of nodes) {
        const text = `Geheimnis ${written.size}`
        written.set(await db.collection('Zettelkasten').create({ ueberschrift: text }), text)
      }
    },
  }
}

function isRecorded({ recorded }: HostileRelay, text: string): boolean {
  return Buffer.concat(recorded).includes(text)
}

/** What nodes have is what was written, and the relay has seen none of it. */
async function expectNothingAltered({ hostile, nodes, written }: Scene): Promise<void> {
  for (const { documents } of nodes) {
    for (const [docId, text] of await documents()) expect(text).toBe(written.get(docId))
  }
  expect(SECRETS.filter((secret) => isRecorded(hostile, secret))).toEqual([])
}

/** What comes later is encrypted; before there is only the handshake, which another case is about. */
const onLater = (change: (piece: Uint8Array) => readonly Uint8Array[]): Mischief => ({
  pass: (piece, { index }) => (index > 8 && index % 3 === 0 ? change(piece) : [piece]),
})

const flipped = (piece: Uint8Array): Uint8Array => piece.map((byte, at) => (at === piece.length >> 1 ? byte ^ 1 : byte))

const MISCHIEF: readonly (readonly [what: string, mischief: Mischief])[] = [
  ['invents peers', { introduce: (_, sharing) => [...sharing, ...Array.from({ length: 200 }, anInventedPeer)] }],
  ['hides peers', { introduce: () => [] }],
  ['swaps sessions', { pester: ({ say }, all) => say({ type: 'present', peers: all.map(({ peer }) => ({ peer, session: aSession() })) }) }],
  [
    'floods presences',
    {
      pester: ({ say }) => {
        const peers = Array.from({ length: 100 }, anInventedPeer)
        say({ type: 'present', peers })
        say({ type: 'gone', peers })
      },
    },
  ],
  ['sends garbage', { pester: ({ sayBytes }) => sayBytes(crypto.getRandomValues(new Uint8Array(40))) }],
  ['sends frames that are too large', { pester: ({ sayBytes }) => sayBytes(new Uint8Array(MAX_WHO_FRAME_BYTES + 1)) }],
  ['tells a wrong STUN port', { stunPort: 1 }],
  ['flips bits of the handshake', { pass: (piece, { index }) => [index < 4 ? flipped(piece) : piece] }],
  ['flips bits', onLater((piece) => [flipped(piece)])],
  ['replays', onLater((piece) => [piece, piece])],
  ['replays what passed elsewhere', { pass: (piece, { index, before }) => (index > 8 ? [before[index] ?? piece, piece] : [piece]) }],
  ['truncates', onLater((piece) => [piece.subarray(0, piece.length >> 1)])],
  ['stalls', { pass: (piece, { index }) => (index > 8 ? [] : [piece]) }],
  ['never lets a circuit begin', { pass: () => [] }],
  [
    'connects a node to another one than it asked for',
    { route: (from, to, all) => all.find(({ peer }) => peer !== from && peer !== to)?.peer ?? to },
  ],
  ['connects a node to itself', { route: (from) => from }],
  ['announces a node as another', { announce: (from, all) => all.find(({ peer }) => peer !== from)?.peer ?? from }],
]

/** How long a relay does what it likes. */
const A_WHILE = 1500
/** A node that is told of two hundred peers by each of many messages dials some three hundred times in a second. */
const MOST_DIALS = 3 * MAX_KNOWN_PEERS

test.each(MISCHIEF)(
  'a relay that %s alters nothing, learns nothing, and does no harm beside an honest one',
  { timeout: 90_000 },
  async (_, mischief) => {
    const scene = await aScene(mischief)
    const { hostile, nodes, written } = scene
    await scene.write()
    if (mischief.stunPort === undefined) await expect.poll(() => hostile.done, { timeout: 20_000 }).toBeGreaterThan(0)
    await pause(systemClock, A_WHILE)
    await expectNothingAltered(scene)
    for (const { dialled, network } of nodes) {
      expect(dialled.length).toBeLessThan(MOST_DIALS)
      expect(new Set(dialled).size).toBeLessThanOrEqual(MAX_KNOWN_PEERS)
      expect((await network.p2p.relays())[0]?.known).toBeLessThanOrEqual(MAX_KNOWN_PEERS)
      // Whoever is connected is who it says.
      for (const { id } of await network.p2p.peers()) expect(nodes.map((node) => node.id)).toContain(id)
    }

    await scene.startHonest()
    await scene.write()
    for (const { documents } of nodes) await expect.poll(documents, { timeout: 60_000, interval: 100 }).toEqual(written)
    await expectNothingAltered(scene)
    // Nobody is blamed for what the relay has done.
    for (const { network } of nodes) expect(await network.p2p.refused()).toEqual([])
  },
)

test('what a relay carries is recorded here, so that nothing found in it means something', async () => {
  const scene = await aScene({})
  await scene.write()
  for (const { documents } of scene.nodes) await expect.poll(documents, { timeout: 20_000 }).toEqual(scene.written)
  expect(isRecorded(scene.hostile, '/noise')).toBe(true)
  expect(scene.hostile.recorded.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(10_000)
  await expectNothingAltered(scene)
})

test('a node says which relay breaks the protocol, and does not listen to it for ever', async () => {
  const hostile = await aHostileRelay({ pester: ({ sayBytes }) => sayBytes(Uint8Array.of(200)) })
  const node = await aRealNode({ relays: hostile.addresses })
  await node.until('it was parted from', async () => (await node.network.p2p.relays())[0]?.state === 'waiting')
  expect(await node.network.p2p.relays()).toMatchObject([
    { address: hostile.addresses[0], lastError: 'the relay breaks the protocol: there is no message with the number 200' },
  ])
  const dropped = node.told.filter(({ name }) => name === 'peer:dropped')
  expect(dropped).toHaveLength(RELAY_PATIENCE)
  expect(dropped[0]?.detail).toMatchObject({ id: hostile.peerId })
})

test('a node does not follow a relay that tells of more comings and goings than there can be', async () => {
  const pester: Mischief['pester'] = ({ say }) => {
    const peers = Array.from({ length: 200 }, anInventedPeer)
    say({ type: 'present', peers })
    say({ type: 'gone', peers })
  }
  const hostile = await aHostileRelay({ pester })
  const node = await aRealNode({ relays: hostile.addresses })
  await node.until('it was parted from', async () => (await node.network.p2p.relays())[0]?.state === 'waiting')
  expect((await node.network.p2p.relays())[0]?.lastError).toContain('it says more of who comes and goes than a relay may')
  expect((await node.network.p2p.relays())[0]?.known).toBe(0)
})

test('nodes that a relay introduces though they share nothing exchange nothing', async () => {
  const hostile = await aHostileRelay({ introduce: (_, __, all) => all })
  const [a, b] = await Promise.all([
    aRealNode({ relays: hostile.addresses, room: 'kitchen' }),
    aRealNode({ relays: hostile.addresses, room: 'attic' }),
  ])
  await a.db.collection('Zettelkasten').create({ ueberschrift: 'Geheimnis' })
  await a.until('they are connected', async () => (await a.peer(b)) !== undefined)
  expect(await a.peer(b)).toMatchObject({ collections: [] })
  await pause(systemClock, A_WHILE)
  expect((await b.documents()).size).toBe(0)
  expect(SECRETS.filter((secret) => isRecorded(hostile, secret))).toEqual([])
})

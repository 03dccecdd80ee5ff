import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { startRelay, type Relay } from '../relay/relay.ts'
import { openDatabase, type Database } from '../src/index.node.ts'
import type { OpenOptions } from '../src/open-options.ts'

const NOTE = 'type Note { title: String votes: Int @crdt(type: pncounter) }'
const LIBRARY = 'type Writer { name: String books: [Book] } type Book { title: String writer: Writer } type Diary { text: String }'

async function aRelay(): Promise<Relay> {
  const relay = await startRelay({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => relay.close())
  return relay
}

async function aDatabase(options: OpenOptions = {}): Promise<Database> {
  const database = await openDatabase({ storage: 'memory', ...options })
  onTestFinished(() => database.close())
  return database
}

async function untilThere(database: Database, collection: string, docID: string): Promise<void> {
  await expect.poll(async () => (await database.collection(collection).get(docID))?._docID, { timeout: 15_000 }).toBe(docID)
}

async function idsOf(database: Database): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await database.collections.describe()).map(({ name, collectionId }) => [name, collectionId]))
}

test('whoever is opened with an invitation has the types, the documents and the relay of who invites', async () => {
  const { addresses: relays } = await aRelay()
  const a = await aDatabase({ schema: LIBRARY, p2p: { relays, listen: [], room: 'ours', subscribe: 'all' } })
  const docID = await a.collection('Book').create({ title: 'Tides' })
  await expect.poll(async () => (await a.p2p.relays())[0]?.state).toBe('reserved')
  const invite = await a.p2p.invite({ collections: ['Book'] })
  const b = await aDatabase({ p2p: { invite: `https://example.org/page${invite}`, listen: [] } })
  const { Diary: _, ...related } = await idsOf(a)
  expect(await idsOf(b)).toEqual(related)
  expect(await b.p2p.collections.getAll()).toEqual(['Book'])
  await untilThere(b, 'Book', docID)
  expect((await b.p2p.relays()).map(({ address }) => address)).toEqual(relays)
  // It can invite in turn.
  expect(await b.p2p.invite({ collections: ['Book'] })).toContain('#invite=')
})

test('a node without relay is dialled', async () => {
  const a = await aDatabase({ schema: NOTE, p2p: { subscribe: 'all' } })
  const docID = await a.collection('Note').create({ title: 'Tides' })
  const b = await aDatabase({ p2p: { invite: await a.p2p.invite() } })
  await untilThere(b, 'Note', docID)
})

test('a running node takes an invitation: types, subscription, a relay, and data that goes both ways', async () => {
  const { addresses: relays } = await aRelay()
  const a = await aDatabase({ schema: NOTE, p2p: { relays, listen: [], subscribe: 'all' } })
  const docID = await a.collection('Note').create({ title: 'Tides' })
  await expect.poll(async () => (await a.p2p.relays())[0]?.state).toBe('reserved')
  const invite = await a.p2p.invite()
  const [b, c] = [await aDatabase({ p2p: { listen: [] } }), await aDatabase({ p2p: { listen: [] } })]
  await b.p2p.connect(invite)
  expect((await b.p2p.peers()).map(({ id }) => id)).toContain((await a.p2p.info()).id)
  await untilThere(b, 'Note', docID)
  // The relay has given it a reservation, so that somebody finds it there.
  await expect.poll(async () => (await b.p2p.relays())[0]?.state).toBe('reserved')
  await c.p2p.connect(await b.p2p.invite())
  const another = await c.collection('Note').create({ title: 'Waves' })
  await untilThere(a, 'Note', another)
  await untilThere(b, 'Note', another)
})

test('what an invitation brought is there after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'warren-invited-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const a = await aDatabase({ schema: NOTE, p2p: { subscribe: 'all' } })
  const invite = await a.p2p.invite()
  const first = await openDatabase({ path: folder, p2p: { invite } })
  await first.close()
  const again = await openDatabase({ path: folder, p2p: { invite } })
  onTestFinished(() => again.close())
  expect(await again.p2p.collections.getAll()).toEqual(['Note'])
  await untilThere(again, 'Note', await a.collection('Note').create({ title: 'Tides' }))
})

test('another room, another type of the same name and garbage are refused, and nothing is taken', async () => {
  const a = await aDatabase({ schema: NOTE, p2p: { room: 'ours' } })
  const invite = await a.p2p.invite()
  await expect(openDatabase({ storage: 'memory', p2p: { invite, room: 'theirs' } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await expect(openDatabase({ storage: 'memory', p2p: { invite: '#invite=AAAA' } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  const b = await aDatabase()
  await expect(b.p2p.connect(invite)).rejects.toThrow('open another database with p2p: { invite }')
  expect(await b.collections.describe()).toEqual([])
  const c = await aDatabase({ schema: 'type Note { other: Int }', p2p: { room: 'ours' } })
  await expect(c.p2p.connect(invite)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  expect(await c.p2p.collections.getAll()).toEqual([])
  await expect(a.p2p.connect(invite)).rejects.toThrow('of this node itself')
  await expect(a.p2p.invite({ collections: ['Not'] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('who invites and is away is named, and what it invites to is there', async () => {
  const a = await openDatabase({ storage: 'memory', schema: NOTE })
  const invite = await a.p2p.invite()
  const { id } = await a.p2p.info()
  await a.close()
  const b = await aDatabase()
  await expect(b.p2p.connect(invite)).rejects.toMatchObject({ code: 'UNREACHABLE', details: { peer: id } })
  expect(await b.p2p.collections.getAll()).toEqual(['Note'])
})

test('a patched collection is invited to as it was first, under the same ID', async () => {
  const a = await aDatabase({ schema: NOTE, p2p: { subscribe: 'all' } })
  await a.schema.patch([{ op: 'add', path: '/Note/Fields/-', value: { Name: 'done', Kind: 'Boolean' } }])
  const docID = await a.collection('Note').create({ title: 'Tides', done: true })
  const b = await aDatabase({ p2p: { invite: await a.p2p.invite() } })
  expect(await idsOf(b)).toEqual(await idsOf(a))
  await untilThere(b, 'Note', docID)
})

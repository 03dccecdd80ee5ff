import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterEach, expect, it } from 'vitest'

import { openDatabase, type Database, type OpenOptions, type P2POptions } from '../src/index.node.ts'

const ENTRY = new URL('../src/index.node.ts', import.meta.url).href
const SCHEMA = 'type Page { title: String }'
const LARGE = 'x'.repeat(300_000)

const undo: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one()
})

async function aNode(p2p: P2POptions, options: OpenOptions = { storage: 'memory' }): Promise<Database> {
  const db = await openDatabase({ schema: SCHEMA, p2p: { subscribe: 'all', ...p2p }, ...options })
  undo.push(() => db.close())
  return db
}

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'warren-test-'))
  undo.push(() => rm(folder, { recursive: true }))
  return folder
}

/** A port that is free, or one that is taken until it is released. */
async function aUdpPort({ held = false } = {}): Promise<{ readonly port: number; release(): Promise<void> }> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind({ address: '127.0.0.1' }, resolve))
  const { port } = socket.address()
  const release = (): Promise<void> => new Promise((resolve) => void socket.close(() => resolve()))
  if (!held) await release()
  return { port, release }
}

/** Resolves once a document is there. */
async function untilThere(db: Database, docID: string): Promise<unknown> {
  for (;;) {
    const arrived = new Promise<void>((resolve) => db.events.addEventListener('merge', () => resolve(), { once: true }))
    const document = await db.collection('Page').get(docID)
    if (document !== undefined) return document
    await arrived
  }
}

it.each([
  ['webrtc-direct', '/ip4/127.0.0.1/udp/0/webrtc-direct', /\/webrtc-direct\/certhash\/uEi[\w-]{44}\/p2p\//],
  ['websocket', '/ip4/127.0.0.1/tcp/0/ws', /\/tcp\/\d+\/ws\/p2p\//],
] as const)('two databases in Node sync over %s', async (link, address, pattern) => {
  const [listener, dialler] = [await aNode({ listen: [address] }), await aNode({ listen: [] })]
  // Larger than a message of any transport.
  const old = await listener.collection('Page').create({ title: LARGE })
  const { id, addresses } = await listener.p2p.info()
  expect(addresses).toEqual([expect.stringMatching(pattern)])
  await dialler.p2p.connect(addresses[0] ?? '')
  expect(await untilThere(dialler, old)).toMatchObject({ title: LARGE })
  expect(await dialler.p2p.peers()).toMatchObject([{ id, link }])
  const live = await dialler.collection('Page').create({ title: `${LARGE}, live` })
  expect(await untilThere(listener, live)).toMatchObject({ title: `${LARGE}, live` })
})

it('a database has the same WebRTC-direct address after a restart', async () => {
  const options = {
    storage: 'persistent',
    path: await aFolder(),
    p2p: { listen: [`/ip4/127.0.0.1/udp/${(await aUdpPort()).port}/webrtc-direct`] },
  } as const
  const [first, second] = [await addressesInAnotherProcess(options), await addressesInAnotherProcess(options)]
  expect(first).toEqual([expect.stringContaining('/certhash/')])
  expect(second).toEqual(first)
}, 20_000)

it('a database does not open on a port that somebody has, leaves nothing behind, and opens once the port is free', async () => {
  const taken = await aUdpPort({ held: true })
  const listen = [`/ip4/127.0.0.1/udp/${taken.port}/webrtc-direct`]
  const options = { storage: 'persistent', path: await aFolder() } as const
  await expect(aNode({ listen }, options)).rejects.toMatchObject({
    code: 'INVALID_ADDRESS',
    message: expect.stringContaining(`UDP port ${taken.port} is taken`),
    details: { address: listen[0] },
  })
  await taken.release()
  await expect(aNode({ listen }, options)).resolves.toBeDefined()
  await expect(aNode({ listen })).rejects.toMatchObject({ code: 'INVALID_ADDRESS' })
})

it('a process that has closed its database outlives those who still dial it, and ends by itself', async () => {
  // The fault that is repaired shows by chance, so there are several listeners.
  const ports = (await Promise.all(Array.from({ length: 6 }, () => aUdpPort()))).map(({ port }) => port)
  const listen = ports.map((port) => `/ip4/127.0.0.1/udp/${port}/webrtc-direct`)
  const printed = await inAnotherProcess(`
    const { openDatabase } = await import(${JSON.stringify(ENTRY)})
    const { createSocket } = await import('node:dgram')
    const { randomFillSync } = await import('node:crypto')
    const db = await openDatabase({ storage: 'memory', p2p: { listen: ${JSON.stringify(listen)} } })
    await new Promise((resolve) => setTimeout(resolve, 50))
    await db.close()
    const socket = createSocket('udp4')
    const request = Buffer.from('${aBindingRequest().toString('hex')}', 'hex')
    for (let knocks = 0; knocks < 300; knocks++) {
      randomFillSync(request, 8, 12)
      await new Promise((resolve) => socket.send(request, ${JSON.stringify(ports)}[knocks % 6], '127.0.0.1', resolve))
      if (knocks % 6 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    socket.close()
    console.log('alive')`)
  expect(printed).toBe('alive\n')
}, 20_000)

/** Opens a database in a process of its own, as after a restart. */
async function addressesInAnotherProcess(options: OpenOptions): Promise<unknown> {
  const printed = await inAnotherProcess(`
    const { openDatabase } = await import(${JSON.stringify(ENTRY)})
    const db = await openDatabase(${JSON.stringify(options)})
    console.log(JSON.stringify((await db.p2p.info()).addresses))
    await db.close()`)
  return JSON.parse(printed)
}

/** What a process prints. Rejects when it does not end well. Memory that nobody has set is not zero there, where the C library is that of GNU. */
async function inAnotherProcess(script: string): Promise<string> {
  const options = { timeout: 15_000, env: { ...process.env, MALLOC_PERTURB_: '170' } }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], options)
  return stdout
}

/** How a STUN request (RFC 8489) of somebody begins who wants to connect: to a user that he makes up, and with an integrity that is checked later. */
function aBindingRequest(): Buffer {
  const user = Buffer.from('libp2p+webrtc+v1/abcdefgh:libp2p+webrtc+v1/abcdefgh')
  const attribute = (type: number, value: Buffer): Buffer => {
    const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
    padded.writeUInt16BE(type, 0)
    padded.writeUInt16BE(value.length, 2)
    value.copy(padded, 4)
    return padded
  }
  const attributes = Buffer.concat([attribute(0x0006, user), attribute(0x0008, Buffer.alloc(20))])
  const head = Buffer.alloc(20)
  head.writeUInt16BE(0x0001, 0)
  head.writeUInt16BE(attributes.length, 2)
  head.writeUInt32BE(0x2112a442, 4)
  return Buffer.concat([head, attributes])
}

// Simulated peers of a soak in a process of their own: node relay/soak-peers.ts <relay> <first number> <how many> <peers of a topic> <peers in all>
import { setTimeout as sleep } from 'node:timers/promises'

import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

import { messageOf } from '../src/errors.ts'
import { addressThrough } from '../src/network/addresses.ts'
import { openFrames } from '../src/network/frames.ts'
import { HASH_BYTES, SESSION_BYTES, WHO_PROTOCOL } from '../src/network/messages.ts'
import { openStream } from '../src/network/open-stream.ts'
import { repairedYamux } from '../src/network/stream-muxer.ts'
import { repairedWebSockets } from '../src/network/web-sockets.ts'
import { openWho, type WhoClient } from '../src/network/who.ts'
import { within, systemClock as clock } from '../src/util/clock.ts'
import type { Counts, FromPeers, Here, ToPeers } from './soak-messages.ts'

const ECHO_PROTOCOL = '/warren/soak-echo/1.0.0'
const SECOND = 1000
const LONGEST_ABSENCE: number = 4 * SECOND
const MOST_BYTES: number = 64 * 1024
/** Libp2p reserves at once; this is for a busy machine. */
const RESERVATION_TIMEOUT: number = 20 * SECOND
const CIRCUIT_TIMEOUT: number = 20 * SECOND
/** Circuits that a process opens at one time when all meet. */
const MEETINGS_AT_A_TIME = 2

const [relayText = '', first = '0', count = '0', perTopic = '1', all = '1'] = process.argv.slice(2)
/** What two cores bear beside the relay, for all processes together. */
const JOINS_PER_SECOND = 3
const ACTS_PER_SECOND = 8
/** How long a peer stays at most; half of that on average. */
const LONGEST_STAY: number = (2 * Number(all) * SECOND) / JOINS_PER_SECOND
/** A peer does something once in this time on average. */
const ACTS_EVERY: number = (Number(all) * SECOND) / ACTS_PER_SECOND
/** How often a peer looks whether it is to do something else. */
const LOOK_EVERY = 250
const relay = multiaddr(relayText)
const counts = { joins: 0, reconnects: 0, circuits: 0, broken: 0 }
const wrong: string[] = []
/** What all are to do. */
const told = { isGathering: false, isLeaving: false }

/** A peer that is at the relay. */
interface Present {
  readonly node: Libp2p
  readonly here: Here
  readonly seen: Set<string>
  who: WhoClient
  connection: Connection
}

async function arrive(topic: number, privateKey: PrivateKey): Promise<Present> {
  const node = await createLibp2p({
    privateKey,
    addresses: { listen: ['/p2p-circuit'] },
    transports: [repairedWebSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [repairedYamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { enabled: false },
    connectionManager: { reconnectRetries: 0 },
    services: { identify: identify() },
  })
  await node.handle(ECHO_PROTOCOL, echo, { runOnLimitedConnection: true, maxInboundStreams: 1000 })
  const here: Here = { peer: node.peerId.toString(), topic }
  const seen = new Set<string>()
  return { node, here, seen, ...(await join(node, here, seen)) }
}

/** Connects to the relay, reserves, and says what it is interested in. */
async function join(node: Libp2p, { topic }: Here, seen: Set<string>): Promise<Pick<Present, 'who' | 'connection'>> {
  const connection = await node.dial(relay, { signal: AbortSignal.timeout(RESERVATION_TIMEOUT) })
  const deadline = Date.now() + RESERVATION_TIMEOUT
  while (!node.getMultiaddrs().some((address) => address.toString().includes('/p2p-circuit'))) {
    if (Date.now() > deadline) throw new Error('the relay gave no reservation')
    await sleep(20)
  }
  seen.clear()
  const stream = await openStream(connection, WHO_PROTOCOL, { clock, signal: new AbortController().signal })
  const who = openWho(stream, {
    session: crypto.getRandomValues(new Uint8Array(SESSION_BYTES)),
    clock,
    onPresent: (peers) => {
      for (const { peer } of peers) seen.add(peer)
    },
    onGone: (peers) => {
      for (const { peer } of peers) seen.delete(peer)
    },
    onWelcome: () => {},
    onDropped: (reason) => wrong.push(`the relay said nonsense: ${reason}`),
    onClose: () => {},
  })
  who.join([new Uint8Array(HASH_BYTES).fill(topic + 1)])
  counts.joins += 1
  return { who, connection }
}

function echo(stream: Stream): void {
  const frames = openFrames(stream, { ...FRAMES, onFrame: (frame) => frames.send(frame), onClose: () => {} })
}

const FRAMES = { most: MOST_BYTES, mostWaiting: 4 * MOST_BYTES, clock, onFault: () => {} }

/** Opens a circuit to a peer, and has it send back some bytes. */
async function meet({ node }: Present, peer: string): Promise<void> {
  await within(clock, CIRCUIT_TIMEOUT, async (signal) => {
    const connection = await node.dial(addressThrough(relay, peer, 'relayed'), { signal })
    try {
      const stream = await openStream(connection, ECHO_PROTOCOL, { clock, signal })
      const sent = new Uint8Array(1 + Math.floor(Math.random() * MOST_BYTES)).fill(7)
      const back = await new Promise<number>((resolve, reject) => {
        const frames = openFrames(stream, {
          ...FRAMES,
          onFrame: (frame) => resolve(frame.length),
          onClose: () => reject(new Error('the circuit was closed')),
        })
        signal.addEventListener('abort', () => reject(new Error('nothing came back')))
        frames.send(sent)
      })
      if (back !== sent.length) throw new Error(`of ${sent.length} bytes ${back} came back`)
    } finally {
      await connection.close().catch(() => {}) // It may be closed already.
    }
  })
  counts.circuits += 1
}

/** One peer after another in one place, as tabs that are opened and closed. */
async function live(number: number): Promise<void> {
  const topic = Math.floor(number / Number(perTopic))
  let key = await generateKeyPair('Ed25519')
  await sleep(Math.random() * LONGEST_ABSENCE)
  while (!told.isLeaving) {
    let present: Present
    try {
      present = await arrive(topic, key)
    } catch (error) {
      wrong.push(`a peer could not join: ${messageOf(error)}`)
      await sleep(SECOND)
      continue
    }
    places.set(number, present)
    await stay(present)
    places.delete(number)
    await leave(present)
    // Half of them are back under their names.
    if (Math.random() < 0.5) key = await generateKeyPair('Ed25519')
    if (!told.isGathering && !told.isLeaving) await sleep(Math.random() * LONGEST_ABSENCE)
  }
}

async function stay(present: Present): Promise<void> {
  const end = Date.now() + Math.random() * LONGEST_STAY
  while (!told.isLeaving && (told.isGathering || Date.now() < end)) {
    await sleep(LOOK_EVERY)
    if (told.isGathering || told.isLeaving || Math.random() > LOOK_EVERY / ACTS_EVERY) continue
    if (Math.random() < 0.2) await reconnect(present)
    else await meetSomebody(present)
  }
}

async function meetSomebody(present: Present): Promise<void> {
  const [peer] = [...present.seen].toSorted(() => Math.random() - 0.5)
  if (peer === undefined) return
  try {
    await meet(present, peer)
  } catch {
    counts.broken += 1 // It may be going in this moment. When all meet it counts.
  }
}

/** Loses the connection without a word, and makes another one. */
async function reconnect(present: Present): Promise<void> {
  present.connection.abort(new Error('the line is broken'))
  try {
    // Libp2p gives its reservation up when it sees the loss.
    await sleep(50)
    Object.assign(present, await join(present.node, present.here, present.seen))
    counts.reconnects += 1
  } catch (error) {
    wrong.push(`a peer could not come back: ${messageOf(error)}`)
  }
}

async function leave({ node, who, connection }: Present): Promise<void> {
  if (Math.random() < 0.5) who.close()
  else connection.abort(new Error('the tab is gone'))
  await node.stop()
}

const places = new Map<number, Present>()

async function gather(): Promise<void> {
  told.isGathering = true
  while (places.size < Number(count)) await sleep(50)
  say({ kind: 'gathered', here: [...places.values()].map(({ here }) => here) })
}

async function meetAll(here: readonly Here[]): Promise<void> {
  const failures: string[] = []
  const meetings: (() => Promise<void>)[] = []
  for (const present of places.values()) {
    const others = here.filter(({ topic, peer }) => topic === present.here.topic && peer !== present.here.peer)
    const deadline = Date.now() + RESERVATION_TIMEOUT
    const isUnseen = ({ peer }: Here): boolean => !present.seen.has(peer)
    while (others.some(isUnseen) && Date.now() < deadline) await sleep(50)
    failures.push(...others.filter(isUnseen).map(({ peer }) => `${present.here.peer} does not see ${peer}`))
    if (present.seen.size > others.length)
      failures.push(`${present.here.peer} sees ${present.seen.size - others.length} that are not there`)
    for (const { peer } of others) {
      if (peer < present.here.peer) continue
      meetings.push(() => meet(present, peer).catch((error: unknown) => void failures.push(`no circuit to ${peer}: ${messageOf(error)}`)))
    }
  }
  const pairs = meetings.length
  await Promise.all(
    Array.from({ length: MEETINGS_AT_A_TIME }, async () => {
      for (let next = meetings.pop(); next !== undefined; next = meetings.pop()) await next()
    }),
  )
  say({ kind: 'met', pairs, wrong: failures })
}

async function leaveAll(living: readonly Promise<void>[]): Promise<void> {
  told.isLeaving = true
  await Promise.all(living)
  clearInterval(telling)
  sayCounts()
  say({ kind: 'left' })
  process.disconnect()
}

function say(message: FromPeers): void {
  process.send?.(message)
}

function sayCounts(): void {
  const all: Counts = { ...counts, wrong }
  say({ kind: 'counts', counts: all })
}

const living = Array.from({ length: Number(count) }, (_, index) => live(Number(first) + index))
const telling = setInterval(sayCounts, SECOND)
process.on('message', (message: ToPeers) => {
  switch (message.kind) {
    case 'gather':
      return void gather()
    case 'meet':
      return void meetAll(message.here)
    case 'disperse':
      told.isGathering = false
      return
    case 'leave':
      return void leaveAll(living)
    default:
      message satisfies never
  }
})

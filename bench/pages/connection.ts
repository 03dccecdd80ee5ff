import { openDatabase, type Database, type PeerStatus, type RelayStatus } from '../../src/index.browser.ts'
import { COLLECTION, person, SCHEMA, type Person } from '../documents.ts'
import type { ConnectionOpening } from './api.ts'
import { now } from './clock.ts'

/* A tab as an application has it, which notes when it is connected, and to whom, and what arrives. */

const WAIT = 60_000
/** An event may come before anybody waits for it, so what has happened is kept and looked at. */
const LOOK_AGAIN = 5

const address = new URLSearchParams(location.search)
const relays = address.getAll('relay')
const arrivedAt = new Map<string, number>()
const relayStates = new Map<string, { readonly state: RelayStatus['state']; readonly since: number }>()
const connected = new Set<string>()
let aloneSince = now()
let firstPeer: number | undefined
let firstDirect: number | undefined
let firstDocument: number | undefined
let databaseOpened = Number.NaN
let written = 0
const opened = open()

globalThis.connectionPage = {
  ready: async () => {
    await opened
  },
  opening: async (): Promise<ConnectionOpening> => {
    const direct = await until('a direct connection', () => firstDirect)
    return {
      pageOpened: performance.timeOrigin,
      databaseOpened,
      firstPeer: firstPeer ?? direct,
      direct,
      firstDocument: await until('a document', () => firstDocument),
    }
  },
  pageOpened: () => performance.timeOrigin,
  peerId: async () => (await (await opened).p2p.info()).id,
  write: async () => {
    written += 1
    return (await opened).collection<Person>(COLLECTION).create({ ...person(written), email: `${crypto.randomUUID()}@example.org` })
  },
  untilHas: (id) => until(`document ${id}`, () => arrivedAt.get(id)),
  untilReserved: () =>
    until('a reservation at each relay', () => {
      const states = [...relayStates.values()]
      if (states.length < relays.length || states.some(({ state }) => state !== 'reserved')) return undefined
      return Math.max(...states.map(({ since }) => since))
    }),
  untilDirect: () => until('a direct connection', () => (connected.size > 0 ? now() : undefined)),
  untilAlone: () => until('the end of the last connection', () => (connected.size === 0 ? aloneSince : undefined)),
}

async function open(): Promise<Database> {
  const database = await openDatabase({
    name: 'bench',
    schema: SCHEMA,
    durability: 'relaxed',
    p2p: { relays, room: address.get('room') ?? '', subscribe: 'all' },
  })
  databaseOpened = now()
  function peerSeen({ detail: { id, link } }: CustomEvent<PeerStatus>): void {
    firstPeer ??= now()
    if (link !== 'webrtc') return
    firstDirect ??= now()
    connected.add(id)
  }
  database.events.addEventListener('peer:connect', peerSeen)
  database.events.addEventListener('peer:change', peerSeen)
  database.events.addEventListener('peer:disconnect', ({ detail: { id } }) => {
    connected.delete(id)
    aloneSince = now()
  })
  database.events.addEventListener('relay:change', ({ detail: { address: relay, state } }) => {
    if (relayStates.get(relay)?.state !== state) relayStates.set(relay, { state, since: now() })
  })
  database.events.addEventListener('merge', ({ detail: { docID } }) => {
    firstDocument ??= now()
    if (!arrivedAt.has(docID)) arrivedAt.set(docID, now())
  })
  for (const { address: relay, state } of await database.p2p.relays()) {
    if (!relayStates.has(relay)) relayStates.set(relay, { state, since: now() })
  }
  return database
}

async function until(what: string, look: () => number | undefined): Promise<number> {
  await opened
  const end = now() + WAIT
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    if (now() > end) throw new Error(`${what} did not come within ${WAIT / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
  }
}

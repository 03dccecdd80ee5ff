import { wireBytes } from './wire.ts'
import { openDatabase, type Database, type PeerStatus } from '../../src/index.browser.ts'
import { COLLECTION, people, SCHEMA, type Person } from '../documents.ts'
import { createArrivals } from './arrivals.ts'
import type { Departure, Opening } from './api.ts'
import { createClockComparison, now } from './clock.ts'

/* A tab as an application has it: opens its database at once and knows nothing but a relay. The page's address says which. */

const WAIT = 60_000

const address = new URLSearchParams(location.search)
const arrivals = createArrivals()
const merged = new Set<string>()
let lastMerge = Number.NaN
let firstPeer = Number.NaN
const direct = Promise.withResolvers<number>()
let waiting: { readonly count: number; readonly done: () => void } | undefined
let databaseOpened = Number.NaN
const opened = open()

globalThis.nodePage = {
  ready: async () => {
    await opened
  },
  opening: async (): Promise<Opening> => {
    await opened
    const time = await within(direct.promise, () => 'no direct connection')
    return { pageOpened: performance.timeOrigin, databaseOpened, firstPeer, direct: time }
  },
  create: async (first, count) => {
    const database = await opened
    const ids: string[] = []
    // In parts, as applications import; one call of ten thousand is the local subject's matter.
    for (let done = 0; done < count; done += 1_000) {
      ids.push(...(await database.collection<Person>(COLLECTION).create(people(first + done, Math.min(1_000, count - done)))))
    }
    return ids
  },
  untilMerged: async (count) => {
    const all = new Promise<void>((resolve) => {
      waiting = { count, done: resolve }
    })
    if (merged.size < count) await within(all, () => `${merged.size} of ${count} documents merged`)
    return lastMerge
  },
  updatePaced: async (ids, age, pause) => {
    const collection = (await opened).collection<Person>(COLLECTION)
    const departures: Departure[] = []
    for (const id of ids) {
      await new Promise((resolve) => setTimeout(resolve, pause))
      const called = now()
      await collection.update(id, { age })
      departures.push({ key: id, called, done: now() })
    }
    return departures
  },
  updateAll: async (ids, age) => {
    const collection = (await opened).collection<Person>(COLLECTION)
    const start = now()
    await Promise.all(ids.map((id) => collection.update(id, { age })))
    return start
  },
  peerId: async () => (await (await opened).p2p.info()).id,
  replicateTo: async (peer) => {
    const database = await opened
    const start = now()
    await database.p2p.replicators.set(peer)
    return start
  },
  untilConfirmed: async (peer) => {
    const database = await opened
    const confirmed = Promise.withResolvers<void>()
    const look = async (): Promise<void> => {
      const replicator = (await database.p2p.replicators.getAll()).find(({ id }) => id === peer)
      if (replicator?.pending.length === 0) confirmed.resolve()
    }
    database.events.addEventListener('replicator:change', () => void look())
    await look()
    await within(confirmed.promise, () => 'not confirmed')
  },
  endReplicationTo: async (peer) => (await opened).p2p.replicators.delete(peer),
  fetchEach: async (ids) => {
    const { p2p } = await opened
    const times: number[] = []
    for (const id of ids) {
      const start = now()
      await p2p.documents.sync(COLLECTION, id)
      times.push(now() - start)
    }
    return times
  },
  count: async () => (await rows(`{ ${COLLECTION} { _docID } }`)).length,
  countOfAge: async (age) => (await rows(`{ ${COLLECTION}(filter: { age: { _eq: ${age} } }) { _docID } }`)).length,
  get: async (id) => (await opened).collection<Person>(COLLECTION).get(id),
  watch: (show) => arrivals.watch(show),
  untilArrived: (count) => arrivals.untilArrived(count),
  arrivals: () => arrivals.list(),
  wireBytes,
  clockOffset: createClockComparison('clock'),
  close: async () => (await opened).close(),
}

async function open(): Promise<Database> {
  const database = await openDatabase({
    name: address.get('name') ?? 'bench',
    schema: SCHEMA,
    durability: 'relaxed',
    p2p: {
      relays: address.getAll('relay'),
      room: address.get('room') ?? '',
      ...(address.get('subscribe') === 'all' ? { subscribe: 'all' } : {}),
    },
  })
  databaseOpened = now()
  const collection = database.collection<Person>(COLLECTION)

  function peerSeen({ detail }: CustomEvent<PeerStatus>): void {
    const time = now()
    if (Number.isNaN(firstPeer)) firstPeer = time
    if (detail.link === 'webrtc') direct.resolve(time)
  }
  database.events.addEventListener('peer:connect', peerSeen)
  database.events.addEventListener('peer:change', peerSeen)

  async function show(docID: string): Promise<void> {
    const document = await collection.get(docID)
    if (document !== undefined) arrivals.show(docID, `${document.name}, ${document.age}`)
  }
  database.events.addEventListener('merge', ({ detail: { docID } }) => {
    arrivals.arrived(docID)
    if (!merged.has(docID)) {
      merged.add(docID)
      lastMerge = now()
      if (waiting !== undefined && merged.size >= waiting.count) waiting.done()
    }
    if (arrivals.isShowing) void show(docID)
  })
  return database
}

async function rows(request: string): Promise<readonly unknown[]> {
  const { data, errors } = await (await opened).execute(request)
  if (errors?.[0] !== undefined) throw new Error(errors[0].message)
  return (data?.[COLLECTION] ?? []) as readonly unknown[]
}

async function within<T>(promise: Promise<T>, otherwise: () => string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`${otherwise()} within ${WAIT / 1000} s`)), WAIT)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

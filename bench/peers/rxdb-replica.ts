import '../pages/wire.ts'
import './process.ts'
import { createRxDatabase, type RxCollection } from 'rxdb'
import { getConnectionHandlerSimplePeer, replicateWebRTC } from 'rxdb/plugins/replication-webrtc'
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'

import { people } from '../documents.ts'
import { now } from '../pages/clock.ts'
import { wireBytes } from '../pages/wire.ts'
import { PEOPLE, type Row } from './rxdb.ts'

/* A tab with RxDB over WebRTC, as the page's address says: its free storage, its own signalling. */

/** The default of 20 is a round trip for every 20 documents. */
const BATCH = 500

const address = new URLSearchParams(location.search)
const arrived = new Set<string>()
let lastArrival = Number.NaN
let waiting: { readonly count: number; readonly done: () => void } | undefined
const firstPeer = Promise.withResolvers<number>()
const opened = open()

globalThis.replicaPage = {
  create: async (first, count) => {
    const collection = await opened
    const rows = people(first, count).map((document, index) => ({ id: String(first + index), ...document }))
    const { error } = await collection.bulkInsert(rows)
    if (error.length > 0) throw new Error(`${error.length} documents were not inserted`)
  },
  firstPeer: async () => {
    await opened
    return firstPeer.promise
  },
  untilArrived: async (count) => {
    await opened
    await new Promise<void>((resolve) => {
      waiting = { count, done: resolve }
      if (arrived.size >= count) resolve()
    })
    return lastArrival
  },
  get: async (number) => (await (await opened).findOne(String(number)).exec())?.toJSON(),
  count: async () => (await opened).count().exec(),
  wireBytes,
}

async function open(): Promise<RxCollection<Row>> {
  const database = await createRxDatabase<{ people: RxCollection<Row> }>({
    name: address.get('name') ?? 'bench',
    storage: getRxStorageDexie(),
    multiInstance: false,
    allowSlowCount: true,
  })
  const { people } = await database.addCollections({ people: { schema: PEOPLE } })
  people.insert$.subscribe(({ documentId }) => {
    arrived.add(documentId)
    lastArrival = now()
    if (waiting !== undefined && arrived.size >= waiting.count) waiting.done()
  })
  const pool = await replicateWebRTC({
    collection: people,
    topic: address.get('room') ?? 'bench',
    connectionHandlerCreator: getConnectionHandlerSimplePeer({
      signalingServerUrl: address.get('signalling') ?? '',
      config: { iceServers: [] },
    }),
    pull: { batchSize: BATCH },
    push: { batchSize: BATCH },
  })
  pool.connectionHandler.connect$.subscribe(() => firstPeer.resolve(now()))
  return people
}

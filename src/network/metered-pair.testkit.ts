import type { Database } from '../database/database.ts'
import { keptOpen } from '../database/database.testkit.ts'
import { openLocalDatabase } from '../database/local-database.ts'
import type { Replica } from '../database/replica.ts'
import { keys } from '../document/keys.ts'
import { countedStore, type CountedStore } from '../storage/counted-store.testkit.ts'
import type { Store } from '../storage/store.ts'
import { bytesToHex } from '../util/bytes.ts'
import { pause, systemClock } from '../util/clock.ts'
import { createNodeHost } from './host.node.ts'
import { SETTLE_TIME } from './limits.ts'
import { bytesOf, createMeter, roundTripsOf } from './meter.testkit.ts'
import { attachNetwork } from './network.ts'

/** Two databases that subscribe to everything, with a real network over TCP; what they send and read is counted. */
export interface MeteredPair extends AsyncDisposable {
  readonly a: Database
  readonly b: Database
  /** Connects them, and tells what that cost until both have the same and say so. @throws when they do not have the same then */
  meet(): Promise<Cost>
  /** Ends the connection, until they meet again. */
  part(): Promise<void>
}

export interface Cost {
  /** Of the sync protocol, both ways: from the greeting until nothing is left to say. */
  readonly bytes: number
  readonly roundTrips: number
  /** Documents of both that were read from the storage since the databases were opened, or since the last meeting. */
  readonly documentsRead: number
}

interface MeteredNode {
  readonly db: Database
  readonly replica: Replica
  readonly store: CountedStore
}

/** Opens a database over each store, which stays open when the pair is closed. */
export async function openMeteredPair(schema: string, stores: readonly [Store, Store]): Promise<MeteredPair> {
  const meter = createMeter()

  async function open(store: Store): Promise<MeteredNode> {
    const counted = countedStore(keptOpen(store))
    const attach = attachNetwork({ subscribe: 'all' }, meter.metered(createNodeHost))
    const replicas: Replica[] = []
    const db = await openLocalDatabase({
      name: 'metered',
      store: counted,
      storageKind: 'memory',
      schema,
      network: (replica) => {
        replicas.push(replica)
        return attach(replica)
      },
    })
    const [replica] = replicas
    if (replica === undefined) throw new Error('the database has given its network no replica')
    return { db, replica, store: counted }
  }

  const [a, b] = [await open(stores[0]), await open(stores[1])]
  const both = [a, b]
  let readBefore = 0

  function documentsRead(): number {
    const collections = a.replica.collectionIds()
    const read = both.flatMap(({ store }) => collections.map((id) => store.recordsRead(keys.documentsOf(id))))
    return read.reduce((sum, records) => sum + records, 0)
  }

  /** What is told once nothing has changed for a while is told then. */
  const rest = (): Promise<void> => pause(systemClock, SETTLE_TIME + 200)

  async function untilInSync(): Promise<void> {
    for (;;) {
      const changed = Promise.race(both.map(({ db }) => nextOf(db, 'peer:connect', 'peer:change')))
      const statuses = await Promise.all(both.map(({ db }) => db.p2p.peers()))
      if (statuses.every(([peer]) => peer?.inSync === true)) return
      await changed
    }
  }

  async function checkSame(): Promise<void> {
    for (const collectionId of a.replica.collectionIds()) {
      const roots = await Promise.all(both.map(async ({ replica }) => bytesToHex((await replica.fingerprints(collectionId)).root)))
      if (roots[0] !== roots[1]) throw new Error(`the two do not have the same of ${a.replica.collectionName(collectionId)}`)
    }
  }

  return {
    a: a.db,
    b: b.db,
    meet: async () => {
      await rest()
      meter.reset()
      const { addresses } = await a.db.p2p.info()
      await b.db.p2p.connect(addresses.find((address) => address.includes('/tcp/')) ?? '')
      await untilInSync()
      await rest()
      await untilInSync()
      const cost = { bytes: bytesOf(meter.frames), roundTrips: roundTripsOf(meter.frames), documentsRead: documentsRead() - readBefore }
      await checkSame()
      readBefore = documentsRead()
      return cost
    },
    part: async () => {
      const gone = nextOf(a.db, 'peer:disconnect')
      await b.db.p2p.disconnect((await a.db.p2p.info()).id)
      await gone
    },
    [Symbol.asyncDispose]: async () => {
      for (const { db } of both) await db.close()
    },
  }
}

function nextOf(db: Database, ...names: readonly ('peer:connect' | 'peer:change' | 'peer:disconnect')[]): Promise<void> {
  return new Promise((resolve) => {
    for (const name of names) db.events.addEventListener(name, () => resolve(), { once: true })
  })
}

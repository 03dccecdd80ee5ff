import type { Store } from '../storage/store.ts'
import { openMemoryStore } from '../storage/memory.ts'
import type { Database } from './database.ts'
import { noNetwork, openLocalDatabase, type DatabaseParts } from './local-database.ts'
import type { Replica } from './replica.ts'

/** A database in memory with its network port in hand, for tests that play the network themselves. */
export interface TestNode {
  readonly db: Database
  readonly replica: Replica
  readonly store: Store
}

export async function openTestNode(
  schema: string | undefined,
  options: { readonly name?: string; readonly store?: Store } & Pick<
    DatabaseParts,
    'dialect' | 'embedding' | 'queryLimits' | 'pacing' | 'randomness'
  > = {},
): Promise<TestNode> {
  const { name = 'test', store = await openMemoryStore(), ...rest } = options
  const ports: Replica[] = []
  const refuse = (): Promise<never> => Promise.reject(new Error('this node has no network'))
  const db = await openLocalDatabase({
    name,
    store,
    ...rest,
    storageKind: 'memory',
    ...(schema === undefined ? {} : { schema }),
    network: async (replica) => {
      ports.push(replica)
      return {
        p2p: {
          ...noNetwork(),
          peers: async () => [],
          relays: async () => [],
          replicators: { set: refuse, delete: refuse, getAll: async () => [] },
        },
        close: async () => {},
      }
    },
  })
  const [replica] = ports
  if (replica === undefined) throw new Error('the database gave its network no replica')
  return { db, replica, store }
}

/** A store that counts and can be made to fail. */
export function watchedStore(store: Store): Store & { applies: number; reads: number; scans: number; failWith: unknown } {
  const watched = {
    applies: 0,
    reads: 0,
    scans: 0,
    failWith: undefined as unknown,
    get: (key: Uint8Array) => {
      watched.reads += 1
      return store.get(key)
    },
    getMany: (keys: readonly Uint8Array[]) => {
      watched.reads += 1
      return store.getMany(keys)
    },
    scan: (...scan: Parameters<Store['scan']>) => {
      watched.reads += 1
      watched.scans += 1
      return store.scan(...scan)
    },
    apply: (changes: Parameters<Store['apply']>[0]) => {
      watched.applies += 1
      return watched.failWith === undefined ? store.apply(changes) : Promise.reject(watched.failWith)
    },
    usage: () => store.usage(),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  }
  return watched
}

/** A store that outlives the database that is opened over it: closing it does nothing. */
export function keptOpen(store: Store): Store {
  const close = async (): Promise<void> => {}
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    scan: (range, options) => store.scan(range, options),
    apply: (changes) => store.apply(changes),
    usage: () => store.usage(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Carries everything one node has of a collection to another, in the order that `arrange` makes of it. */
export async function deliver(
  from: TestNode,
  to: TestNode,
  arrange: <T>(items: readonly T[]) => readonly T[] = (items) => items,
): Promise<void> {
  for (const collectionId of from.replica.collectionIds()) {
    const documents = await from.replica.documentHeads(collectionId, { limit: 10_000 })
    const commits = await Promise.all(documents.map(({ docId }) => from.replica.commitsSince(collectionId, docId, [])))
    await to.replica.merge(collectionId, arrange(commits.flat()), { peer: 'test' })
  }
}

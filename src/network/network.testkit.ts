import type { DatabaseEvents, PeerStatus } from '../database/database.ts'
import type { AttachedNetwork, Replica } from '../database/replica.ts'
import type { Host } from './host.ts'
import { createNodeHost } from './host.node.ts'
import { attachNetwork, type NetworkTuning } from './network.ts'
import type { P2POptions } from './options.ts'
import { createMemoryReplica, type MemoryReplica, type MemoryReplicaOptions } from './replica.testkit.ts'

/** A node of a test: a replica, by default one in memory without a database, with a real network. */
export interface TestNode<R extends Replica = MemoryReplica> extends AsyncDisposable {
  readonly replica: R
  readonly network: AttachedNetwork
  readonly host: Host
  readonly id: string
  /** Everything the network has told, in order. */
  readonly told: readonly Told[]
  /** Resolves when the network's state is as wanted; looked at whenever it tells something. Rejects after `TEST_DEADLINE`. */
  until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void>
  peer(other: Pick<TestNode, 'id'>): Promise<PeerStatus | undefined>
  /** Stops without a word, like a machine that loses its power. */
  close(): Promise<void>
}

export type Told = {
  readonly [Name in keyof DatabaseEvents]: { readonly name: Name; readonly detail: DatabaseEvents[Name] }
}[keyof DatabaseEvents]

/** Longer than anything takes that works, on a busy machine. */
const TEST_DEADLINE = 15_000

const EVENTS = [
  'schema',
  'peer:connect',
  'peer:change',
  'peer:disconnect',
  'relay:change',
  'sync:progress',
  'peer:dropped',
  'peer:refused',
  'replicator:change',
] as const

/** Starts a node with a collection `Note`, which subscribes to everything. */
export async function aNode(
  options: P2POptions = {},
  replicaOptions: MemoryReplicaOptions = {},
  tuning: NetworkTuning = {},
): Promise<TestNode> {
  const replica = createMemoryReplica(replicaOptions)
  replica.addCollection('Note')
  return startTestNode(replica, { subscribe: 'all', ...options }, tuning)
}

/** Starts the network of a replica. */
export async function startTestNode<R extends Replica>(
  replica: R,
  options: P2POptions = {},
  tuning: NetworkTuning = {},
): Promise<TestNode<R>> {
  const told: Told[] = []
  const checks = new Set<() => void>()
  const look = (): void => {
    for (const check of checks) check()
  }
  for (const name of EVENTS) {
    replica.events.addEventListener(name, ({ detail }) => {
      told.push({ name, detail } as Told)
      look()
    })
  }
  replica.onCommits(look)
  let host: Host | undefined
  const network = await attachNetwork(options, async (parts) => (host = await createNodeHost(parts)), tuning)(replica)
  if (host === undefined) throw new Error('the network made no host')
  const { id } = await network.p2p.info()

  const node: TestNode<R> = {
    replica,
    network,
    host,
    id,
    told,
    until: (what, isSo) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void): void => {
          clearTimeout(deadline)
          checks.delete(check)
          settle()
        }
        const look = async (): Promise<void> => {
          try {
            if (await isSo()) end(resolve)
          } catch (error) {
            end(() => reject(error))
          }
        }
        const check = (): void => void look()
        const deadline = setTimeout(() => end(() => reject(new Error(`not within ${TEST_DEADLINE} ms: ${what}`))), TEST_DEADLINE)
        checks.add(check)
        check()
      }),
    peer: async (other) => (await network.p2p.peers()).find((peer) => peer.id === other.id),
    close: () => network.close(),
    [Symbol.asyncDispose]: () => network.close(),
  }
  return node
}

/** The address at which a node of a test is reached over TCP. */
export async function addressOf(node: TestNode): Promise<string> {
  const { addresses } = await node.network.p2p.info()
  return addresses.find((address) => address.includes('/tcp/')) ?? ''
}

/** Connects two nodes, and resolves once they are in sync. */
export async function connect(from: TestNode, to: TestNode): Promise<void> {
  await from.network.p2p.connect(await addressOf(to))
  await untilInSync(from, to)
}

/** The ID of the only collection. */
export function noteOf(node: TestNode): string {
  return node.replica.collectionIds()[0] ?? ''
}

/** Resolves when two nodes are connected and say that they are in sync. */
export async function untilInSync(a: TestNode<Replica>, b: TestNode<Replica>): Promise<void> {
  await Promise.all([
    a.until('in sync', async () => (await a.peer(b))?.inSync === true),
    b.until('in sync', async () => (await b.peer(a))?.inSync === true),
  ])
}

import { z } from 'zod'

import type { ReplicatorStatus } from '../../database/database.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { longOperation } from '../long-operation.ts'
import { route, type Call, type Route } from '../route.ts'
import { addressInfo, replicator, type ReplicatorJson } from '../shapes.ts'

const names = z.array(z.string())
const address = z.object({ address: z.string().describe('multiaddr that ends with /p2p/<peer ID>, or an invitation') })

const peerName = z.object({ peer: z.string().describe('peer ID, or an address that ends with it') })

const target = z.object({
  Info: z
    .object({ ID: z.string(), Addrs: z.array(z.string()).nullish() })
    .describe('the peer; without addresses it is found at a relay, or is connected'),
  Collections: names.nullish().describe('names or collection IDs; without any, all that are there and those to come'),
})

export const peerRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/p2p/info',
    tag: 'p2p',
    summary: 'The peer ID and the addresses of this node',
    answer: addressInfo,
    handle: async ({ database }) => {
      const { id, addresses } = await database.p2p.info()
      return { ID: id, Addrs: addresses }
    },
  }),
  route({
    method: 'POST',
    path: '/p2p/connect',
    tag: 'p2p',
    summary: 'Connects to a peer, or takes an invitation',
    body: address,
    handle: ({ database, signal }, body) => database.p2p.connect(body.address, { signal }),
  }),
  route({
    method: 'POST',
    path: '/p2p/invite',
    tag: 'p2p',
    summary: 'An invitation to collections: a URL fragment that another node joins with. It holds the room secret',
    body: z.object({ collections: names.nullish().describe('names or collection IDs; without any, all') }),
    answer: z.object({ invitation: z.string() }),
    handle: async ({ database }, { collections }) => ({ invitation: await database.p2p.invite(chosen(collections)) }),
  }),
  route({
    method: 'POST',
    path: '/p2p/invite/read',
    tag: 'p2p',
    summary: 'What an invitation says, without taking it',
    body: z.object({ invitation: z.string() }),
    answer: z.object({ peer: z.string(), collections: names, relays: names, isToRoom: z.boolean(), schema: z.string() }),
    handle: async ({ database }, { invitation }) => {
      const { collections, relays, ...rest } = await database.p2p.readInvite(invitation)
      return { ...rest, collections: [...collections], relays: [...relays] }
    },
  }),
  route({
    method: 'POST',
    path: '/p2p/disconnect',
    tag: 'p2p',
    summary: 'Ends the connection to a peer',
    body: z.object({ peer: z.string().describe('peer ID') }),
    handle: ({ database }, { peer }) => database.p2p.disconnect(peer),
  }),
  route({
    method: 'GET',
    path: '/p2p/active-peers',
    tag: 'p2p',
    summary: 'The addresses of the connected peers',
    answer: names,
    handle: async ({ database }) => (await database.p2p.peers()).map(({ id, addresses }) => addresses[0] ?? `/p2p/${id}`),
  }),
  listRoute('/p2p/peers', 'The connected peers: how, since when, and whether everything is exchanged', ({ database }) =>
    database.p2p.peers(),
  ),
  listRoute('/p2p/relays', 'The relays and their state', ({ database }) => database.p2p.relays()),
  listRoute('/p2p/refused', 'Peers that broke the protocol and are kept off for a while', ({ database }) => database.p2p.refused()),
  listRoute('/p2p/blocked', 'The IDs of the peers that are blocked', ({ database }) => database.p2p.blocked(), names),
  route({
    method: 'POST',
    path: '/p2p/blocked',
    tag: 'p2p',
    summary: 'Blocks a peer: its connection ends, and nothing of it is taken any more',
    body: peerName,
    handle: ({ database }, { peer }) => database.p2p.block(peer),
  }),
  route({
    method: 'DELETE',
    path: '/p2p/blocked',
    tag: 'p2p',
    summary: 'Blocks a peer no more',
    body: peerName,
    handle: ({ database }, { peer }) => database.p2p.unblock(peer),
  }),
  route({
    method: 'GET',
    path: '/p2p/explain',
    tag: 'p2p',
    summary: 'Why a peer is connected as it is, or is not',
    parameters: [{ name: 'peer', what: 'peer ID, or an address that ends with one', required: true }],
    answer: z.object({
      peer: z.string(),
      link: z.string().optional(),
      summary: z.string(),
      findings: z.array(z.object({ step: z.string(), state: z.string(), what: z.string(), advice: z.string().optional() })),
    }),
    handle: ({ database, query }) => database.p2p.explain(query('peer') ?? ''),
  }),
  route({
    method: 'GET',
    path: '/p2p/replicators',
    tag: 'p2p',
    summary: 'The peers to which this node gives collections',
    answer: z.array(replicator),
    handle: async ({ database }) => {
      const versions = await database.collections.describe()
      return (await database.p2p.replicators.getAll()).map((status) => replicatorToJson(status, versions))
    },
  }),
  route({
    method: 'POST',
    path: '/p2p/replicators',
    tag: 'p2p',
    summary: 'Gives collections to a peer: what is there, and every change from now on',
    body: target,
    handle: ({ database }, { Info, Collections }) => database.p2p.replicators.set(addressOf(Info), chosen(Collections)),
  }),
  route({
    method: 'DELETE',
    path: '/p2p/replicators',
    tag: 'p2p',
    summary: 'Ends that for some collections, or for all',
    body: target,
    handle: ({ database }, { Info, Collections }) => database.p2p.replicators.delete(Info.ID, chosen(Collections)),
  }),
  listRoute(
    '/p2p/collections',
    'The names of the collections this node subscribes to',
    ({ database }) => database.p2p.collections.getAll(),
    names,
  ),
  namesRoute('POST', '/p2p/collections', 'Subscribes to collections, by name or collection ID', ({ database }, list) =>
    database.p2p.collections.add(list),
  ),
  namesRoute('DELETE', '/p2p/collections', 'Ends subscriptions to collections', ({ database }, list) =>
    database.p2p.collections.remove(list),
  ),
  listRoute('/p2p/documents', 'The IDs of the documents this node subscribes to', ({ database }) => database.p2p.documents.getAll(), names),
  namesRoute('POST', '/p2p/documents', 'Subscribes to documents, by their IDs', ({ database }, list) => database.p2p.documents.add(list)),
  namesRoute('DELETE', '/p2p/documents', 'Ends subscriptions to documents', ({ database }, list) => database.p2p.documents.remove(list)),
  route({
    method: 'POST',
    path: '/p2p/documents/sync',
    tag: 'p2p',
    summary: 'Fetches documents once, from the connected peers that have them',
    body: z.object({
      collectionName: z.string(),
      docIDs: names,
      timeout: z.number().nonnegative().optional().describe('milliseconds; 5000 unless it is given'),
    }),
    handle: async (call, { collectionName, docIDs, timeout }) =>
      longOperation(call, (options) =>
        call.database.p2p.documents.sync(collectionName, docIDs, { ...options, ...(timeout === undefined ? {} : { timeout }) }),
      ),
  }),
]

function listRoute(
  path: string,
  summary: string,
  list: (call: Call) => Promise<readonly unknown[]>,
  shape: z.ZodType = z.array(z.looseObject({})),
): Route {
  return route({ method: 'GET', path, tag: 'p2p', summary, answer: shape, handle: list })
}

function namesRoute(
  method: 'POST' | 'DELETE',
  path: string,
  summary: string,
  change: (call: Call, list: readonly string[]) => Promise<void>,
): Route {
  return route({ method, path, tag: 'p2p', summary, body: names, handle: change })
}

function chosen(collections: readonly string[] | null | undefined): { readonly collections?: readonly string[] } {
  return collections === null || collections === undefined || collections.length === 0 ? {} : { collections }
}

/** The first address, which a node lists as the best; the reference's have no peer ID at their end. */
function addressOf({ ID, Addrs }: z.infer<typeof target>['Info']): string {
  const [first] = Addrs ?? []
  if (first === undefined) return ID
  return first.includes('/p2p/') && first.endsWith(ID) ? first : `${first}/p2p/${ID}`
}

function replicatorToJson(status: ReplicatorStatus, versions: readonly CollectionVersion[]): ReplicatorJson {
  const idByName = new Map(versions.map(({ name, collectionId }) => [name, collectionId]))
  return {
    Info: { ID: status.id, Addrs: [...status.addresses] },
    Collections: [...status.collections],
    CollectionIDs: status.collections.flatMap((name) => idByName.get(name) ?? []),
    Status: status.status === 'active' ? 0 : 1,
    LastStatusChange: new Date(status.lastStatusChange).toISOString(),
    Pending: [...status.pending],
    Lacking: [...status.lacking],
    ...(status.problem === undefined ? {} : { Problem: status.problem }),
  }
}

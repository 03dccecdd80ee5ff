import type {
  ConnectionReport,
  InviteSummary,
  P2PApi,
  PeerStatus,
  RefusedPeer,
  RelayStatus,
  ReplicatorStatus,
} from '../../database/database.ts'
import type { AddressInfoJson, ReplicatorJson } from '../shapes.ts'
import type { Connection } from './connection.ts'
import { sendLong } from './send-long.ts'

export function httpPeers(connection: Connection): P2PApi {
  const send = async (method: string, path: readonly string[], body: unknown): Promise<void> => {
    await connection.send(method, ['p2p', ...path], { body })
  }
  const list = (given: string | readonly string[]): readonly string[] => [given].flat()
  const subscribed = (kind: string): Pick<P2PApi['collections'], 'add' | 'remove' | 'getAll'> => ({
    add: (names) => send('POST', [kind], list(names)),
    remove: (names) => send('DELETE', [kind], list(names)),
    getAll: () => connection.json<readonly string[]>('GET', ['p2p', kind]),
  })
  return {
    info: async () => {
      const { ID, Addrs } = await connection.json<AddressInfoJson>('GET', ['p2p', 'info'])
      return { id: ID, addresses: Addrs }
    },
    connect: async (address, { signal } = {}) => {
      await connection.send('POST', ['p2p', 'connect'], { body: { address }, signal })
    },
    invite: async ({ collections = [] } = {}) => {
      const { invitation } = await connection.json<{ readonly invitation: string }>('POST', ['p2p', 'invite'], { body: { collections } })
      return invitation
    },
    readInvite: (invite) => connection.json<InviteSummary>('POST', ['p2p', 'invite', 'read'], { body: { invitation: invite } }),
    disconnect: (peer) => send('POST', ['disconnect'], { peer }),
    peers: () => connection.json<readonly PeerStatus[]>('GET', ['p2p', 'peers']),
    relays: () => connection.json<readonly RelayStatus[]>('GET', ['p2p', 'relays']),
    refused: () => connection.json<readonly RefusedPeer[]>('GET', ['p2p', 'refused']),
    block: (peer) => send('POST', ['blocked'], { peer }),
    unblock: (peer) => send('DELETE', ['blocked'], { peer }),
    blocked: () => connection.json<readonly string[]>('GET', ['p2p', 'blocked']),
    explain: (peer) => connection.json<ConnectionReport>('GET', ['p2p', 'explain'], { query: { peer } }),
    collections: subscribed('collections'),
    documents: {
      ...subscribed('documents'),
      sync: async (collection, docIDs, { timeout, ...options } = {}) => {
        const body = { collectionName: collection, docIDs: list(docIDs), ...(timeout === undefined ? {} : { timeout }) }
        await sendLong(connection, ['p2p', 'documents', 'sync'], { body }, options)
      },
    },
    replicators: {
      set: (peer, { collections = [] } = {}) => send('POST', ['replicators'], { Info: infoOf(peer), Collections: collections }),
      delete: (peer, { collections = [] } = {}) => send('DELETE', ['replicators'], { Info: infoOf(peer), Collections: collections }),
      getAll: async () => (await connection.json<readonly ReplicatorJson[]>('GET', ['p2p', 'replicators'])).map(replicatorOf),
    },
  }
}

/** A peer ID, or an address that ends with one. */
function infoOf(peer: string): AddressInfoJson {
  return peer.includes('/') ? { ID: peer.slice(peer.lastIndexOf('/') + 1), Addrs: [peer] } : { ID: peer, Addrs: [] }
}

function replicatorOf({ Info, Collections, Status, LastStatusChange, Pending, Lacking, Problem }: ReplicatorJson): ReplicatorStatus {
  return {
    id: Info.ID,
    addresses: Info.Addrs,
    collections: Collections,
    status: Status === 0 ? 'active' : 'inactive',
    lastStatusChange: Date.parse(LastStatusChange),
    pending: Pending,
    lacking: Lacking,
    ...(Problem === undefined ? {} : { problem: Problem }),
  }
}

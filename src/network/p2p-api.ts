import { peerIdFromString } from '@libp2p/peer-id'

import type { P2PApi, PeerStatus } from '../database/database.ts'
import { parseDocId } from '../document/document-id.ts'
import { DatabaseError, messageOf, throwIfAborted } from '../errors.ts'
import { within, type Clock } from '../util/clock.ts'
import { quote } from '../util/quote.ts'
import { parsePeerName, type Admission } from './admission.ts'
import { dialableAddress } from './dialable-address.ts'
import { linkOf, parsePeerAddress, parsePeerId, type PeerAddress } from './addresses.ts'
import type { Host } from './host.ts'
import { factsOf } from './explain/gather-facts.ts'
import { reportOf } from './explain/report.ts'
import { namedCollection, type Interests } from './interests.ts'
import { isInvitation, parseInvitation, type Invitation } from './invitation.ts'
import type { Invitations } from './invitations.ts'
import type { Offences } from './offences.ts'
import type { PeerLinks } from './peer-links-contract.ts'
import type { RelayLinks } from './relay-links.ts'
import type { Replicators, ReplicatorTarget } from './replicators.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { Sync } from './sync.ts'
import type { SyncSession } from './sync-session.ts'

/** `p2p.connect` gives up after this time: a WebRTC dial that fails takes 6 s, and one through a relay may follow. */
const CONNECT_TIMEOUT = 15_000
/** `p2p.documents.sync` waits this long for documents that nobody has. */
const SYNC_TIMEOUT = 5000

export interface P2PParts {
  readonly host: Host
  readonly clock: Clock
  readonly invitations: Invitations
  readonly links: PeerLinks
  readonly relayLinks: Pick<RelayLinks, 'statuses' | 'whereIs'>
  /** How many are asked now. */
  readonly iceServers: () => number
  readonly relayedData: boolean
  readonly interests: Interests
  readonly subscriptions: Subscriptions
  readonly replicators: Replicators
  readonly sync: Pick<Sync, 'syncDocuments'>
  readonly offences: Pick<Offences, 'cutOff'>
  readonly admission: Admission
  readonly statusOf: (session: SyncSession) => PeerStatus
}

export function createP2PApi(parts: P2PParts): P2PApi {
  const { host, clock, invitations, links, relayLinks, interests, subscriptions, replicators, sync, offences, admission, statusOf } = parts
  const { node } = host

  function otherThanSelf(target: PeerAddress, text: string): PeerAddress {
    if (target.peer !== node.peerId.toString()) return target
    throw new DatabaseError('INVALID_ADDRESS', `"${text}" is this node itself; give the address of another one`, { address: text })
  }

  function idsOf(collections: string | readonly string[]): readonly string[] {
    return listOf(collections).map((name) => namedCollection(interests, name).collectionId)
  }

  async function targetOf(peer: string): Promise<ReplicatorTarget> {
    if (peer.startsWith('/')) {
      const address = otherThanSelf(parsePeerAddress(peer), peer)
      return { peer: address.peer, address }
    }
    const id = parsePeerId(peer)
    if (id === node.peerId.toString())
      throw new DatabaseError('INVALID_ADDRESS', `"${peer}" is this node itself; give another one`, { address: peer })
    const address = await dialableAddress(node, peerIdFromString(id), clock)
    return address === undefined ? { peer: id } : { peer: id, address: parsePeerAddress(address.toString()) }
  }

  /** @throws INVALID_ARGUMENT when this node has nothing to do with the peer */
  function admitted(peer: string): void {
    const refusal = admission.refusalOf(peer)
    if (refusal === undefined) return
    const advice = refusal === 'is blocked' ? `p2p.unblock("${peer}") takes it back` : 'open the database with a list that has it'
    throw new DatabaseError('INVALID_ARGUMENT', `peer ${peer} ${refusal}; ${advice}`, { argument: 'address', value: peer })
  }

  async function join(invitation: Invitation, signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal, 'p2p.connect')
    admitted(invitation.peer)
    await invitations.take(invitation)
    throwIfAborted(signal, 'p2p.connect')
    try {
      const meet = (ending: AbortSignal): Promise<unknown> => invitations.meet(invitation, ending)
      await within(clock, CONNECT_TIMEOUT, meet, ...(signal === undefined ? [] : [signal]))
    } catch (error) {
      throwIfAborted(signal, 'p2p.connect')
      throw new DatabaseError(
        'UNREACHABLE',
        `peer ${invitation.peer}, who invites, cannot be reached now: ${reasonOf(error)}; what it invites to is here, and others who have it are found at its relays: p2p.relays() lists them`,
        { peer: invitation.peer },
        { cause: error },
      )
    }
  }

  return {
    info: async () => ({ id: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) }),

    invite: ({ collections } = {}) => invitations.invite(collections),
    readInvite: async (invite) => {
      const { peer, collections, relays, room, sdl } = parseInvitation(invite)
      return { peer, collections, relays: relays.map(({ address }) => address.toString()), isToRoom: room !== '', schema: sdl }
    },

    connect: async (address, { signal } = {}) => {
      if (isInvitation(address)) return join(parseInvitation(address), signal)
      const target = otherThanSelf(parsePeerAddress(address), address)
      admitted(target.peer)
      throwIfAborted(signal, 'p2p.connect')
      try {
        const connect = (ending: AbortSignal): Promise<unknown> => links.connect(target, ending)
        await within(clock, CONNECT_TIMEOUT, connect, ...(signal === undefined ? [] : [signal]))
      } catch (error) {
        throwIfAborted(signal, 'p2p.connect')
        const advice = isAnotherPeer(error)
          ? 'take the address that the peer shows now: somebody else has this one'
          : (host.adviceFor(target.address) ?? 'check that it runs, that the address is right and that no firewall is between')
        throw new DatabaseError(
          'UNREACHABLE',
          `peer ${target.peer} cannot be reached at "${address}": ${reasonOf(error)}; ${advice}`,
          { peer: target.peer },
          { cause: error },
        )
      }
    },

    disconnect: async (peer) => {
      if (!(await links.disconnect(peer)))
        throw new DatabaseError('NOT_FOUND', `no peer "${peer}" is connected; p2p.peers() lists those that are`, { what: 'peer', id: peer })
    },
    peers: async () => links.sessions().map(statusOf),
    relays: async () => relayLinks.statuses(),
    refused: async () => offences.cutOff(),
    explain: async (peer) => reportOf(await factsOf(parts, peer.startsWith('/') ? parsePeerAddress(peer).peer : parsePeerId(peer))),

    block: async (peer) => {
      const id = parsePeerName(peer)
      if (id === node.peerId.toString())
        throw new DatabaseError('INVALID_ADDRESS', `"${peer}" is this node itself; give another one`, { address: peer })
      await admission.block(id)
    },
    unblock: async (peer) => admission.unblock(parsePeerName(peer)),
    blocked: async () => admission.blocked(),

    collections: {
      add: async (collections) => subscriptions.addCollections(idsOf(collections)),
      remove: async (collections) => {
        const ids = idsOf(collections)
        if (!subscriptions.everything) return subscriptions.removeCollections(ids)
        const message = "the database was opened with p2p.subscribe: 'all'; open it with a list of collections to leave one out"
        throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'collections', value: collections })
      },
      getAll: async () => {
        if (subscriptions.everything) return interests.all().map(({ name }) => name)
        // One of a database that has lost its schema is kept, and has no name.
        return subscriptions.collections().map((id) => interests.byId(id)?.name ?? id)
      },
    },

    documents: {
      add: async (docIDs) => subscriptions.addDocuments(docIdsOf(docIDs)),
      remove: async (docIDs) => subscriptions.removeDocuments(docIdsOf(docIDs)),
      getAll: async () => subscriptions.documents(),
      sync: async (collection, docIDs, { timeout = SYNC_TIMEOUT, signal, onProgress } = {}) => {
        const shared = namedCollection(interests, collection)
        const wanted = docIdsOf(docIDs)
        throwIfAborted(signal, 'p2p.documents.sync')
        const run = (ending: AbortSignal): Promise<readonly string[]> => sync.syncDocuments(shared, wanted, { signal: ending, onProgress })
        const missing = await within(clock, timeout, run, ...(signal === undefined ? [] : [signal]))
        throwIfAborted(signal, 'p2p.documents.sync')
        if (missing.length === 0) return
        throw new DatabaseError(
          'TIMEOUT',
          `no connected peer had ${missing.slice(0, 3).map(quote).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''} of ` +
            `"${shared.name}" within ${timeout} ms; p2p.peers() lists who is connected, and timeout gives them longer`,
          { operation: 'p2p.documents.sync', milliseconds: timeout },
        )
      },
    },

    replicators: {
      set: async (peer, { collections } = {}) =>
        replicators.set(await targetOf(peer), collections === undefined ? 'all' : idsOf(collections)),
      delete: async (peer, { collections } = {}) =>
        replicators.delete((await targetOf(peer)).peer, collections === undefined ? 'all' : idsOf(collections)),
      getAll: async () => replicators.statuses(),
    },
  }
}

/** How a session is shown. */
export function peerStatus(session: SyncSession, dropped: ReturnType<Offences['droppedOf']>): PeerStatus {
  const { peer, connection, roundTrip, since } = session
  return {
    id: peer,
    addresses: [connection.remoteAddr.toString()],
    link: linkOf(connection.remoteAddr),
    ...(roundTrip === undefined ? {} : { roundTrip }),
    since,
    collections: session.shared().map(({ name }) => name),
    inSync: session.isInSync(),
    dropped: dropped.count,
    ...(dropped.last === undefined ? {} : { lastDropped: dropped.last }),
  }
}

function listOf(texts: string | readonly string[]): readonly string[] {
  return typeof texts === 'string' ? [texts] : texts
}

function docIdsOf(docIDs: string | readonly string[]): readonly string[] {
  return [...new Set(listOf(docIDs).map(documentIdOf))]
}

/** The first words are those of the reference. */
function documentIdOf(text: string): string {
  try {
    return parseDocId(text)
  } catch (error) {
    const message = `malformed document ID, missing either version or cid: ${messageOf(error)}`
    throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'docIDs', value: text }, { cause: error })
  }
}

/** Whether somebody has answered who is not the one that was looked for. */
function isAnotherPeer(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isAnotherPeer)
  return error instanceof Error && error.name === 'UnexpectedPeerError'
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  if (typeof Event !== 'undefined' && error instanceof Event) return 'the connection failed'
  return messageOf(error)
}

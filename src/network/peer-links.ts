import type { Connection, IdentifyResult, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'

import { equalBytes } from '../util/bytes.ts'
import { pause, type Clock } from '../util/clock.ts'
import type { Randomness } from '../util/randomness.ts'
import type { PeerAddress } from './addresses.ts'
import { byAge, closeConnection, isDirect, isOlder, untilClosed } from './connections.ts'
import { MAX_DIALLED_PEERS, MAX_PEERS, MAX_SYNC_STREAMS } from './limits.ts'
import { SYNC_PROTOCOL } from './messages.ts'
import { openStream } from './open-stream.ts'
import { createAttemptLog, type Attempt } from './attempt-log.ts'
import type { Host } from './host.ts'
import { createPeerDialer, type PeerDialer } from './peer-dialer.ts'
import type { Whereabouts } from './relay-links.ts'
import type { Bye, SyncSession } from './sync-session.ts'

/*
 * One connection and one session for each peer.
 *
 * Of two nodes the one with the smaller peer ID leads: it dials, it opens the sync stream, and where there are several connections it keeps the best and
 * closes the rest. The other follows; only when nothing has come for a while, it dials too. So two dials seldom race, and when they do, one side alone
 * decides. A connection through a relay carries the session when a direct one takes long, until one is there.
 */
export interface PeerLinks {
  /** Takes over the connections that came in while the host was starting. */
  start(): void
  sessions(): readonly SyncSession[]
  /** A relay says that a peer is there, as a new run perhaps. */
  onPresent(peer: string): void
  /** A relay says that a peer has left. */
  onGone(peer: string): void
  /** Keeps a peer dialled at this address. Resolves to its session; rejects with what libp2p says when it cannot be reached. */
  connect(address: PeerAddress, signal: AbortSignal): Promise<SyncSession>
  /** Dials a peer at this address, once; what becomes of the connection later is not its business. */
  connectOnce(address: PeerAddress, signal: AbortSignal): Promise<SyncSession>
  /** As `connect`, without a wait. */
  keepDialling(address: PeerAddress): void
  /** What is known of the way to a peer. */
  wayTo(peer: string): WayToPeer
  /** Parts from a peer; false when it is not connected. There is no session with it any more until `connect`. */
  disconnect(peer: string): Promise<boolean>
  /** Gives up all connections of a peer at once. */
  drop(peer: string, reason: string): void
  /** The page is back: what waits is tried at once. */
  wake(): void
  /** The page goes. */
  leave(): void
  close(): Promise<void>
}

export interface WayToPeer {
  /** This side dials. */
  readonly dials: boolean
  readonly isParted: boolean
  readonly addresses: readonly Multiaddr[]
  readonly attempt: Attempt | undefined
}

export interface PeerLinksOptions {
  readonly localCandidates?: Host['localCandidates']
  readonly node: Libp2p
  readonly relays: readonly PeerAddress[]
  readonly relayedData: boolean
  readonly whereIs: (peer: string) => readonly Whereabouts[]
  readonly isRefused: (peer: string) => boolean
  readonly openSession: (stream: Stream, connection: Connection) => SyncSession
  /** The peer is connected; `before` is its session until now, when it had one. */
  readonly onSession: (session: SyncSession, before: SyncSession | undefined) => void
  readonly onGone: (peer: string) => void
  readonly clock: Clock
  readonly randomness: Randomness
}

export interface PeerLinksWithEvents extends PeerLinks {
  /** To be called by the sessions' owner. */
  onReady(session: SyncSession): void
  onBye(session: SyncSession, reason: Bye): void
  onClosed(session: SyncSession): void
}

interface Peer {
  readonly peer: string
  readonly peerId: PeerId
  /** This node decides for both. */
  readonly isLed: boolean
  readonly dialer: PeerDialer
  readonly addresses: Map<string, Multiaddr>
  session: SyncSession | undefined
  /** Sessions on which no hello has come yet, or that are being replaced. */
  readonly opened: Set<SyncSession>
  /** The connection on which a stream is being opened. */
  opening: Connection | undefined
  /** How often the peer did not speak the sync protocol on a connection. Once can be too early: it may just be starting. */
  readonly refusals: WeakMap<Connection, number>
  /** Direct connections without a session, with what calls off that they are given up. */
  readonly idle: Map<Connection, () => void>
  relayedSince: number | undefined
  /** A run of the peer that has said bye: it is not dialled. */
  departed: Uint8Array | undefined
  /** The user parted from it. */
  isParted: boolean
  readonly waiting: Set<(session: SyncSession) => void>
}

/** The side that does not lead dials after this time without a connection: the leading one cannot, or does not know of it. */
const GRACE = 4000
/** Data goes through a relay when a direct connection takes longer than this; most take a fifth of it. */
const RELAYED_AFTER = 2500
/** A connection on which the peer has refused to speak the sync protocol so often is of no use. */
const MOST_REFUSALS = 2
/** Pause after a stream could not be opened on a connection that stays. */
const OPEN_AGAIN = 1000
/** Longer than two attempts to open a stream, each of them twice, and a hello. */
const IDLE_TIMEOUT = 20_000
/** Peers get this long to take a farewell. */
const FAREWELL = 300

export function createPeerLinks(options: PeerLinksOptions): PeerLinksWithEvents {
  const { node, relayedData, whereIs, isRefused, clock, randomness } = options
  const self = node.peerId.toString()
  const relays = new Set(options.relays.map(({ peer }) => peer))
  const peers = new Map<string, Peer>()
  const attempts = createAttemptLog(clock, options.localCandidates)
  const closing = new AbortController()
  let hasLeft = false

  function peerOf(id: PeerId): Peer {
    const name = id.toString()
    const known = peers.get(name)
    if (known !== undefined) return known
    const peer: Peer = {
      peer: name,
      peerId: id,
      isLed: self < name,
      dialer: createPeerDialer({
        node,
        peerId: id,
        where: () => ({ addresses: [...peer.addresses.values()], relays: whereIs(name).map(({ relay }) => relay) }),
        attempts,
        connected: () => connectedness(peer),
        onAttempted: () => tend(peer),
        clock,
        randomness,
      }),
      addresses: new Map(),
      session: undefined,
      opened: new Set(),
      opening: undefined,
      refusals: new WeakMap(),
      idle: new Map(),
      relayedSince: undefined,
      departed: undefined,
      isParted: false,
      waiting: new Set(),
    }
    peers.set(name, peer)
    return peer
  }

  function connectionsOf({ peerId }: Peer): readonly Connection[] {
    return node.getConnections(peerId).filter(({ status }) => status === 'open')
  }

  function connectedness(peer: Peer): 'direct' | 'relayed' | 'not' {
    const connections = connectionsOf(peer)
    if (connections.some(isDirect)) return 'direct'
    return connections.length > 0 ? 'relayed' : 'not'
  }

  /** Does what the state of a peer asks for; called whenever something has changed. */
  function tend(peer: Peer): void {
    // What waited for a peer that has been forgotten meanwhile must not open another session beside that of its return.
    if (closing.signal.aborted || peers.get(peer.peer) !== peer) return
    const connections = connectionsOf(peer)
    const isDirectly = connections.some(isDirect)
    if (isDirectly || connections.length === 0) peer.relayedSince = undefined
    else if (peer.relayedSince === undefined) {
      peer.relayedSince = clock.now()
      clock.after(RELAYED_AFTER, () => tend(peer))
    }
    watchIdle(peer, connections)
    if (peer.isLed && !peer.isParted) openBest(peer, connections)
    if (isDirectly) peer.dialer.rest()
    else if (isWanted(peer)) peer.dialer.start(peer.isLed || peer.addresses.size > 0 || hasLeft ? 0 : GRACE)
    else if (connections.length === 0) forgetIfIdle(peer)
  }

  /**
   * Gives up direct connections on which no session comes: one whose other end has vanished before there was a session looks alive for ever, and keeps both from
   * dialling. Those of a peer that speaks other protocols only are left alone.
   */
  function watchIdle(peer: Peer, connections: readonly Connection[]): void {
    for (const [connection, callOff] of peer.idle) {
      if (isIdle(peer, connection)) continue
      callOff()
      peer.idle.delete(connection)
    }
    for (const connection of connections) {
      if (peer.idle.has(connection) || !isIdle(peer, connection)) continue
      const giveUp = (): void => {
        peer.idle.delete(connection)
        const isOurs = peer.isLed || peer.session !== undefined || isWanted(peer)
        if (isOurs && isIdle(peer, connection)) connection.abort(new Error('no session has come on it'))
      }
      peer.idle.set(connection, clock.after(IDLE_TIMEOUT, giveUp))
    }
  }

  function isWanted(peer: Peer): boolean {
    if (peer.isParted || isRefused(peer.peer)) return false
    if (peer.addresses.size > 0) return true
    const runs = whereIs(peer.peer)
    const { departed } = peer
    if (runs.length === 0 || (departed !== undefined && runs.every(({ session }) => equalBytes(session, departed)))) return false
    return peer.session !== undefined || sessions().length < MAX_DIALLED_PEERS
  }

  function openBest(peer: Peer, connections: readonly Connection[]): void {
    const usable = connections.filter((connection) => !isUseless(peer, connection))
    const best = usable.filter(isDirect).toSorted(byAge).at(-1) ?? (mayUseRelay(peer) ? usable[0] : undefined)
    if (best === undefined || peer.opening !== undefined || peer.session?.connection === best) return
    if (peer.session !== undefined && isDirect(peer.session.connection) && peer.session.connection.status === 'open') return
    void openOn(peer, best)
  }

  function mayUseRelay(peer: Peer): boolean {
    if (!relayedData || peer.relayedSince === undefined) return false
    return peer.dialer.hasFailed || clock.now() - peer.relayedSince >= RELAYED_AFTER - 1
  }

  async function openOn(peer: Peer, connection: Connection): Promise<void> {
    peer.opening = connection
    try {
      const stream = await openStream(connection, SYNC_PROTOCOL, { clock, signal: closing.signal })
      peer.opened.add(options.openSession(stream, connection))
    } catch (error) {
      if (isUnsupported(error)) peer.refusals.set(connection, 1 + (peer.refusals.get(connection) ?? 0))
      if (!isUseless(peer, connection)) clock.after(OPEN_AGAIN, () => tend(peer))
    } finally {
      peer.opening = undefined
    }
    // The connection may have closed, or a better one come, in the meantime.
    if (connection.status !== 'open') tend(peer)
  }

  function onStream(stream: Stream, connection: Connection): void {
    const peer = peerOf(connection.remotePeer)
    const isFull = peer.session === undefined && sessions().length >= MAX_PEERS
    if (peer.isLed || isFull || peer.isParted || (!relayedData && !isDirect(connection)) || isRefused(peer.peer)) {
      stream.abort(new Error(isFull ? 'this node has enough peers' : 'no session is wanted here'))
      return
    }
    peer.opened.add(options.openSession(stream, connection))
  }

  function onReady(session: SyncSession): void {
    const peer = peerOf(session.connection.remotePeer)
    const before = peer.session
    peer.opened.delete(session)
    peer.session = session
    peer.departed = undefined
    const isNewRun = before?.run !== undefined && session.run !== undefined && !equalBytes(before.run, session.run)
    before?.close()
    for (const connection of connectionsOf(peer)) {
      if (connection === session.connection) continue
      // An older connection of an earlier run leads to nobody. It would look alive for seconds.
      if (isNewRun && isOlder(connection, session.connection)) connection.abort(new Error('the peer has started anew'))
      // The way to a direct connection is not needed any more, nor is a second one.
      else if (peer.isLed && isDirect(session.connection)) void closeConnection(connection)
    }
    options.onSession(session, before)
    for (const resolve of peer.waiting) resolve(session)
    peer.waiting.clear()
    tend(peer)
  }

  function onClosed(session: SyncSession): void {
    const peer = peerOf(session.connection.remotePeer)
    peer.opened.delete(session)
    if (peer.session === session) {
      peer.session = undefined
      options.onGone(peer.peer)
    }
    tend(peer)
  }

  function onBye(session: SyncSession, reason: Bye): void {
    const peer = peerOf(session.connection.remotePeer)
    peer.departed = session.run
    if (reason === 'parting') peer.addresses.clear()
    abortAll(peer, 'the peer said bye')
  }

  function abortAll(peer: Peer, reason: string): void {
    peer.dialer.stop()
    for (const connection of connectionsOf(peer)) connection.abort(new Error(reason))
    peer.session?.close()
  }

  function forgetIfIdle(peer: Peer): void {
    const isIdle = peer.session === undefined && peer.opened.size === 0 && peer.addresses.size === 0 && whereIs(peer.peer).length === 0
    if (!isIdle || peer.isParted || peer.waiting.size > 0) return
    peer.dialer.stop()
    peers.delete(peer.peer)
  }

  function sessions(): readonly SyncSession[] {
    return [...peers.values()].flatMap(({ session }) => session ?? [])
  }

  function onConnection({ detail }: CustomEvent<Connection>): void {
    take(detail)
  }

  /** Whether both sides have dialled at once, and the session has come on the other connection before this one was there. */
  function isSpare({ session }: Peer, connection: Connection): boolean {
    if (session === undefined || session.connection.status !== 'open' || !isDirect(session.connection)) return false
    return connection.direction === 'outbound' && connection !== session.connection && connection.status === 'open'
  }

  function take(connection: Connection): void {
    if (relays.has(connection.remotePeer.toString())) return
    const peer = peerOf(connection.remotePeer)
    const isAnother =
      peer.session !== undefined && connection.status === 'open' && connection.direction === 'inbound' && isDirect(connection)
    // A peer that is connected dials again only when it has lost the connection, which here may look alive for seconds: the newest is the true one.
    if (isAnother && peer.isLed && peer.opening === undefined) void openOn(peer, connection)
    if (peer.isLed && isSpare(peer, connection)) void closeConnection(connection)
    tend(peer)
  }

  /** When both sides dial at once, one of the two connections is closed, perhaps this one; then the other counts. */
  async function dialOnce(peer: Peer, address: Multiaddr, signal: AbortSignal, onLost: () => void): Promise<void> {
    try {
      const connection = await node.dial(address, { signal })
      connection.addEventListener('close', () => {
        if (connectionsOf(peer).length === 0) onLost()
      })
    } catch (error) {
      if (connectionsOf(peer).length === 0) throw error
    }
  }

  async function meet(peer: Peer, { address }: PeerAddress, signal: AbortSignal): Promise<SyncSession> {
    if (peer.session !== undefined) return peer.session
    const session = Promise.withResolvers<SyncSession>()
    peer.waiting.add(session.resolve)
    const onAbort = (): void => session.reject(peer.dialer.lastError ?? signal.reason)
    const onIdentify = ({ detail: { peerId, protocols } }: CustomEvent<IdentifyResult>): void => {
      if (!peerId.equals(peer.peerId) || protocols.includes(SYNC_PROTOCOL)) return
      session.reject(new Error(`it does not speak ${SYNC_PROTOCOL}; give the address of a relay as p2p.relays`))
    }
    signal.addEventListener('abort', onAbort)
    node.addEventListener('peer:identify', onIdentify)
    try {
      await dialOnce(peer, address, signal, () => session.reject(new Error('the peer closed the connection')))
      if (peer.session !== undefined) return peer.session
      tend(peer)
      return await session.promise
    } finally {
      peer.waiting.delete(session.resolve)
      signal.removeEventListener('abort', onAbort)
      node.removeEventListener('peer:identify', onIdentify)
      session.promise.catch(() => {})
    }
  }

  function keepDialling({ address, peerId }: PeerAddress): Peer {
    const peer = peerOf(peerId)
    peer.addresses.set(address.toString(), address)
    peer.isParted = false
    peer.departed = undefined
    return peer
  }

  node.addEventListener('connection:open', onConnection)
  node.addEventListener('connection:close', onConnection)
  const handling = node.handle(SYNC_PROTOCOL, onStream, {
    maxInboundStreams: MAX_SYNC_STREAMS,
    maxOutboundStreams: MAX_SYNC_STREAMS,
    runOnLimitedConnection: true,
  })

  return {
    start: () => {
      for (const connection of node.getConnections()) take(connection)
    },
    sessions,
    onReady,
    onClosed,
    onBye,

    onPresent: (name) => {
      if (name === self || relays.has(name) || isRefused(name)) return
      const id = parsePeerId(name)
      if (id === undefined) return
      const peer = peerOf(id)
      const run = peer.session?.run
      const isStale = run !== undefined && whereIs(name).every(({ session }) => !equalBytes(session, run))
      if (isStale) abortAll(peer, 'the peer has started anew')
      if (isWanted(peer) && (peer.isLed || hasLeft)) peer.dialer.again()
      tend(peer)
    },

    onGone: (name) => {
      const peer = peers.get(name)
      // It may have lost only the relay.
      peer?.session?.doubt()
      if (peer !== undefined) tend(peer)
    },

    keepDialling: (address) => tend(keepDialling(address)),

    connect: async (address, signal) => {
      const peer = keepDialling(address)
      try {
        return await meet(peer, address, signal)
      } catch (error) {
        // Asked for once: what cannot be reached now is not dialled for ever.
        peer.addresses.delete(address.address.toString())
        throw error
      }
    },

    connectOnce: async (address, signal) => {
      const peer = peerOf(address.peerId)
      if (peer.isParted) throw new Error('it was disconnected by p2p.disconnect; p2p.connect takes it back')
      return meet(peer, address, signal)
    },

    wayTo: (name) => {
      const peer = peers.get(name)
      const addresses = [...(peer?.addresses.values() ?? [])]
      return { dials: self < name || addresses.length > 0, isParted: peer?.isParted ?? false, addresses, attempt: attempts.last(name) }
    },

    disconnect: async (name) => {
      const peer = peers.get(name)
      if (peer === undefined) return false
      const { session } = peer
      peer.isParted = true
      peer.addresses.clear()
      session?.sayBye('parting')
      await Promise.all(connectionsOf(peer).map(closeConnection))
      abortAll(peer, 'the user parted from the peer')
      return session !== undefined
    },

    drop: (name, reason) => {
      const peer = peers.get(name)
      if (peer !== undefined) abortAll(peer, reason)
    },

    wake: () => {
      for (const peer of peers.values()) {
        peer.session?.doubt()
        if (isWanted(peer) && connectedness(peer) !== 'direct') peer.dialer.again()
      }
      hasLeft = false
    },

    leave: () => {
      hasLeft = true
      for (const session of sessions()) session.sayBye('leaving')
    },

    close: async () => {
      closing.abort()
      node.removeEventListener('connection:open', onConnection)
      await handling
      const all = sessions()
      for (const { dialer, idle } of peers.values()) {
        dialer.stop()
        for (const callOff of idle.values()) callOff()
      }
      for (const session of all) session.sayBye('leaving')
      // A peer that has read it closes the connection.
      await Promise.race([Promise.all(all.map(({ connection }) => untilClosed(connection))), pause(clock, FAREWELL)])
      for (const { session } of peers.values()) session?.close()
      node.removeEventListener('connection:close', onConnection)
    },
  }
}

/** Whether a direct connection carries no session, not even one that begins. */
function isIdle(peer: Peer, connection: Connection): boolean {
  const isBusy = [peer.session, ...peer.opened].some((session) => session?.connection === connection)
  return connection.status === 'open' && isDirect(connection) && !isBusy && !isUseless(peer, connection)
}

function isUseless({ refusals }: Peer, connection: Connection): boolean {
  return (refusals.get(connection) ?? 0) >= MOST_REFUSALS
}

function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.name === 'UnsupportedProtocolError'
}

function parsePeerId(text: string): PeerId | undefined {
  try {
    return peerIdFromString(text)
  } catch {
    return undefined // The relay says nonsense; nobody can be dialled by it.
  }
}

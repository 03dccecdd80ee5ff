import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'

import { equalBytes } from '../util/bytes.ts'
import { pause } from '../util/clock.ts'
import { peerIdOf, type PeerAddress } from './addresses.ts'
import { byAge, closeConnection, isDirect, isOlder, untilClosed } from './connections.ts'
import { createIdleConnections } from './idle-connections.ts'
import { createFullPeers } from './full-peers.ts'
import { isIdle, isUseless, placeHolderOf, type LinkedPeer } from './linked-peer.ts'
import { MAX_PEERS_ON_TRIAL, MAX_SYNC_STREAMS, TRIAL_TIME } from './limits.ts'
import { SYNC_PROTOCOL } from './messages.ts'
import { createAttemptLog } from './attempt-log.ts'
import { createMeetings } from './meetings.ts'
import { isUnsupported, openStream } from './open-stream.ts'
import { createPeerDialer } from './peer-dialer.ts'
import type { PeerLinksOptions, PeerLinksWithEvents } from './peer-links-contract.ts'
import { withoutPlace } from './places.ts'
import type { Bye, SyncSession } from './sync-session.ts'

/** The side that does not lead dials after this time without a connection: the leading one cannot, or does not know of it. */
const GRACE = 4000
/** Data goes through a relay when a direct connection takes longer than this; most take a fifth of it. */
const RELAYED_AFTER = 2500
/** Pause after a stream could not be opened on a connection that stays. */
const OPEN_AGAIN = 1000
/** Peers get this long to take a farewell. */
const FAREWELL = 300

export function createPeerLinks(options: PeerLinksOptions): PeerLinksWithEvents {
  const { node, relayedData, whereIs, isRelay, isRefused, places, clock, randomness } = options
  const self = node.peerId.toString()
  const peers = new Map<string, LinkedPeer>()
  const full = createFullPeers({ clock, randomness, onOver: (name) => withPeer(name, tend) })
  const meetings = createMeetings({ node, connectionsOf, tend })
  /** Sessions that are there only to say that there is no place. */
  const refusing = new WeakSet<SyncSession>()
  /** What calls off the choice that is to come. */
  let callOffChoice: (() => void) | undefined
  const attempts = createAttemptLog(clock, options.localCandidates)
  const closing = new AbortController()
  let hasLeft = false

  function peerOf(id: PeerId): LinkedPeer {
    const name = id.toString()
    const known = peers.get(name)
    if (known !== undefined) return known
    const peer: LinkedPeer = {
      peer: name,
      peerId: id,
      isLed: self < name,
      dialer: createPeerDialer({
        node,
        peerId: id,
        where: () => ({ addresses: [...peer.addresses.values()], relays: whereIs(name).map(({ relay }) => relay) }),
        attempts,
        connected: () => connectedness(peer),
        onAttempted: () => {
          tend(peer)
          fillPlaces()
        },
        clock,
        randomness,
      }),
      addresses: new Map(),
      session: undefined,
      opened: new Set(),
      opening: undefined,
      refusals: new WeakMap(),
      idle: createIdleConnections({
        clock,
        isIdle: (connection) => isIdle(peer, connection),
        isOurs: () => peer.isLed || peer.session !== undefined || isWanted(peer),
      }),
      relayedSince: undefined,
      departed: undefined,
      parting: undefined,
      isParted: false,
      waiting: new Set(),
    }
    peers.set(name, peer)
    return peer
  }

  function connectionsOf({ peerId }: LinkedPeer): readonly Connection[] {
    return node.getConnections(peerId).filter(({ status }) => status === 'open')
  }

  function connectedness(peer: LinkedPeer): 'direct' | 'relayed' | 'not' {
    const connections = connectionsOf(peer)
    if (connections.some(isDirect)) return 'direct'
    return connections.length > 0 ? 'relayed' : 'not'
  }

  /** Does what the state of a peer asks for; called whenever something has changed. */
  function tend(peer: LinkedPeer): void {
    // What waited for a peer that has been forgotten meanwhile must not open another session beside that of its return.
    if (closing.signal.aborted || peers.get(peer.peer) !== peer) return
    const connections = connectionsOf(peer)
    const isDirectly = connections.some(isDirect)
    if (isDirectly || connections.length === 0) peer.relayedSince = undefined
    else if (peer.relayedSince === undefined) {
      peer.relayedSince = clock.now()
      clock.after(RELAYED_AFTER, () => tend(peer))
    }
    peer.idle.watch(connections)
    if (peer.isLed && !peer.isParted) openBest(peer, connections)
    if (isDirectly) peer.dialer.rest()
    else if (isWanted(peer)) peer.dialer.start(peer.isLed || peer.addresses.size > 0 || hasLeft ? 0 : GRACE)
    else {
      peer.dialer.rest()
      if (connections.length === 0) forgetIfIdle(peer)
    }
  }

  function isWanted(peer: LinkedPeer): boolean {
    if (peer.isParted || isRefused(peer.peer) || full.has(peer.peer) || peer.parting !== undefined) return false
    if (peer.addresses.size > 0) return true
    const runs = whereIs(peer.peer)
    const { departed } = peer
    if (runs.length === 0 || (departed !== undefined && runs.every(({ session }) => equalBytes(session, departed)))) return false
    return peer.session !== undefined || isKept(peer) || takenBesides(peer) < places.dialled
  }

  /** Whether the user has asked for it, in whatever way. */
  function isKept({ peer, addresses, waiting }: LinkedPeer): boolean {
    return addresses.size > 0 || waiting.size > 0 || options.isReplicatedTo(peer)
  }

  /** Places that others have, or are about to get. One that could not be dialled at once takes none while it is tried again. */
  function takenBesides(peer: LinkedPeer | undefined): number {
    let taken = 0
    for (const other of peers.values()) {
      const isComing = other.dialer.isBusy && !other.dialer.hasFailed
      if (other !== peer && other.parting === undefined && (other.session !== undefined || isComing)) taken += 1
    }
    return taken
  }

  /** Dials others that are known, where there are places. */
  function fillPlaces(): void {
    let free = places.dialled - takenBesides(undefined)
    if (free <= 0 || closing.signal.aborted) return
    const candidates = [...peers.values()].filter((peer) => !peer.dialer.isBusy && connectedness(peer) === 'not')
    while (free > 0 && candidates.length > 0) {
      // Any of them, so that not all nodes choose the same.
      const [candidate] = candidates.splice(Math.floor(randomness.fraction() * candidates.length), 1)
      if (candidate === undefined || !isWanted(candidate)) continue
      tend(candidate)
      free -= 1
    }
  }

  /** Parts from those that are of the least use, once it can be seen who that is. */
  function choose(): void {
    callOffChoice = undefined
    const staying = [...peers.values()].filter(({ parting }) => parting === undefined)
    const holders = staying.flatMap((peer) => placeHolderOf(peer, isKept(peer)))
    for (const name of withoutPlace(holders, places.most)) withPeer(name, makeRoom)
  }

  function makeRoom(peer: LinkedPeer): void {
    peer.parting = 'this node has enough other peers'
    peer.dialer.stop()
    if (peer.session !== undefined) sayFull(peer, peer.session)
  }

  /** The other side closes the connection when it has read it; else this one does. */
  function sayFull(peer: LinkedPeer, session: SyncSession): void {
    session.sayBye('full')
    const connections = connectionsOf(peer)
    clock.after(FAREWELL, () => {
      session.close()
      for (const connection of connections)
        if (connection.status === 'open') connection.abort(new Error('this node has enough other peers'))
    })
  }

  function withPeer(name: string, use: (peer: LinkedPeer) => void): void {
    const peer = peers.get(name)
    if (peer !== undefined) use(peer)
  }

  function openBest(peer: LinkedPeer, connections: readonly Connection[]): void {
    const usable = connections.filter((connection) => !isUseless(peer, connection))
    const best = usable.filter(isDirect).toSorted(byAge).at(-1) ?? (mayUseRelay(peer) ? usable[0] : undefined)
    if (best === undefined || peer.opening !== undefined || peer.session?.connection === best) return
    if (peer.session !== undefined && isDirect(peer.session.connection) && peer.session.connection.status === 'open') return
    void openOn(peer, best)
  }

  function mayUseRelay(peer: LinkedPeer): boolean {
    if (!relayedData || peer.relayedSince === undefined) return false
    return peer.dialer.hasFailed || clock.now() - peer.relayedSince >= RELAYED_AFTER - 1
  }

  async function openOn(peer: LinkedPeer, connection: Connection): Promise<void> {
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
    if (peer.isLed || peer.isParted || (!relayedData && !isDirect(connection)) || isRefused(peer.peer)) {
      stream.abort(new Error('no session is wanted here'))
      return
    }
    // It has a place for this node now.
    full.forget(peer.peer)
    const session = options.openSession(stream, connection)
    peer.opened.add(session)
    if (peer.session !== undefined || isKept(peer) || occupied() < places.most + MAX_PEERS_ON_TRIAL) return
    refusing.add(session)
    sayFull(peer, session)
  }

  /** Sessions, and those that may become some. */
  function occupied(): number {
    return [...peers.values()].filter(({ session, opened }) => session !== undefined || opened.size > 0).length
  }

  function onReady(session: SyncSession): void {
    if (refusing.has(session)) return
    const peer = peerOf(session.connection.remotePeer)
    const before = peer.session
    peer.opened.delete(session)
    peer.session = session
    peer.departed = undefined
    peer.parting = undefined
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
    if (sessions().length > places.most) callOffChoice ??= clock.after(TRIAL_TIME, choose)
    tend(peer)
  }

  function onClosed(session: SyncSession): void {
    const peer = peerOf(session.connection.remotePeer)
    peer.opened.delete(session)
    if (peer.session === session) {
      peer.session = undefined
      const { parting } = peer
      peer.parting = undefined
      options.onGone(peer.peer, parting)
    }
    tend(peer)
    fillPlaces()
  }

  function onBye(session: SyncSession, reason: Bye): void {
    const peer = peerOf(session.connection.remotePeer)
    if (reason === 'full') {
      full.note(peer.peer, clock.date() - session.since)
      if (peer.session === session) peer.parting = 'the peer has enough others'
      return abortAll(peer, 'the peer has enough others')
    }
    peer.departed = session.run
    if (reason === 'parting') peer.addresses.clear()
    abortAll(peer, 'the peer said bye')
  }

  function abortAll(peer: LinkedPeer, reason: string): void {
    peer.dialer.stop()
    for (const connection of connectionsOf(peer)) connection.abort(new Error(reason))
    peer.session?.close()
  }

  function forgetIfIdle(peer: LinkedPeer): void {
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
  function isSpare({ session }: LinkedPeer, connection: Connection): boolean {
    if (session === undefined || session.connection.status !== 'open' || !isDirect(session.connection)) return false
    return connection.direction === 'outbound' && connection !== session.connection && connection.status === 'open'
  }

  function take(connection: Connection): void {
    if (isRelay(connection.remotePeer.toString())) return
    const peer = peerOf(connection.remotePeer)
    // Whoever dials has a place.
    if (connection.direction === 'inbound' && connection.status === 'open') full.forget(peer.peer)
    const isAnother =
      peer.session !== undefined && connection.status === 'open' && connection.direction === 'inbound' && isDirect(connection)
    // A peer that is connected dials again only when it has lost the connection, which here may look alive for seconds: the newest is the true one.
    if (isAnother && peer.isLed && peer.opening === undefined) void openOn(peer, connection)
    if (peer.isLed && isSpare(peer, connection)) void closeConnection(connection)
    tend(peer)
  }

  function keepDialling({ address, peerId }: PeerAddress): LinkedPeer {
    const peer = peerOf(peerId)
    peer.addresses.set(address.toString(), address)
    peer.isParted = false
    peer.departed = undefined
    full.forget(peer.peer)
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
      if (name === self || isRelay(name) || isRefused(name)) return
      const id = peerIdOf(name)
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
        return await meetings.meet(peer, address, signal)
      } catch (error) {
        // Asked for once: what cannot be reached now is not dialled for ever.
        peer.addresses.delete(address.address.toString())
        throw error
      }
    },

    connectOnce: async (address, signal) => {
      const peer = peerOf(address.peerId)
      if (peer.isParted) throw new Error('it was disconnected by p2p.disconnect; p2p.connect takes it back')
      return meetings.meet(peer, address, signal)
    },

    expect: (name, signal) => {
      const peer = peerOf(peerIdFromString(name))
      peer.isParted = false
      return meetings.expect(peer, signal)
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

    drop: (name, reason) => withPeer(name, (peer) => abortAll(peer, reason)),

    reconsider: (name) => tend(peerOf(peerIdFromString(name))),

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
      callOffChoice?.()
      full.end()
      node.removeEventListener('connection:open', onConnection)
      await handling
      const all = sessions()
      for (const { dialer, idle } of peers.values()) {
        dialer.stop()
        idle.end()
      }
      for (const session of all) session.sayBye('leaving')
      // A peer that has read it closes the connection.
      await Promise.race([Promise.all(all.map(({ connection }) => untilClosed(connection))), pause(clock, FAREWELL)])
      for (const { session } of peers.values()) session?.close()
      node.removeEventListener('connection:close', onConnection)
    },
  }
}

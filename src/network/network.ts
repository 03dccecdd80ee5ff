import type { DatabaseEvents, P2PApi, PeerStatus } from '../database/database.ts'
import type { AttachedNetwork, AttachNetwork, Replica } from '../database/replica.ts'
import { DatabaseError, messageOf, throwIfAborted } from '../errors.ts'
import { systemClock, within, type Clock } from '../util/clock.ts'
import { systemRandomness, type Randomness } from '../util/randomness.ts'
import { linkOf, parseListenAddress, parsePeerAddress, parseRelayAddress, type PeerAddress } from './addresses.ts'
import type { Host, HostFactory } from './host.ts'
import { createInterests } from './interests.ts'
import { SESSION_BYTES } from './messages.ts'
import { createOffences } from './offences.ts'
import type { P2POptions } from './options.ts'
import { loadPeerKey } from './peer-key.ts'
import { createPeerLinks, type PeerLinksWithEvents } from './peer-links.ts'
import { createRelayLinks, type RelayLinks } from './relay-links.ts'
import { createSync, type Sync } from './sync.ts'
import type { SyncSession } from './sync-session.ts'

/** `p2p.connect` gives up after this time: a WebRTC dial that fails takes 6 s, and one through a relay may follow. */
const CONNECT_TIMEOUT = 15_000
/** A round trip that differs by less than this share is not worth an event. */
const ROUND_TRIP_CHANGE = 0.5

/** What tests set to reach what takes many nodes otherwise. */
export interface NetworkTuning {
  /** See `CROWD` in `limits.ts`. */
  readonly crowd?: number
  /** Default: the time of this machine. */
  readonly clock?: Clock
  readonly randomness?: Randomness
}

/** The options, read. */
interface Addresses {
  readonly relays: readonly PeerAddress[]
  readonly peers: readonly PeerAddress[]
  readonly listen: readonly ReturnType<typeof parseListenAddress>[] | undefined
}

/**
 * The network of a database: `host` makes the libp2p node of the platform (`host.browser.ts`, `host.node.ts`). The addresses in `options` are checked
 * here, before anything is started; the returned function starts the node and returns without waiting for relays or peers.
 * @throws INVALID_ADDRESS
 */
export function attachNetwork(options: P2POptions, host: HostFactory, tuning: NetworkTuning = {}): AttachNetwork {
  const addresses: Addresses = {
    relays: uniquePeers((options.relays ?? []).map(parseRelayAddress)),
    peers: (options.peers ?? []).map(parsePeerAddress),
    listen: options.listen?.map(parseListenAddress),
  }
  return (replica) => startNetwork(replica, options, addresses, host, tuning)
}

async function startNetwork(
  replica: Replica,
  options: P2POptions,
  addresses: Addresses,
  createHost: HostFactory,
  { crowd, clock = systemClock, randomness = systemRandomness }: NetworkTuning,
): Promise<AttachedNetwork> {
  const run = randomness.bytes(SESSION_BYTES)
  const offences = createOffences({
    onDropped: (peer, reason) => replica.emit('peer:dropped', { id: peer, reason }),
    onCutOff: (peer) => links.drop(peer, 'the peer breaks the protocol'),
    clock,
  })
  const host = await createHost({
    privateKey: await loadPeerKey(replica),
    relays: addresses.relays.length,
    ...(addresses.listen === undefined ? {} : { listen: addresses.listen }),
    iceServers: options.iceServers ?? [],
    isRefused: offences.isCutOff,
  })
  const { node } = host
  const interests = createInterests(replica, options.room ?? '')
  const statusOf = (session: SyncSession): PeerStatus => peerStatus(session, offences.droppedOf(session.peer))
  const emitChange = createChangeEmitter(replica, statusOf)

  const sync: Sync = createSync({
    node,
    replica,
    interests,
    run,
    clock,
    crowd,
    onReady: (session) => links.onReady(session),
    onChange: (session) => {
      if (links.sessions().includes(session)) emitChange(session)
    },
    onBye: (session, reason) => links.onBye(session, reason),
    onClose: (session) => links.onClosed(session),
    onOffence: offences.note,
  })
  const links: PeerLinksWithEvents = createPeerLinks({
    node,
    relays: addresses.relays,
    relayedData: options.relayedData ?? true,
    whereIs: (peer) => relayLinks.whereIs(peer),
    isRefused: offences.isCutOff,
    openSession: sync.open,
    onSession: (session, before) => replica.emit(before === undefined ? 'peer:connect' : 'peer:change', statusOf(session)),
    onGone: (id) => replica.emit('peer:disconnect', { id }),
    clock,
    randomness,
  })
  const relayLinks: RelayLinks = createRelayLinks({
    host,
    relays: addresses.relays,
    session: run,
    onChange: (status) => replica.emit('relay:change', status),
    onPresent: (peer) => links.onPresent(peer),
    onGone: (peer) => links.onGone(peer),
    onDropped: (relay, reason) => replica.emit('peer:dropped', { id: relay, reason }),
    clock,
    randomness,
  })
  relayLinks.join(interests.all().map(({ topic }) => topic))
  for (const address of addresses.peers) links.keepDialling(address)

  const onSchema = (): void => {
    interests.refresh()
    relayLinks.join(interests.all().map(({ topic }) => topic))
    sync.refresh()
  }
  replica.events.addEventListener('schema', onSchema)
  const stopWaking = host.onWake(() => {
    relayLinks.wake()
    links.wake()
  })
  const stopLeaving = host.onLeave(() => links.leave())

  async function close(): Promise<void> {
    replica.events.removeEventListener('schema', onSchema)
    stopWaking()
    stopLeaving()
    sync.close()
    // First the peers, who are told; then the relays, which would tell them too.
    await links.close()
    await relayLinks.close()
    await node.stop()
  }

  let closing: Promise<void> | undefined
  return { p2p: createP2PApi(host, links, relayLinks, clock, statusOf), close: () => (closing ??= close()) }
}

function createP2PApi(
  host: Host,
  links: PeerLinksWithEvents,
  relayLinks: RelayLinks,
  clock: Clock,
  statusOf: (session: SyncSession) => PeerStatus,
): P2PApi {
  const { node } = host
  return {
    info: async () => ({ id: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) }),
    connect: async (address, { signal } = {}) => {
      const target = parsePeerAddress(address)
      throwIfAborted(signal, 'p2p.connect')
      if (target.peer === node.peerId.toString()) {
        throw new DatabaseError('INVALID_ADDRESS', `"${address}" is this node itself; give the address of another one`, { address })
      }
      try {
        const given = signal === undefined ? [] : [signal]
        await within(clock, CONNECT_TIMEOUT, (signal) => links.connect(target, signal), ...given)
      } catch (error) {
        throwIfAborted(signal, 'p2p.connect')
        const advice = host.adviceFor(target.address) ?? 'check that it runs, that the address is right and that no firewall is between'
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
  }
}

function peerStatus(session: SyncSession, dropped: number): PeerStatus {
  const { peer, connection, roundTrip, since } = session
  return {
    id: peer,
    addresses: [connection.remoteAddr.toString()],
    link: linkOf(connection.remoteAddr),
    ...(roundTrip === undefined ? {} : { roundTrip }),
    since,
    collections: session.shared().map(({ name }) => name),
    inSync: session.isInSync(),
    dropped,
  }
}

/** Sends `peer:change`, but not for every small change of the round trip. */
function createChangeEmitter(
  replica: Pick<Replica, 'emit'>,
  statusOf: (session: SyncSession) => PeerStatus,
): (session: SyncSession) => void {
  const told = new WeakMap<SyncSession, PeerStatus>()
  return (session) => {
    const status: DatabaseEvents['peer:change'] = statusOf(session)
    const before = told.get(session)
    const { roundTrip = 0 } = status
    const known = before?.roundTrip ?? 0
    const isSlight = Math.abs(roundTrip - known) <= known * ROUND_TRIP_CHANGE && known > 0
    const isSame =
      before?.inSync === status.inSync && before.dropped === status.dropped && before.collections.join() === status.collections.join()
    if (isSame && isSlight) return
    told.set(session, status)
    replica.emit('peer:change', status)
  }
}

/** Each relay once, however often it is named. */
function uniquePeers(addresses: readonly PeerAddress[]): readonly PeerAddress[] {
  return [...new Map(addresses.map((address) => [address.address.toString(), address])).values()]
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  if (typeof Event !== 'undefined' && error instanceof Event) return 'the connection failed'
  return messageOf(error)
}

import type { DatabaseEvents, PeerStatus } from '../database/database.ts'
import type { AttachedNetwork, AttachNetwork, Replica } from '../database/replica.ts'
import { DatabaseError } from '../errors.ts'
import { systemClock, type Clock } from '../util/clock.ts'
import { quote } from '../util/quote.ts'
import { systemRandomness, type Randomness } from '../util/randomness.ts'
import { parseListenAddress, parsePeerAddress, parseRelayAddress, relaysOf, type PeerAddress, type RelayAddress } from './addresses.ts'
import { loadAdmission, parseAdmissionLists, refuseRelay, type AdmissionLists } from './admission.ts'
import type { HostFactory } from './host.ts'
import { createIceServers } from './ice-servers.ts'
import { createInterests, namedCollection } from './interests.ts'
import { parseInvitation, type Invitation } from './invitation.ts'
import { checkRoom, createInvitations, takeTypes } from './invitations.ts'
import { MAX_DIALLED_PEERS, MAX_PEERS, REPLICATOR_RETRY_INTERVALS, ROLES_TOLD_AFTER } from './limits.ts'
import { SESSION_BYTES } from './messages.ts'
import { createOffences } from './offences.ts'
import type { P2POptions } from './options.ts'
import { createP2PApi, peerStatus } from './p2p-api.ts'
import { checkPeerKey, loadPeerKey } from './peer-key.ts'
import { createPeerLinks } from './peer-links.ts'
import type { PeerLinksWithEvents } from './peer-links-contract.ts'
import { createRelayLinks, type RelayLinks } from './relay-links.ts'
import { createReplicators, loadReplicators, type Replicators } from './replicators.ts'
import { loadSubscriptions } from './subscriptions.ts'
import { createSync, type Sync } from './sync.ts'
import type { SyncSession } from './sync-session.ts'

/** A round trip that differs by less than this share is not worth an event. */
const ROUND_TRIP_CHANGE = 0.5

/** What tests set to reach what takes many nodes otherwise. */
export interface NetworkTuning {
  /** See `CROWD` in `limits.ts`. */
  readonly crowd?: number
  /** Default: the time of this machine. */
  readonly clock?: Clock
  readonly randomness?: Randomness
  /** See `MAX_PEERS` and `MAX_DIALLED_PEERS` in `limits.ts`. */
  readonly places?: { readonly most: number; readonly dialled: number }
}

/** The options, read. */
interface Addresses {
  readonly lists: AdmissionLists
  readonly invitation: Invitation | undefined
  readonly relays: readonly RelayAddress[]
  readonly room: string
  readonly peers: readonly PeerAddress[]
  readonly listen: readonly ReturnType<typeof parseListenAddress>[] | undefined
}

/**
 * The network of a database: `host` makes the libp2p node of the platform (`host.browser.ts`, `host.node.ts`). The addresses in `options` are checked
 * here, before anything is started; the returned function starts the node and returns without waiting for relays or peers.
 * @throws INVALID_ADDRESS, INVALID_ARGUMENT
 */
export function attachNetwork(options: P2POptions, host: HostFactory, tuning: NetworkTuning = {}): AttachNetwork {
  checkChoices(options)
  checkPeerKey(options.peerKey)
  const invitation = options.invite === undefined ? undefined : parseInvitation(options.invite)
  if (invitation !== undefined) checkRoom(invitation, options.room ?? invitation.room, 'leave p2p.room out')
  const invitedRelays = invitation?.relays.flatMap(({ others, ...relay }) => [relay, ...others.map((address) => ({ ...relay, address }))])
  const addresses: Addresses = {
    lists: parseAdmissionLists(options),
    invitation,
    relays: relaysOf([...(options.relays ?? []).map(parseRelayAddress), ...(invitedRelays ?? [])]),
    room: options.room ?? invitation?.room ?? '',
    peers: (options.peers ?? []).map(parsePeerAddress),
    listen: options.listen?.map(parseListenAddress),
  }
  for (const { peer } of addresses.relays) refuseRelay(peer, (id) => addresses.lists.block.has(id))
  return (replica) => startNetwork(replica, options, addresses, host, tuning)
}

async function startNetwork(
  replica: Replica,
  options: P2POptions,
  addresses: Addresses,
  createHost: HostFactory,
  { crowd, clock = systemClock, randomness = systemRandomness, places }: NetworkTuning,
): Promise<AttachedNetwork> {
  const run = randomness.bytes(SESSION_BYTES)
  const { invitation, room } = addresses
  const subscriptions = await loadSubscriptions({ replica, everything: options.subscribe === 'all' })
  if (invitation !== undefined) await takeTypes(invitation, { replica, subscriptions })
  const interests = createInterests(replica, subscriptions, room)
  if (Array.isArray(options.subscribe)) {
    await subscriptions.addCollections(options.subscribe.map((name: string) => namedCollection(interests, name).collectionId))
    interests.refresh()
  }
  const keptReplicators = await loadReplicators(replica)
  const offences = createOffences({
    onDropped: (peer, reason) => replica.emit('peer:dropped', { id: peer, reason }),
    onCutOff: (peer) => {
      replica.emit('peer:refused', peer)
      links.drop(peer.id, 'the peer breaks the protocol')
      replicators.onPeer(peer.id)
    },
    clock,
  })
  const iceServers = createIceServers(options.iceServers)
  /** Peers come before there are links to relays. */
  let isRelay = (id: string): boolean => addresses.relays.some(({ peer }) => peer === id)
  const admission = await loadAdmission({
    replica,
    lists: addresses.lists,
    isRelay: (peer) => isRelay(peer),
    onBlocked: (peer) => {
      links.drop(peer, 'the peer is blocked')
      replicators.onPeer(peer)
    },
    onUnblocked: (peer) => links.reconsider(peer),
  })
  const isRefused = (peer: string): boolean => admission.refusalOf(peer) !== undefined || offences.isCutOff(peer)
  const host = await createHost({
    privateKey: await loadPeerKey(replica, options.peerKey),
    relays: addresses.relays.length,
    ...(addresses.listen === undefined ? {} : { listen: addresses.listen }),
    iceServers,
    settings: replica,
    isRefused,
  })
  const { node } = host
  const statusOf = (session: SyncSession): PeerStatus => peerStatus(session, offences.droppedOf(session.peer))
  const emitChange = createChangeEmitter(replica, statusOf)

  const sync: Sync = createSync({
    node,
    replica,
    interests,
    subscriptions,
    pushes: (peer, collectionId) => replicators.pushes(peer, collectionId),
    isReplicated: (collectionId) => replicators.isReplicated(collectionId),
    isRefused,
    run,
    clock,
    crowd,
    onReady: (session) => links.onReady(session),
    onChange: (session) => {
      if (links.sessions().includes(session)) emitChange(session)
    },
    onStanding: ({ peer }) => replicators.onPeer(peer),
    onRest: (collectionId) => replicators.onCollection(collectionId),
    onBye: (session, reason) => links.onBye(session, reason),
    onClose: (session) => {
      links.onClosed(session)
      replicators.onPeer(session.peer)
    },
    onOffence: offences.note,
  })
  const replicators: Replicators = createReplicators({
    replica,
    kept: keptReplicators,
    interests,
    roots: sync.roots,
    clock,
    retryIntervals: options.replicatorRetryIntervals ?? REPLICATOR_RETRY_INTERVALS,
    sessionOf: (peer) => sync.sessions().find((session) => session.peer === peer),
    refusalOf: (peer) => {
      const offender = offences.cutOff().find(({ id }) => id === peer)
      return offender === undefined ? admission.refusalOf(peer) : `is cut off: ${offender.reason}`
    },
    parseAddress: parsePeerAddress,
    connect: (address, signal) => links.connectOnce(address, signal),
    onRoles: () => tellRoles(),
    onChange: (status) => replica.emit('replicator:change', status),
  })
  const links: PeerLinksWithEvents = createPeerLinks({
    node,
    isRelay: (peer) => isRelay(peer),
    localCandidates: (remote) => host.localCandidates(remote),
    relayedData: options.relayedData ?? true,
    whereIs: (peer) => relayLinks.whereIs(peer),
    isRefused,
    openSession: sync.open,
    onSession: (session, before) => replica.emit(before === undefined ? 'peer:connect' : 'peer:change', statusOf(session)),
    isReplicatedTo: (peer) => replicators.has(peer),
    places: places ?? { most: MAX_PEERS, dialled: MAX_DIALLED_PEERS },
    onGone: (id, reason) => replica.emit('peer:disconnect', { id, ...(reason === undefined ? {} : { reason }) }),
    clock,
    randomness,
  })
  const relayLinks: RelayLinks = createRelayLinks({
    host,
    relays: addresses.relays,
    iceServers,
    session: run,
    onChange: (status) => replica.emit('relay:change', status),
    onPresent: (peer) => links.onPresent(peer),
    onGone: (peer) => links.onGone(peer),
    onDropped: (relay, reason) => replica.emit('peer:dropped', { id: relay, reason }),
    clock,
    randomness,
  })
  isRelay = relayLinks.isRelay
  relayLinks.join(interests.all().map(({ topic }) => topic))
  links.start()
  for (const address of addresses.peers) links.keepDialling(address)
  const invitations = createInvitations({ host, replica, interests, subscriptions, relayLinks, links, room })
  if (invitation !== undefined) await invitations.dial(invitation)

  const onSchema = (): void => {
    interests.refresh()
    relayLinks.join(interests.all().map(({ topic }) => topic))
    sync.refresh()
  }
  /** What calls off the telling that is to come. */
  let callOffTelling: (() => void) | undefined
  function tellRoles(): void {
    callOffTelling ??= clock.after(ROLES_TOLD_AFTER, () => {
      callOffTelling = undefined
      interests.refresh()
      sync.refresh()
    })
  }
  replica.events.addEventListener('schema', onSchema)
  subscriptions.onChange(tellRoles)
  const stopWaking = host.onWake(() => {
    relayLinks.wake()
    links.wake()
  })
  const stopLeaving = host.onLeave(() => links.leave())

  async function close(): Promise<void> {
    replica.events.removeEventListener('schema', onSchema)
    stopWaking()
    stopLeaving()
    callOffTelling?.()
    replicators.close()
    sync.close()
    // First the peers, who are told; then the relays, which would tell them too.
    await links.close()
    await relayLinks.close()
    await node.stop()
  }

  let closing: Promise<void> | undefined
  const parts = {
    invitations,
    host,
    iceServers: () => iceServers.forPeers().length,
    relayedData: options.relayedData ?? true,
    clock,
    links,
    relayLinks,
    interests,
    subscriptions,
    replicators,
    sync,
    offences,
    admission,
    statusOf,
  }
  return { p2p: createP2PApi(parts), close: () => (closing ??= close()) }
}

/** A timer counts milliseconds in 31 bits. */
const LONGEST_INTERVAL = 2_000_000

function checkChoices({ subscribe = [], replicatorRetryIntervals = REPLICATOR_RETRY_INTERVALS }: P2POptions): void {
  if (subscribe !== 'all' && !Array.isArray(subscribe)) {
    throw new DatabaseError('INVALID_ARGUMENT', `p2p.subscribe is ${quote(subscribe)}; give a list of collection names, or "all"`, {
      argument: 'p2p.subscribe',
      value: subscribe,
    })
  }
  const isInterval = (seconds: unknown): boolean => typeof seconds === 'number' && seconds >= 0 && seconds <= LONGEST_INTERVAL
  if (Array.isArray(replicatorRetryIntervals) && replicatorRetryIntervals.length > 0 && replicatorRetryIntervals.every(isInterval)) return
  throw new DatabaseError(
    'INVALID_ARGUMENT',
    `p2p.replicatorRetryIntervals is ${quote(replicatorRetryIntervals)}; give seconds, from 0 to ${LONGEST_INTERVAL}, such as [30, 60, 120]`,
    { argument: 'p2p.replicatorRetryIntervals', value: replicatorRetryIntervals },
  )
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

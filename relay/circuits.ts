import {
  circuitRelayServer,
  RELAY_V2_STOP_CODEC,
  type CircuitRelayServerComponents,
  type CircuitRelayService,
} from '@libp2p/circuit-relay-v2'
import type { Connection, ConnectionGater, Libp2p, PeerId, Stream, StreamHandler } from '@libp2p/interface'

import type { Clock } from '../src/util/clock.ts'
import { createAllowance, createAllowances, type Rate } from './allowance.ts'
import {
  BYTES_AT_ONCE_SECONDS,
  BYTES_TO_BEGIN,
  circuitMilliseconds,
  MAX_REMEMBERED_PEERS,
  REQUESTS_AT_ONCE_SECONDS,
  RESERVATION_TTL,
  type RelayLimits,
} from './options.ts'
import { shortPeer } from './short-peer.ts'
import type { Reason, Tally } from './tally.ts'

/**
 * Reservations and circuits within their limits. The library serves both; this counts, and decides.
 *
 *     asking node ── hop stream ──▶ relay ── stop stream ──▶ asked node
 *
 * A hop stream asks for a reservation, and ends, or for a circuit, and is one half of it from then on.
 */
export interface Circuits {
  /** The library's service. */
  readonly service: (components: CircuitRelayServerComponents) => CircuitRelayService
  /** What the library asks before it gives something. */
  readonly gater: Pick<ConnectionGater, 'denyInboundRelayReservation' | 'denyOutboundRelayedConnection'>
  /** Begins to see the streams that the library opens to asked nodes. */
  watch(node: Libp2p): void
  stats(): CircuitStats
  /** Circuits that a peer has opened or accepted. */
  circuitsOf(peer: string): number
  /** How much of what may flow at once has been used up, from 0 to 1. */
  bytesUsed(): number
}

export interface CircuitStats {
  readonly reservations: number
  readonly circuits: number
  /** Since the start. */
  readonly circuitsMade: number
  /** In both directions, with the requests for them. */
  readonly relayedBytes: number
}

/** How long the library tries to reach the asked node. */
const OPENING_TIME = 30_000

type Hop = Parameters<CircuitRelayServerComponents['registrar']['handle']>

export function createCircuits(limits: RelayLimits, tally: Tally, clock: Pick<Clock, 'now'>): Circuits {
  const allBytesRate = rateOf(limits.bytesPerSecond, BYTES_AT_ONCE_SECONDS)
  const peerBytesRate = rateOf(limits.peerBytesPerSecond, BYTES_AT_ONCE_SECONDS)
  const allBytes = createAllowance(allBytesRate, clock)
  const bytesByPeer = createAllowances(peerBytesRate, MAX_REMEMBERED_PEERS, clock)
  const requestsByPeer = createAllowances(rateOf(limits.requestsPerSecond, REQUESTS_AT_ONCE_SECONDS), MAX_REMEMBERED_PEERS, clock)
  const hopsByPeer = new Map<string, Set<Stream>>()
  const stopsByPeer = new Map<string, Set<Stream>>()
  /** What ended both streams of a circuit is one error, and counts once. */
  const noted = new WeakSet<Error>()
  /** Circuits that were allowed, and whose second half is being opened. */
  let opening: { readonly peer: string; readonly until: number }[] = []
  let reservations = (): number => 0
  let circuitsMade = 0
  let relayedBytes = 0

  function track(streamsByPeer: Map<string, Set<Stream>>, peer: string, stream: Stream): void {
    const streams = streamsByPeer.get(peer) ?? new Set()
    streamsByPeer.set(peer, streams.add(stream))
    stream.addEventListener('close', ({ error }) => {
      streams.delete(stream)
      if (streams.size === 0 && streamsByPeer.get(peer) === streams) streamsByPeer.delete(peer)
      if (error === undefined || noted.has(error)) return
      noted.add(error)
      if (error.name === 'TransferLimitError') tally.note('bytes-of-circuit', shortPeer(peer))
      if (error.name === 'DurationLimitError') tally.note('age-of-circuit', shortPeer(peer))
    })
    count(stream, peer)
  }

  /** Counts what arrives. No listener does: a stream throws away what it has when anybody listens, and the library does not listen at every moment. */
  function count(stream: Stream, peer: string): void {
    const dispatch = stream.dispatchEvent.bind(stream)
    const bytes = bytesByPeer.of(peer)
    const counting: Stream['dispatchEvent'] = (event) => {
      if (event.type === 'message' && 'data' in event && isSized(event.data)) {
        const { byteLength } = event.data
        const reason: Reason | undefined = !bytes.take(byteLength)
          ? 'bytes-of-peer'
          : !allBytes.take(byteLength)
            ? 'bytes-in-all'
            : undefined
        if (reason !== undefined) {
          tally.note(reason, shortPeer(peer))
          stream.abort(new Error('more bytes than may flow through this relay'))
          return false
        }
        relayedBytes += byteLength
      }
      return dispatch(event)
    }
    Object.defineProperty(stream, 'dispatchEvent', { value: counting })
  }

  function onHop(stream: Stream, connection: Connection, handler: StreamHandler): void | Promise<void> {
    const peer = connection.remotePeer.toString()
    const reason: Reason | undefined = !requestsByPeer.of(peer).take()
      ? 'requests-of-peer'
      : sizeOf(hopsByPeer, peer) >= limits.circuitsPerPeer
        ? 'circuits-of-peer'
        : undefined
    if (reason !== undefined) {
      tally.note(reason, shortPeer(peer))
      return stream.abort(new Error('more requests than are allowed'))
    }
    track(hopsByPeer, peer, stream)
    return handler(stream, connection)
  }

  function refuse(reason: Reason | undefined, peer: PeerId): boolean {
    if (reason === undefined) return false
    tally.note(reason, shortPeer(peer.toString()))
    return true
  }

  function whyNoCircuit(source: string, destination: string): Reason | undefined {
    opening = opening.filter(({ until }) => until > clock.now())
    const openingThere = opening.filter(({ peer }) => peer === destination).length
    if (totalOf(stopsByPeer) + opening.length >= limits.circuits) return 'circuits-in-all'
    if (sizeOf(stopsByPeer, destination) + openingThere >= limits.circuitsPerPeer) return 'circuits-of-peer'
    if (allBytes.left() < Math.min(BYTES_TO_BEGIN, allBytesRate.burst / 2)) return 'bytes-in-all'
    if (bytesByPeer.of(source).left() < Math.min(BYTES_TO_BEGIN, peerBytesRate.burst / 2)) return 'bytes-of-peer'
    return undefined
  }

  function service(components: CircuitRelayServerComponents): CircuitRelayService {
    const { registrar } = components
    const handle = (...[protocol, handler, options]: Hop): Promise<void> =>
      registrar.handle(protocol, (stream, connection) => onHop(stream, connection, handler), options)
    const seeing = new Proxy(registrar, {
      get: (target, name) => {
        const value: unknown = name === 'handle' ? handle : Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const { peerStore, addressManager, peerId, privateKey, connectionManager, connectionGater, logger } = components
    const made = circuitRelayServer({
      // Ours is lower, and says so.
      maxInboundHopStreams: 2 * limits.circuitsPerPeer,
      maxOutboundStopStreams: 2 * limits.circuitsPerPeer,
      reservations: {
        maxReservations: Number.MAX_SAFE_INTEGER,
        reservationTtl: RESERVATION_TTL,
        defaultDataLimit: BigInt(Math.floor(limits.circuitBytes)),
        defaultDurationLimit: circuitMilliseconds(limits.circuitHours),
      },
    })({ registrar: seeing, peerStore, addressManager, peerId, privateKey, connectionManager, connectionGater, logger })
    reservations = () => made.reservations.size
    holds = (peer) => made.reservations.has(peer)
    return made
  }

  let holds = (_peer: PeerId): boolean => false

  return {
    service,
    gater: {
      denyInboundRelayReservation: (peer) =>
        refuse(reservations() >= limits.reservations && !holds(peer) ? 'reservations-in-all' : undefined, peer),
      denyOutboundRelayedConnection: (source, destination) => {
        const peer = destination.toString()
        const isRefused = refuse(whyNoCircuit(source.toString(), peer), source)
        if (!isRefused) opening.push({ peer, until: clock.now() + OPENING_TIME })
        return isRefused
      },
    },
    watch: (node) =>
      // Only for streams the relay opens. For others the library has every handler run once more with each stream when there is a middleware.
      node.use(RELAY_V2_STOP_CODEC, (stream, connection, next) => {
        circuitsMade += 1
        const opened = opening.findIndex(({ peer }) => peer === connection.remotePeer.toString())
        if (opened >= 0) opening.splice(opened, 1)
        track(stopsByPeer, connection.remotePeer.toString(), stream)
        next(stream, connection)
      }),
    stats: () => ({ reservations: reservations(), circuits: totalOf(stopsByPeer), circuitsMade, relayedBytes }),
    circuitsOf: (peer) => sizeOf(hopsByPeer, peer) + sizeOf(stopsByPeer, peer),
    bytesUsed: () => 1 - allBytes.left() / allBytesRate.burst,
  }
}

function rateOf(perSecond: number, seconds: number): Rate {
  return { burst: perSecond * seconds, perSecond }
}

/** Streams that are not closed, whatever the library has told of them. */
function sizeOf(streamsByPeer: ReadonlyMap<string, Set<Stream>>, peer: string): number {
  const streams = streamsByPeer.get(peer)
  if (streams === undefined) return 0
  for (const stream of streams) if (stream.timeline.close !== undefined) streams.delete(stream)
  return streams.size
}

function totalOf(streamsByPeer: ReadonlyMap<string, Set<Stream>>): number {
  return [...streamsByPeer.keys()].reduce((total, peer) => total + sizeOf(streamsByPeer, peer), 0)
}

function isSized(value: unknown): value is { readonly byteLength: number } {
  return typeof value === 'object' && value !== null && 'byteLength' in value && typeof value.byteLength === 'number'
}

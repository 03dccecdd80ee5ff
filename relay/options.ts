/*
 * What a relay gives, made for a household or a team: some hundred devices that come and go all day. The defaults of the library (15 reservations, two minutes
 * and 128 KiB for a relayed connection) are made for strangers on a public network.
 */
import type { Rate } from './allowance.ts'

const SECOND = 1000
const MINUTE: number = 60 * SECOND
const HOUR: number = 60 * MINUTE
const KIB = 1024
const MIB: number = 1024 * KIB
const GIB: number = 1024 * MIB

/** The port next to DefraDB's 9171 and 9181. */
export const DEFAULT_PORT = 9191
/** All interfaces: the other devices of the house are to find it. */
export const DEFAULT_HOST = '0.0.0.0'
/** The port that RFC 8489 gives to STUN. */
export const DEFAULT_STUN_PORT = 3478
/** The port next to the relay's. */
export const DEFAULT_HTTP_PORT = 9192

/** Each is one WebSocket of some 30 KiB; a team with ten tabs each stays below. */
const MAX_CONNECTIONS = 1000
/** A node has one, and for moments two or three while it reconnects or changes from one address to another. */
const MAX_CONNECTIONS_PER_PEER = 8
/** One for each connected node, and some that are on their way out. They are given back when a node leaves, so this is never a matter of uptime. */
const MAX_RESERVATIONS: number = 2 * MAX_CONNECTIONS
/** Nodes renew five minutes before the end. Short, so that what is not given back properly is gone soon. */
export const RESERVATION_TTL: number = 20 * MINUTE
/**
 * Data through the relay is for pairs that cannot connect directly. Enough for any database that a tab holds, and still an end for a runaway. Being limited at
 * all also keeps gossip off these connections, which would not move to the direct one.
 */
const MAX_CIRCUIT_BYTES: number = 4 * GIB
/** A working day; then the pair connects anew. */
const MAX_CIRCUIT_HOURS = 12
/** Timers overflow at 2^31 ms. */
export const LONGEST_CIRCUIT_HOURS = 500
/** Circuits at one time: two for each connection. Most are there only while two nodes connect directly, so this is an end for a runaway. */
const MAX_CIRCUITS: number = 2 * MAX_CONNECTIONS
/** Those that one node opens or accepts: one for each peer it signals to, kept while WebRTC cannot connect. */
const MAX_CIRCUITS_PER_PEER = 128
/** What one node may send through the relay in the long run. A choice, not a measurement: a relayed circuit alone reached 6 to 11 MiB a second on two cores. */
const PEER_BYTES_PER_SECOND: number = 4 * MIB
/** The same for all together: four nodes at their full rate, some 130 Mbit a second. */
const BYTES_PER_SECOND: number = 16 * MIB
/** What may be sent at once is that of so many seconds, 1 and 4 GiB: a whole database that a new device fetches at full speed. */
export const BYTES_AT_ONCE_SECONDS = 256
/** With less than this left of it, no circuit is begun: one with which two nodes connect directly carries some 6 KiB. */
export const BYTES_TO_BEGIN: number = 64 * KIB
/** Reservations and circuits a node asks for: a node that comes to a crowd asks for one circuit with each of the 24 peers it dials, and again where that fails. */
const REQUESTS_PER_SECOND = 10
/** What may be asked at once is that of so many seconds: 200. */
export const REQUESTS_AT_ONCE_SECONDS = 20
/** A whole office behind one address opens its laptops at nine; reloading tabs come in bursts. Behind a proxy all come from its address. */
const CONNECTIONS_PER_SECOND = 200
const MAX_PENDING_CONNECTIONS = 200
/** A connection that is not made by then is given up by the library. */
export const PENDING_TIMEOUT: number = 30 * SECOND

/** Peers whose rates are remembered after they have left: ten times those that are connected. */
export const MAX_REMEMBERED_PEERS = 10_000

/** What an owner may set. The limits on the size of a message are those of the protocol. */
export interface RelayLimits {
  readonly connections: number
  readonly connectionsPerPeer: number
  /** From one IP address. */
  readonly connectionsPerSecond: number
  /** Connections that are being made. */
  readonly pendingConnections: number
  readonly reservations: number
  readonly circuits: number
  readonly circuitsPerPeer: number
  readonly circuitBytes: number
  readonly circuitHours: number
  /** What one peer sends through the relay, once it has used up what it may send at once. */
  readonly peerBytesPerSecond: number
  readonly bytesPerSecond: number
  /** For reservations and circuits, of one peer. */
  readonly requestsPerSecond: number
}

/** A limit as an option of the command. */
export interface LimitOption {
  readonly limit: keyof RelayLimits
  readonly option: string
  readonly fallback: number
  readonly words: string
}

/** Everything that can be set, in the order in which it is shown. */
export const LIMITS: readonly LimitOption[] = [
  { limit: 'connections', option: 'max-connections', fallback: MAX_CONNECTIONS, words: 'connections at one time' },
  { limit: 'connectionsPerPeer', option: 'max-connections-per-peer', fallback: MAX_CONNECTIONS_PER_PEER, words: 'connections of one peer' },
  {
    limit: 'connectionsPerSecond',
    option: 'connections-per-second',
    fallback: CONNECTIONS_PER_SECOND,
    words: 'new connections from one address',
  },
  { limit: 'pendingConnections', option: 'max-pending-connections', fallback: MAX_PENDING_CONNECTIONS, words: 'connections being made' },
  { limit: 'reservations', option: 'max-reservations', fallback: MAX_RESERVATIONS, words: 'nodes that can be reached through the relay' },
  { limit: 'circuits', option: 'max-circuits', fallback: MAX_CIRCUITS, words: 'relayed connections at one time' },
  { limit: 'circuitsPerPeer', option: 'max-circuits-per-peer', fallback: MAX_CIRCUITS_PER_PEER, words: 'relayed connections of one peer' },
  { limit: 'circuitBytes', option: 'max-circuit-bytes', fallback: MAX_CIRCUIT_BYTES, words: 'bytes of one relayed connection' },
  { limit: 'circuitHours', option: 'max-circuit-hours', fallback: MAX_CIRCUIT_HOURS, words: 'hours of one relayed connection' },
  {
    limit: 'peerBytesPerSecond',
    option: 'peer-bytes-per-second',
    fallback: PEER_BYTES_PER_SECOND,
    words: 'bytes a second that one peer sends',
  },
  { limit: 'bytesPerSecond', option: 'bytes-per-second', fallback: BYTES_PER_SECOND, words: 'bytes a second of all' },
  { limit: 'requestsPerSecond', option: 'requests-per-second', fallback: REQUESTS_PER_SECOND, words: 'requests a second of one peer' },
]

/** Messages of one node to the who-protocol: this many at once, and so many more each second. A node sends one for each change of its collections, and pings. */
export const WHO_BURST = 40
export const WHO_PER_SECOND = 5
/** Messages a node may have dropped before its connection is closed. */
export const WHO_PATIENCE = 20
/** A node that is silent for so long is gone. Hidden tabs may run their timers only once a minute. */
export const WHO_SILENCE: number = 3 * MINUTE
/** Two streams of one node overlap while it reconnects. */
export const MAX_WHO_STREAMS = 4

/** An office behind one address: fifty nodes that each connect to ten others ask some thousand times, in the minute in which all begin. */
export const STUN_RATE_PER_ADDRESS: Rate = { burst: 500, perSecond: 50 }
/** Forty such offices at their lasting rate. An answer takes microseconds, so this bounds what leaves the relay, some 90 KB a second, and not its work. */
export const STUN_RATE: Rate = { burst: 5000, perSecond: 2000 }
/** Addresses whose rate is remembered, so that forged ones fill no memory. The bound on all holds for those that were forgotten. */
export const MAX_STUN_SOURCES = 10_000

/** A reason to refuse somebody is told in the log once in this time, with how often it has happened since. */
export const LOG_LINE_EVERY: number = 10 * SECOND
/** How often the files that may change are looked at. Watching them is not reliable over network and container mounts. */
export const LOOK_AT_FILES_EVERY: number = 2 * SECOND
/** Connections to the status page: some phones, and what collects metrics. */
export const MAX_HTTP_CONNECTIONS = 100
/** A request to the status page is one line and some headers. */
export const HTTP_TIMEOUT: number = 10 * SECOND
/** Longest circuit, as the library wants it. */
export function circuitMilliseconds(hours: number): number {
  return hours * HOUR
}

/*
 * What a relay gives, made for a household or a team: some hundred devices that come and go all day. The defaults of the library (15 reservations, two minutes
 * and 128 KiB for a relayed connection) are made for strangers on a public network.
 */

const SECOND = 1000
const MINUTE: number = 60 * SECOND
const HOUR: number = 60 * MINUTE

/** The port next to DefraDB's 9171 and 9181. */
export const DEFAULT_PORT = 9191
/** All interfaces: the other devices of the house are to find it. */
export const DEFAULT_HOST = '0.0.0.0'

/** Each is one WebSocket of some 30 KiB; a team with ten tabs each stays below. */
export const MAX_CONNECTIONS = 1000
/** One for each connected node, and some that are on their way out. They are given back when a node leaves, so this is never a matter of uptime. */
export const MAX_RESERVATIONS: number = 2 * MAX_CONNECTIONS
/** Nodes renew five minutes before the end. Short, so that what is not given back properly is gone soon. */
export const RESERVATION_TTL: number = 20 * MINUTE
/**
 * Data through the relay is for pairs that cannot connect directly. Enough for any database that a tab holds, and still an end for a runaway. Being limited at
 * all also keeps gossip off these connections, which would not move to the direct one.
 */
export const RELAYED_BYTES: bigint = 4n * 1024n * 1024n * 1024n
/** A working day; then the pair connects anew. Must stay below 2^31 ms, where timers overflow. */
export const RELAYED_DURATION: number = 12 * HOUR
/** Relayed connections that one node opens: one for each peer it signals to, kept while WebRTC cannot connect. */
export const MAX_HOP_STREAMS = 128
/** A whole office behind one address opens its laptops at nine; reloading tabs come in bursts. */
export const CONNECTIONS_PER_SECOND_PER_ADDRESS = 200
export const MAX_PENDING_CONNECTIONS = 200

/** Messages of one node to the who-protocol: this many at once, and so many more each second. A node sends one for each change of its collections, and pings. */
export const WHO_BURST = 40
export const WHO_PER_SECOND = 5
/** Messages a node may have dropped before its connection is closed. */
export const WHO_PATIENCE = 20
/** A node that is silent for so long is gone. Hidden tabs may run their timers only once a minute. */
export const WHO_SILENCE: number = 3 * MINUTE
/** Two streams of one node overlap while it reconnects. */
export const MAX_WHO_STREAMS = 4

const SECOND = 1000
const MINUTE: number = 60 * SECOND

/** Longest body of a request that is read whole: some hundred thousand documents. Backups are read as they come and have no bound. */
export const MAX_BODY_BYTES: number = 64 * 1024 * 1024
/** Each holds a snapshot and what it has written. */
export const MAX_TRANSACTIONS = 1000
/** A transaction that nobody has used for so long is discarded: whoever typed the last command has had time to think. */
export const TRANSACTION_IDLE: number = 10 * MINUTE
/** Streams send a comment when they have had nothing else to send for so long: proxies cut what is silent for a minute, and a client that is gone shows. */
export const STREAM_KEEP_ALIVE: number = 15 * SECOND
/** Events that wait for a slow reader of the event stream. Beyond, the oldest are left out and the reader is told how many. */
export const MAX_WAITING_EVENTS = 10_000
/** Browsers ask again whether a page may use the API only after this time, in seconds. */
export const PREFLIGHT_SECONDS = 600

/** A client that has not sent its headers by then is cut off. */
export const HEADERS_TIMEOUT: number = 10 * SECOND
/** The same for its whole request. */
export const REQUEST_TIMEOUT: number = 10 * MINUTE
/** An idle connection is kept for the next request; longer than what proxies wait, so that they close first. */
export const IDLE_TIMEOUT: number = 75 * SECOND
/** A response of which the client has taken nothing for so long is cut. Streams send a comment more often. */
export const STALLED_TIMEOUT: number = 2 * MINUTE
/** Connections at one time. Each costs some 50 kB. */
export const MAX_CONNECTIONS = 2000
/** What is not done by then when the server stops is cut. */
export const STOP_TIMEOUT: number = 3 * SECOND

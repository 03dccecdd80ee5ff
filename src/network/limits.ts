import { MAX_COMMIT_BYTES } from '../block/commit.ts'

/*
 * Every bound on what peers may send, ask and keep busy, each with its reason. A peer that breaks one is not believed and not answered; see
 * `offences.ts` for what follows.
 */

const KIB = 1024
const SECOND = 1000

// Frames

/** A frame holds at least the largest commit and what surrounds it. */
export const MAX_FRAME_BYTES: number = MAX_COMMIT_BYTES + 64 * KIB
/** Frames above this are rare: a document with a huge field. They share one budget, so that many peers together cannot fill the memory. */
export const LARGE_FRAME_BYTES: number = 1024 * KIB
/** Two of the largest commits can arrive at once; further ones wait until these are through. */
export const LARGE_FRAMES_BUDGET: number = 2 * MAX_FRAME_BYTES
/** What waits for one peer that does not read: a frame of the largest commit, and as much again of questions and answers meanwhile. */
export const MAX_WAITING_BYTES: number = 2 * MAX_FRAME_BYTES
/** The relay handles nothing larger than a list of topics. */
export const MAX_WHO_FRAME_BYTES: number = 32 * KIB
/** Whoever joins is told of everyone in some 80 KiB; a relay has a thousand streams. */
export const MAX_WHO_WAITING_BYTES: number = 512 * KIB

// Sync

/** Commits are packed into frames of about this size: large enough for throughput, small enough that a live commit behind one waits some milliseconds. */
export const COMMITS_FRAME_BYTES: number = 32 * KIB
/** Commits in one frame. Small commits have some 400 bytes. */
export const MAX_COMMITS_PER_FRAME = 1024
/** Bytes of commits a node has on the way to a peer that it has not acknowledged: 100 ms of a fast channel, and what a receiver must hold. */
export const COMMIT_WINDOW_BYTES: number = 1024 * KIB
/** A sender may be this far over the window before it counts as a flood: its frames that crossed our acknowledgements, and one large commit. */
export const MAX_UNACKNOWLEDGED_BYTES: number = COMMIT_WINDOW_BYTES + 2 * MAX_FRAME_BYTES
/** Live commits that wait for a slow peer. Beyond this they are let go: the next comparison finds what is missing. */
export const MAX_LIVE_BACKLOG_BYTES: number = 4 * 1024 * KIB
/** Commits merged in one call: one storage transaction that stays below the length of a frame the user would notice. */
export const COMMITS_PER_MERGE = 250
/** Documents in one page of heads or wants: some 80 bytes each, so a page is about 80 KiB. */
export const DOCUMENTS_PER_PAGE = 1000
/** Where a page ends earlier, because its documents have many heads. */
export const HEADS_PAGE_BYTES: number = 128 * KIB
/** Branches of a tree asked for at once: more would not fit into the answer. */
export const MAX_PREFIXES = 1024
/** The hex digits of a UUID. */
export const MAX_PREFIX_BYTES = 32
/** The fingerprints of the largest branch: 256 of 16 bytes. */
export const MAX_PRINTS_BYTES = 4096
/** Branches below parts that one comparison goes into: a million documents that all differ have fewer. */
export const MAX_DEEP_BRANCHES = 65_536
/** Documents a node may follow one by one. More of them are a collection. */
export const MAX_FOLLOWED_DOCUMENTS = 10_000
/** A document has as many heads as nodes that edited it while apart. */
export const MAX_HEADS_PER_DOCUMENT = 256
/** Commits a node names to find common ground with a history that has parted; doubling steps reach back 2^48. */
export const MAX_KNOWN_PER_DOCUMENT = 64
/** `bae-` and a UUID are 40 characters. */
export const MAX_DOC_ID_BYTES = 64
/** Questions of one peer that wait for their answer. A node asks one page ahead for each collection. */
export const MAX_OPEN_REQUESTS = 64
/** Collections two nodes compare, and topics a node may join at a relay. */
export const MAX_INTERESTS = 256
/** Neighbours a peer may name. */
export const MAX_NEIGHBOURS = 256
/** One stream is used; a second one replaces it, and some may overlap while connections change. */
export const MAX_SYNC_STREAMS = 8
/** Time for a peer's first message. */
export const HELLO_TIMEOUT: number = 5 * SECOND
/** Time without any progress after which a request counts as lost. Merging a large batch on a slow phone stays below. */
export const REQUEST_TIMEOUT: number = 30 * SECOND
/** Pages of documents fetched from one peer at a time: one is being sent while the next is asked for. */
export const FETCHES_AT_A_TIME = 2
/** Requests to one peer at a time for documents of which it sent something that cannot stand alone. More of these are found by a comparison. */
export const MAX_NEWS_FETCHES = 8
/** Commits a peer names in one session without giving them. Honest ones are those refused here, such as by another version of the schema. */
export const MAX_GIVEN_UP = 10_000
/** Documents whose commits are read from the storage at a time for one peer. */
export const READS_AT_A_TIME = 100

/** Messages of a peer beside answers: at once, with 256 collections that all have news, and in the long run. */
export const MESSAGES_AT_ONCE = 4096
export const MESSAGES_PER_SECOND = 1024
/** Their bytes, without those of questions: ten thousand documents that are followed are half a megabyte. */
export const MESSAGE_BYTES_AT_ONCE: number = 4 * 1024 * KIB
export const MESSAGE_BYTES_PER_SECOND: number = 256 * KIB

// Being there

/** A ping goes out when a peer was quiet for this long. On the sync stream, because streams that are opened for a ping get stuck now and then. */
export const PING_INTERVAL: number = 2 * SECOND
/**
 * Quiet for this long despite pings: gone. Longer than a merge that blocks a page, shorter than a person's patience. It is looked at with each ping, and the last answer came a
 * little after one: a whole number of intervals would always take one more.
 */
export const SILENCE_TIMEOUT: number = 4 * PING_INTERVAL - 1 * SECOND
/** Time to answer a ping when there is reason to doubt: the relay said that a peer left, or the machine was asleep. */
export const DOUBT_TIMEOUT: number = 1.5 * SECOND
/** Time to connect to one address. A WebRTC connection on a busy or slow device takes seconds, and a relay carries the data meanwhile. */
export const ADDRESS_DIAL_TIMEOUT: number = 10 * SECOND
/** Time to open one stream. One in a thousand gets stuck in the browser's SCTP, so it is short and tried twice. */
export const STREAM_TIMEOUT: number = 3 * SECOND

/** Time to reach the target of a replicator over all its addresses. */
export const REPLICATOR_DIAL_TIMEOUT: number = 20 * SECOND
/** Seconds between attempts to reach the target of a replicator, those of the reference: half a minute, doubled up to half an hour. */
export const REPLICATOR_RETRY_INTERVALS: readonly number[] = [30, 60, 120, 240, 480, 960, 1920]
/** Changes of subscriptions that come together are told together: an app makes many in a row. */
export const ROLES_TOLD_AFTER = 20

/** A relay is pinged this often. Browsers slow the timers of hidden tabs down to one a minute, which a relay must bear. */
export const WHO_PING_INTERVAL: number = 15 * SECOND

// Repair

/** Quiet time after the last change of a collection before its fingerprint is told. */
export const SETTLE_TIME = 500
/** A collection that never rests tells its fingerprint this often all the same. */
export const LONGEST_UNSETTLED: number = 5 * SECOND
/** Pause after a comparison that failed. */
export const COMPARE_AGAIN: number = 2 * SECOND

// Gossip

/** Up to this many peers share a collection, each is sent every commit directly: exactly once, under back-pressure. In a larger crowd gossip takes over. */
export const CROWD = 8
/** A gossip message is forwarded by many; a larger batch goes over the sync streams. */
export const MAX_GOSSIP_BYTES: number = 64 * KIB
/** What waits for one gossip stream; gossipsub has no back-pressure, so the rest is left to the sync streams. */
export const MAX_GOSSIP_BACKLOG_BYTES: number = 1024 * KIB

// Messages of the reference

/** A CID of this project has 36 bytes; one with a longer hash has up to 68. */
export const MAX_CID_BYTES = 68
/** The text of a CID, and the number of a member of a circular set behind it. */
export const MAX_COLLECTION_ID_BYTES = 96
/** A DID with an uncompressed public key has some 110 characters. */
export const MAX_IDENTITY_BYTES = 256
/** The longest public key is that of P-256, uncompressed: 65 bytes. */
export const MAX_PUBLIC_KEY_BYTES = 96
/** A token is a JWT of some 700 bytes. */
export const MAX_TOKEN_BYTES: number = 8 * KIB
/** Keys asked for at once: one for each document, or each field of it, that arrived without. */
export const MAX_KEYS_PER_REQUEST = 1024
/** A key of 32 bytes with the names of its document and field, encrypted. */
export const MAX_ENCRYPTED_KEY_BYTES: number = 1 * KIB
/** How deep the value of an unknown member may be. */
export const MAX_UNKNOWN_DEPTH = 8

// Invitations

/** Some forty types. A QR code holds 2900 characters; a link that is sent may be longer. */
export const MAX_INVITATION_CHARACTERS: number = 16 * KIB
/** Brackets within brackets of a schema text; lists of a type are at the third level. */
export const MAX_INVITED_NESTING = 32
/** Three relays with three addresses each. */
export const MAX_INVITED_RELAY_ADDRESSES = 9
/** Addresses at which the inviting node itself can be dialled. */
export const MAX_INVITED_ADDRESSES = 4
/** A WebRTC-direct address with its certificate, and a relay's peer ID, has 90 bytes; a long domain name 255. */
export const MAX_ADDRESS_BYTES = 512
/** The name of a collection, which has no bound of its own. */
export const MAX_NAME_BYTES = 256
/** A room secret in an invitation. */
export const MAX_ROOM_BYTES = 1024

// Peers

/** Connected peers from which on a node dials no more. With more at a relay everyone still reaches everyone over several hops. */
export const MAX_DIALLED_PEERS = 24
/** Connected peers altogether; each WebRTC connection costs a browser several megabytes. */
export const MAX_PEERS = 48
/** Peers above that, for as long as it takes to see which of all are of the most use. */
export const MAX_PEERS_ON_TRIAL = 8
/** A hello and the list of neighbours behind it take a round trip, also on a slow line through a relay. */
export const TRIAL_TIME = 500
/** Peers a relay may name. */
export const MAX_KNOWN_PEERS = 1024
/** What a relay says that it may not say, before the link to it is made anew. An honest one says nothing of that kind. */
export const RELAY_PATIENCE = 20
/** Peers that come or start anew, as a relay says on one connection: at once as many as it may name, twice over … */
export const RELAY_NEWS_AT_ONCE: number = 2 * MAX_KNOWN_PEERS
/** … and in the long run a thousand that each reload once in half a minute. */
export const RELAY_NEWS_PER_SECOND = 32
/** Peers in one frame of the relay. */
export const MAX_PRESENT_PER_FRAME = 256
/** What a relay may say of itself beside its STUN port. */
export const MAX_WELCOME_FACTS = 16
/** A name, or an address. */
export const MAX_FACT_BYTES = 256
/** A peer ID as text has 52 characters; old RSA ones 46. */
export const MAX_PEER_ID_BYTES = 64

/** STUN services a node asks for each connection. The second is for when the first does not answer; browsers warn that more slow them down. */
export const MAX_STUN_SERVERS = 2

/** Peers a user blocks one by one; their IDs are half a megabyte. */
export const MAX_BLOCKED_PEERS = 10_000

// Misbehaviour

/** Points at which a peer is cut off, see `offences.ts`. */
export const CUT_OFF_POINTS = 100
/** A point is forgiven in this time, so that rare accidents never add up. */
export const POINT_FORGIVEN_AFTER: number = 1 * SECOND
/** How long a peer is cut off the first time; doubled each further time, up to the longest. */
export const FIRST_CUT_OFF: number = 60 * SECOND
export const LONGEST_CUT_OFF: number = 3600 * SECOND
/** Peers whose misbehaviour is remembered. */
export const MAX_REMEMBERED_OFFENDERS = 1024

/*
 * Every message between nodes, between a node and a relay, and in an invitation. Changing anything here is a new protocol: bump the version it belongs to, as
 * `messages.test.ts` demands.
 */
import { CID_BYTES } from '../block/cid.ts'
import { MAX_COMMIT_BYTES } from '../block/commit.ts'
import { DatabaseError } from '../errors.ts'
import { DIALECT_NAMES } from '../schema/dialect-name.ts'
import { concatBytes, type Bytes } from '../util/bytes.ts'
import {
  DOCUMENTS_PER_PAGE,
  LARGE_FRAME_BYTES,
  MAX_ADDRESS_BYTES,
  MAX_COMMITS_PER_FRAME,
  MAX_DOC_ID_BYTES,
  MAX_FACT_BYTES,
  MAX_HEADS_PER_DOCUMENT,
  MAX_INTERESTS,
  MAX_INVITATION_CHARACTERS,
  MAX_INVITED_ADDRESSES,
  MAX_INVITED_RELAY_ADDRESSES,
  MAX_KNOWN_PER_DOCUMENT,
  MAX_NAME_BYTES,
  MAX_NEIGHBOURS,
  MAX_PEER_ID_BYTES,
  MAX_PREFIX_BYTES,
  MAX_PREFIXES,
  MAX_PRINTS_BYTES,
  MAX_PRESENT_PER_FRAME,
  MAX_WELCOME_FACTS,
  MAX_ROOM_BYTES,
} from './limits.ts'
import { bytes, decodeWith, encodeWith, fixed, list, record, text, uint, type Codec } from './wire.ts'

/** Between nodes. */
export const SYNC_VERSION = 3
/** Between a node and a relay. */
export const WHO_VERSION = 2
/** On gossip topics. */
export const GOSSIP_VERSION = 1

/** Of invitations. */
export const INVITATION_VERSION = 1

export const SYNC_PROTOCOL: string = `/warren/sync/${SYNC_VERSION}.0.0`
export const WHO_PROTOCOL: string = `/warren/who/${WHO_VERSION}.0.0`

/** SHA2-256: topics and fingerprints. */
export const HASH_BYTES = 32
/** Identifies one run of a node: chosen at its start, so a reload is told from a second connection. */
export const SESSION_BYTES = 16
/** Identifies a peer among neighbours: the head of the hash of its ID. */
export const NEIGHBOUR_BYTES = 8

/** A collection a node has. */
export interface Interest {
  readonly topic: Uint8Array
  /** The fingerprint of what it holds of it; zeros where it is not known yet, or nobody asked. */
  readonly root: Uint8Array
  /** What it wants of the receiver: `WANTS` and `PUSHES`, added. */
  readonly role: number
}

/** The node subscribes to the collection: it compares, and takes live commits. */
export const WANTS = 1
/** The node replicates the collection to the receiver, who is to act towards it as if subscribed. */
export const PUSHES = 2

/** The fingerprint of a collection. */
export interface Root {
  readonly topic: Uint8Array
  readonly root: Uint8Array
}

/** Documents with CIDs of theirs: heads, or commits that are known. */
export interface NamedCommits {
  readonly docId: string
  readonly cids: readonly Uint8Array[]
}

/** A run of a node, as a relay knows it. */
export interface Presence {
  readonly peer: string
  readonly session: Uint8Array
}

/** What a relay says of itself. */
export interface Welcome {
  /** UDP port of its STUN service, on the host of its own address; 0 when it has none. */
  readonly stunPort: number
  /** Room for what later relays say. A node passes over names that it does not know. */
  readonly facts: readonly Fact[]
}

export interface Fact {
  readonly name: string
  readonly value: string
}

/** Bodies of the messages between nodes, by name. */
export interface SyncBodies {
  /** The first message of each side: who it is, and the collections it has. A topic that is unknown to the other stays so. */
  readonly hello: { readonly session: Uint8Array; readonly interests: readonly Interest[] }
  /** The collections have changed; replaces the interests of the hello. */
  readonly interests: { readonly interests: readonly Interest[] }
  /** The sender goes: 0 its page or process ends, 1 its user parted from this peer, 2 it has enough other peers and more use for them. */
  readonly bye: { readonly reason: number }
  /** Answered by `pong` with the same number. */
  readonly ping: { readonly number: number }
  readonly pong: { readonly number: number }
  /** Who else is sent live commits by the sender, so that nobody needs to forward these. */
  readonly neighbours: { readonly peers: readonly Uint8Array[] }
  /** The fingerprint of a collection, now that it rests. Sent to whom it concerns. */
  readonly root: Root
  /** All there was at the receiver when it told this root is here. */
  readonly pulled: Root
  /** Documents whose changes the sender takes as they come, whatever their collection, and those it does not take any more. */
  readonly follow: { readonly added: readonly string[]; readonly removed: readonly string[] }
  /** Live commits for the receiver were let go: it had too many waiting. */
  readonly missed: { readonly topic: Uint8Array }
  /** A step of a comparison, in the words of the reconciler. Answered by `differ`. */
  readonly compare: { readonly request: number; readonly topic: Uint8Array; readonly question: Uint8Array }
  readonly differ: { readonly request: number; readonly answer: Uint8Array }
  /** Asks for commits of documents: all but the named ones and their ancestors. Answered by `commits` and, after the last, by `served`. */
  readonly want: { readonly request: number; readonly topic: Uint8Array; readonly documents: readonly NamedCommits[] }
  /** Commits, ancestors first. `request` is 0 for live ones. */
  readonly commits: { readonly request: number; readonly topic: Uint8Array; readonly commits: readonly Uint8Array[] }
  /** The end of an answer. Of the documents in `parted` not one of the named commits is known to the answerer; nothing of them was sent. */
  readonly served: { readonly request: number; readonly parted: readonly string[] }
  /** So many bytes of `commits` messages have been worked off; the sender may send as many again. */
  readonly acknowledge: { readonly bytes: number }
}

/** Bodies of the messages between a node and a relay, by name. */
export interface WhoBodies {
  /** To the relay: everything the node is interested in; replaces what it said before. */
  readonly join: { readonly session: Uint8Array; readonly topics: readonly Uint8Array[] }
  /** From the relay: others with a shared topic, at once those that are there and later those that come. */
  readonly present: { readonly peers: readonly Presence[] }
  /** From the relay: they left, or share nothing any more. */
  readonly gone: { readonly peers: readonly Presence[] }
  /** To the relay, which answers with `pong`. */
  readonly ping: { readonly number: number }
  readonly pong: { readonly number: number }
  /** From the relay, first of all: what else it offers. */
  readonly welcome: Welcome
}

/** Bodies of the messages on gossip topics, by name. */
export interface GossipBodies {
  /** Whole commits. */
  readonly commits: { readonly commits: readonly Uint8Array[] }
  /** Commits too large for gossip: whoever lacks them asks a neighbour. */
  readonly announce: { readonly documents: readonly NamedCommits[] }
}

/** What the tree exchange asks in `compare`, see `tree-exchange.ts`: one of the three lists has members. */
export interface TreeQuestion {
  /** Prefixes of documents' UUIDs in hex digits: what are the fingerprints below, or the documents? */
  readonly branches: readonly string[]
  /** Which documents are under these prefixes, from behind `after`? */
  readonly listing: readonly string[]
  /** Empty at the beginning. */
  readonly after: string
  /** What is there of these documents? */
  readonly named: readonly string[]
}

/** … and answers in `differ`. */
export interface TreeAnswer {
  /** Of the first prefixes that were asked for: at least one, as many as a page holds. */
  readonly branches: readonly TreeBranch[]
  readonly documents: readonly NamedCommits[]
  /** Where a list goes on; empty at its end. */
  readonly next: string
}

/** Fingerprints of a branch's children, joined; or, without any, the documents of a leaf. */
export interface TreeBranch {
  readonly prints: Uint8Array
  readonly documents: readonly NamedCommits[]
}

/** What an invitation holds, see `invitation.ts`. */
export interface InvitationBody {
  /** Complete addresses; of one relay the best first. */
  readonly relays: readonly Uint8Array[]
  /** `/p2p/<peer ID>`. */
  readonly peer: Uint8Array
  /** Each without that end. */
  readonly addresses: readonly Uint8Array[]
  readonly room: string
  /** The place among the dialects. */
  readonly dialect: number
  readonly sdl: string
  readonly collections: readonly string[]
}

export type MessageTable<Bodies> = { readonly [Name in keyof Bodies]: { readonly id: number; readonly body: Codec<Bodies[Name]> } }

/** A message: its body, with its name as `type`. */
export type MessageOf<Bodies> = { readonly [Name in keyof Bodies]: { readonly type: Name } & Bodies[Name] }[keyof Bodies]

export type SyncMessage = MessageOf<SyncBodies>
export type WhoMessage = MessageOf<WhoBodies>
export type GossipMessage = MessageOf<GossipBodies>

const hash = fixed(HASH_BYTES)
const number = record<{ readonly number: number }>({ number: uint() })
const interest = record<Interest>({ topic: hash, root: hash, role: uint(WANTS + PUSHES) })
const root = record<Root>({ topic: hash, root: hash })
const interests = list(interest, MAX_INTERESTS)
const commits = list(bytes(MAX_COMMIT_BYTES), MAX_COMMITS_PER_FRAME)
const docIds = list(text(MAX_DOC_ID_BYTES), DOCUMENTS_PER_PAGE)
const presences = list(record<Presence>({ peer: text(MAX_PEER_ID_BYTES), session: fixed(SESSION_BYTES) }), MAX_PRESENT_PER_FRAME)
const fact = record<Fact>({ name: text(MAX_FACT_BYTES), value: text(MAX_FACT_BYTES) })

function namedCommits(most: number): Codec<readonly NamedCommits[]> {
  return list(record<NamedCommits>({ docId: text(MAX_DOC_ID_BYTES), cids: list(fixed(CID_BYTES), most) }), DOCUMENTS_PER_PAGE)
}

export const SYNC_MESSAGES: MessageTable<SyncBodies> = {
  hello: { id: 1, body: record({ session: fixed(SESSION_BYTES), interests }) },
  interests: { id: 2, body: record({ interests }) },
  bye: { id: 3, body: record({ reason: uint(2) }) },
  ping: { id: 4, body: number },
  pong: { id: 5, body: number },
  neighbours: { id: 6, body: record({ peers: list(fixed(NEIGHBOUR_BYTES), MAX_NEIGHBOURS) }) },
  root: { id: 7, body: root },
  compare: { id: 8, body: record({ request: uint(), topic: hash, question: bytes(LARGE_FRAME_BYTES) }) },
  differ: { id: 9, body: record({ request: uint(), answer: bytes(LARGE_FRAME_BYTES) }) },
  want: { id: 10, body: record({ request: uint(), topic: hash, documents: namedCommits(MAX_KNOWN_PER_DOCUMENT) }) },
  commits: { id: 11, body: record({ request: uint(), topic: hash, commits }) },
  served: { id: 12, body: record({ request: uint(), parted: docIds }) },
  acknowledge: { id: 13, body: record({ bytes: uint() }) },
  pulled: { id: 14, body: root },
  follow: { id: 15, body: record({ added: docIds, removed: docIds }) },
  missed: { id: 16, body: record({ topic: hash }) },
}

export const WHO_MESSAGES: MessageTable<WhoBodies> = {
  join: { id: 1, body: record({ session: fixed(SESSION_BYTES), topics: list(hash, MAX_INTERESTS) }) },
  present: { id: 2, body: record({ peers: presences }) },
  gone: { id: 3, body: record({ peers: presences }) },
  ping: { id: 4, body: number },
  pong: { id: 5, body: number },
  welcome: { id: 6, body: record({ stunPort: uint(65_535), facts: list(fact, MAX_WELCOME_FACTS) }) },
}

export const GOSSIP_MESSAGES: MessageTable<GossipBodies> = {
  commits: { id: 1, body: record({ commits }) },
  announce: { id: 2, body: record({ documents: namedCommits(MAX_HEADS_PER_DOCUMENT) }) },
}

const prefixes = list(text(MAX_PREFIX_BYTES), MAX_PREFIXES)
const branch = record<TreeBranch>({ prints: bytes(MAX_PRINTS_BYTES), documents: namedCommits(MAX_HEADS_PER_DOCUMENT) })

export const TREE_QUESTION: Codec<TreeQuestion> = record({
  branches: prefixes,
  listing: prefixes,
  after: text(MAX_DOC_ID_BYTES),
  named: docIds,
})
export const TREE_ANSWER: Codec<TreeAnswer> = record({
  branches: list(branch, MAX_PREFIXES),
  documents: namedCommits(MAX_HEADS_PER_DOCUMENT),
  next: text(MAX_DOC_ID_BYTES),
})

const address = bytes(MAX_ADDRESS_BYTES)

export const INVITATION: Codec<InvitationBody> = record({
  relays: list(address, MAX_INVITED_RELAY_ADDRESSES),
  peer: address,
  addresses: list(address, MAX_INVITED_ADDRESSES),
  room: text(MAX_ROOM_BYTES),
  dialect: uint(DIALECT_NAMES.length - 1),
  sdl: text(MAX_INVITATION_CHARACTERS),
  collections: list(text(MAX_NAME_BYTES), MAX_INTERESTS),
})

/** A message as bytes: its number in the table, then its body. */
export function encodeMessage<Bodies>(table: MessageTable<Bodies>, message: MessageOf<Bodies>): Bytes {
  const { id, body } = table[message.type]
  return concatBytes(Uint8Array.of(id), encodeWith(body, message))
}

/** @throws INVALID_MESSAGE for anything that `encodeMessage` does not write */
export function decodeMessage<Bodies>(table: MessageTable<Bodies>, message: Uint8Array): MessageOf<Bodies> {
  for (const type of Object.keys(table) as (keyof Bodies)[]) {
    const { id, body } = table[type]
    if (id === message[0]) return { ...decodeWith(body, message.subarray(1)), type }
  }
  throw new DatabaseError('INVALID_MESSAGE', `there is no message with the number ${message[0]}`, { what: 'message' })
}

import type { DocumentValue } from '../schema/document-value.ts'
import type { TypedEventTarget } from '../util/typed-event-target.ts'
import type { CollectionVersion, IndexDescription } from '../schema/collection-version.ts'
import type { IndexRequest } from '../schema/index-descriptions.ts'
import type { SchemaDescription, SchemaFilter } from '../schema/schema-json.ts'
import type { StorageUsage } from '../storage/store.ts'
import type { RequestOptions, RequestResult } from '../query/result.ts'

/** A document as the API takes and gives it: field values by name, as the dialect has it; `_docID` is there when it comes from the database. */
export interface Document {
  readonly [field: string]: DocumentValue | undefined
}

export interface CallOptions {
  readonly signal?: AbortSignal
}

/** What can be asked of a database and of a transaction alike. */
export interface Requests {
  /** Runs a GraphQL query or mutation; a subscription is for `subscribe`. Never rejects for what is wrong with the request: that stands in `errors`. */
  execute(request: string, options?: RequestOptions): Promise<RequestResult>
  /** @throws NOT_FOUND when no active collection has this name. */
  collection<T extends object = Document>(name: string): Collection<T>
  readonly schema: SchemaApi
  readonly collections: CollectionsApi
  readonly indexes: IndexApi
}

/** A WarrenDB database: one node, or a stand-in for one elsewhere (another tab, an HTTP server). */
export interface Database extends Requests, AsyncDisposable {
  readonly name: string
  /**
   * The result of a query, and again whenever it has changed. A change costs what it touches: where the documents of one collection decide, nothing is read for
   * it; any other query is run again, over the documents it has read, when one of them changes.
   *
   * - Every result is that of one state that existed, for all fields of the query together, and a later one than the result before.
   * - Whoever is slower than the changes gets the latest state next. None waits for him, and the last state is never left out. Equal results come once.
   * - Without `order`, documents come in the order of their IDs, related ones as well; a list that a `limit` or an `offset` cuts comes as `execute` gives it.
   * - What is wrong with the request is the only result. A value that cannot be read stands in `errors`, and the others go on.
   * - The documents it follows are kept in memory, up to a hundred thousand; a query of more is run again from the storage.
   * - It ends when the loop is left, when `signal` fires, and when the database closes; nothing is kept then. Each iteration watches for itself, from its beginning.
   * @throws CLOSED
   */
  watch(query: string, options?: RequestOptions): AsyncIterable<RequestResult>
  /**
   * A GraphQL subscription, such as `subscription { Note(filter: {done: {_eq: true}}) { _docID title } }`: a result `{ data: { Note: [{ … }] } }` for every document
   * that a local write, a transaction or a merge has changed and that matches then, as that change left it. Deleted ones are passed over.
   *
   * - Changes come in the order in which they were stored, one result each, and none is left out. Of a document that one write has changed several times it is the last
   *   state.
   * - Relations are read as they were after the change.
   * - It begins with the first `next`, and ends as `watch` does. When some ten thousand results wait for a reader, it ends with an error as its last result.
   * - What is wrong with the request is the only result.
   * @throws CLOSED
   */
  subscribe(request: string, options?: RequestOptions): AsyncIterable<RequestResult>
  /**
   * Runs `body` in a transaction and commits it. When something it read was changed meanwhile, `body` is run again in a new transaction, up to `retries` times
   * (default 5), so it must have no effect but through `transaction`. What it throws discards everything.
   * @throws CONFLICT when it lost every time
   */
  transaction<T>(body: (transaction: Transaction) => Promise<T>, options?: TransactionOptions & { readonly retries?: number }): Promise<T>
  /** A transaction that the caller ends with `commit` or `discard`. */
  beginTransaction(options?: TransactionOptions): Promise<Transaction>
  readonly p2p: P2PApi
  readonly backup: BackupApi
  readonly blocks: BlocksApi
  readonly events: TypedEventTarget<DatabaseEvents>
  status(): Promise<DatabaseStatus>
  /**
   * Everything that is stored, in key order, for whoever looks for a fault. Each batch of entries is of one state; a change in between can show in the later ones. It
   * holds up no writer, however slowly it is read. Secrets are left out: settings, which hold the keys of this node, and the keys of encrypted documents have no value.
   * @throws CLOSED, ABORTED
   */
  dump(options?: CallOptions): AsyncIterable<DumpedEntry>
  close(): Promise<void>
}

export interface TransactionOptions {
  /** Nothing can be written; all reads see the state at the beginning. */
  readonly readOnly?: boolean
}

/**
 * Reads that see the state at the beginning and the transaction's own writes; writes that nobody else sees before `commit`, which stores all of them or none.
 * Disposing discards.
 */
export interface Transaction extends Requests, AsyncDisposable {
  readonly isReadOnly: boolean
  /** @throws CONFLICT when something it read or wrote was changed by somebody else since it began; nothing is stored then. */
  commit(): Promise<void>
  discard(): Promise<void>
}

export interface Collection<T extends object = Document> {
  readonly name: string
  /** Creates all documents or none. @returns their IDs in order. @throws INVALID_DOCUMENT, ALREADY_EXISTS */
  create(documents: readonly T[], options?: CallOptions): Promise<string[]>
  create(document: T, options?: CallOptions): Promise<string>
  /** The document without deleted ones; `showDeleted` gives those too. */
  get(docID: string, options?: CallOptions & { readonly showDeleted?: boolean }): Promise<(T & { readonly _docID: string }) | undefined>
  /** Sets the given fields; `null` empties one; a counter takes an increment. @throws NOT_FOUND */
  update(docID: string, patch: Partial<T>, options?: CallOptions): Promise<void>
  /** The filter is an object, or GraphQL text such as `{done: {_eq: true}}`. @returns the IDs of the documents that were changed */
  updateMany(filter: object | string, patch: Partial<T>, options?: CallOptions): Promise<string[]>
  /** False when there is no such document (any more). */
  delete(docID: string, options?: CallOptions): Promise<boolean>
  deleteMany(filter: object | string, options?: CallOptions): Promise<string[]>
  docIDs(options?: CallOptions): AsyncIterable<string>
}

export interface SchemaApi {
  /** Adds the types of an SDL text as collections; all or none. @throws INVALID_SCHEMA, ALREADY_EXISTS */
  add(sdl: string, options?: CallOptions): Promise<readonly CollectionVersion[]>
  /** The part of each version that is hashed into its ID, in the form that `patch` works on. @throws NOT_FOUND for an unknown version ID */
  describe(filter?: SchemaFilter): Promise<readonly SchemaDescription[]>
  /**
   * Adds fields by a JSON patch (RFC 6902) over the schemas of all active collections, by name:
   * `[{ op: 'add', path: '/Note/Fields/done', value: { Kind: 'Boolean' } }]`. Every schema it changes gets a new version, which is active unless `setActive` is
   * false. Documents stay as they are; they have no value in a new field. What peers sent for it before is merged now.
   * @returns the versions that are new or changed @throws INVALID_SCHEMA with every fault on a line of its own
   */
  patch(patch: JsonPatch, options?: CallOptions & { readonly setActive?: boolean }): Promise<readonly CollectionVersion[]>
  /** Makes a version the one that is written and queried, in the place of its siblings. Fields it lacks are kept and not shown. @throws NOT_FOUND */
  setActive(versionID: string, options?: CallOptions): Promise<void>
}

/** A JSON patch as text or as the list of its operations. */
export type JsonPatch = string | readonly object[]

export interface CollectionsApi {
  /** Versions that match; the active ones unless `includeInactive`. */
  describe(filter?: {
    readonly name?: string
    readonly versionID?: string
    readonly collectionID?: string
    readonly includeInactive?: boolean
  }): Promise<readonly CollectionVersion[]>
  /**
   * Changes the local part of collections by a JSON patch (RFC 6902) over all versions, by version ID: which are active, and how vectors are made. Nothing else of a
   * version can change. @returns the versions that changed @throws INVALID_SCHEMA with every fault on a line of its own
   */
  patch(patch: JsonPatch, options?: CallOptions): Promise<readonly CollectionVersion[]>
}

export interface IndexApi {
  /**
   * Adds an index to a collection, by name, and puts the documents that are there into it; all or nothing. A relation stands under its `_id` field. Without a name
   * it is called `<collection>_<first field>_ASC`, with a number when that is taken.
   * @throws NOT_UNIQUE when it is to be unique and documents are not, INVALID_SCHEMA for a field that is not there, ALREADY_EXISTS for a name that is, NOT_FOUND
   */
  create(collection: string, index: IndexRequest, options?: CallOptions): Promise<IndexDescription>
  /** Deletes an index and its entries. @throws NOT_FOUND when there is no such collection, or no such index of it; ABORTED */
  drop(collection: string, name: string, options?: CallOptions): Promise<void>
  /** The indexes of a collection; without one, of every collection by its name. */
  list(collection: string): Promise<readonly IndexDescription[]>
  list(): Promise<Readonly<Record<string, readonly IndexDescription[]>>>
  /**
   * Documents that have what a unique index keeps to one, of one collection or all: written apart, they were merged. Each can be changed or deleted as any other.
   * It takes the longer the more there is in the unique indexes.
   */
  violations(collection?: string, options?: CallOptions): Promise<readonly IndexViolation[]>
}

/** Documents with the same values in a unique index. */
export interface IndexViolation {
  readonly collection: string
  readonly index: string
  readonly docIDs: readonly string[]
}

/** How far something long is. `total` is absent while nobody knows. */
export interface Progress {
  readonly done: number
  readonly total?: number
}

export interface ProgressOptions extends CallOptions {
  /** Called now and then, and at the end. */
  readonly onProgress?: (progress: Progress) => void
}

/** Documents as JSON, without their history: `{ "Note": [{ "_docID": …, "_docIDNew": …, "title": … }] }`. */
export interface BackupApi {
  /**
   * The JSON text in pieces of some 64 KiB: the documents of the named collections, or of all, as of one state, byte by byte as DefraDB writes it. Deleted documents are
   * left out, and so are links to documents that are not there. `pretty` lays the text out over lines. Progress counts documents. Leaving the iteration ends the export.
   *
   * `_docIDNew` is the ID that a document gets when it is imported, which differs from its own when it was changed since its creation. Links between the documents of a
   * backup are by these. Of links that lead around in a circle, all are set after the creation, so that IDs do not follow from them. A link to a collection that is left
   * out keeps the ID it has.
   * @throws NOT_FOUND for a collection, ABORTED, CLOSED
   */
  export(options?: ProgressOptions & { readonly collections?: readonly string[]; readonly pretty?: boolean }): AsyncIterable<string>
  /**
   * Creates the documents of an exported text, all or none, in one write; bytes are UTF-8. Documents written by hand need neither `_docID` nor `_docIDNew`; a link to the
   * ID that is stated for a document (`_docIDNew`, or `_docID` where that stands alone) becomes one to the ID that it gets, which is another one when a field was edited
   * or the schema has changed. Progress counts documents, once the text is read.
   * @throws INVALID_DOCUMENT with the place of a mistake in the text, NOT_FOUND for a collection that is not here, ALREADY_EXISTS for a document that is here, was deleted
   * here, or stands twice in the text; NOT_UNIQUE, EMBEDDING_FAILED; CONFLICT when a collection is changed meanwhile; ABORTED, CLOSED
   */
  import(source: string | AsyncIterable<string | Uint8Array>, options?: ProgressOptions): Promise<{ readonly documents: number }>
}

export interface BlocksApi {
  /**
   * Checks that the block with this CID was signed by the key: hex of the compressed public key, of the type that is named; default 'secp256k1'. It can be the block of
   * a document, a field or a branchable collection. A field block is signed for itself or not at all, whatever the commit is that it came with.
   * @throws NOT_FOUND when there is no such block, INVALID_SIGNATURE when it has no signature, one of another key, a forged one, or one that did not come along;
   * INVALID_ARGUMENT for what is no CID or no such key
   */
  verifySignature(cid: string, publicKey: string, options?: CallOptions & { readonly type?: 'secp256k1' | 'ed25519' }): Promise<void>
}

/** One key of the storage. */
export interface DumpedEntry {
  /** What it is, such as "document" or "commit": the names of `document/keys.ts`. "unknown" is a fault, or of a later version of this program. */
  readonly kind: string
  readonly key: Uint8Array
  /** Empty where it is left out. */
  readonly value: Uint8Array
}

export interface P2PApi {
  /** @throws UNSUPPORTED on every call when the database was opened with `p2p: false`. */
  info(): Promise<{ readonly id: string; readonly addresses: readonly string[] }>
  /**
   * Connects to a peer, by its multiaddr or by an invitation of it: the text of `invite`, or a whole URL that ends with it. An invitation adds its types and relays, and subscribes
   * to its collections, and all of that stays when the peer cannot be reached; but relays are forgotten when the database closes, unless it is opened with `p2p: { invite }`.
   * @throws INVALID_ADDRESS; UNREACHABLE with what to try; INVALID_ARGUMENT for an invitation that cannot be read, or is of another room; ALREADY_EXISTS when another type has the name
   * of one that is invited to
   */
  connect(address: string, options?: CallOptions): Promise<void>
  /**
   * An invitation to collections of this node, by default to all: a URL fragment, `#invite=…`, that `openDatabase({ p2p: { invite } })` and `connect` take. It holds the relays of this
   * node, its ID and addresses, the room secret and the types of the collections with all they are related to. Fields that were added by a patch are not in it.
   * @throws NOT_FOUND for a collection; LIMIT_EXCEEDED when it would be longer than 16 KiB
   */
  invite(options?: InviteOptions): Promise<string>
  /** What an invitation says, without taking it: for asking a person first. @throws INVALID_ARGUMENT when it cannot be read */
  readInvite(invite: string): Promise<InviteSummary>
  disconnect(peer: string): Promise<void>
  peers(): Promise<readonly PeerStatus[]>
  relays(): Promise<readonly RelayStatus[]>
  /**
   * Why a peer is connected as it is, or is not: what is known of each step of the way, in their order, with what to try. A peer ID, or an address that ends with one. Nothing
   * is dialled for it: of a peer that is looked for, the last attempt is told.
   * @throws INVALID_ADDRESS
   */
  explain(peer: string): Promise<ConnectionReport>
  /** Peers that broke the protocol and are kept off for a while. */
  refused(): Promise<readonly RefusedPeer[]>
  /**
   * Has nothing to do with a peer any more, by its ID or an address that ends with it: its connection ends at once, it is not dialled, not taken and told nothing, and nothing
   * it sends is merged. What is here of it stays, and what it wrote may come from others. Kept over restarts. @throws INVALID_ADDRESS; INVALID_ARGUMENT for a relay of this node
   */
  block(peer: string): Promise<void>
  /** @throws NOT_FOUND when it is not blocked, INVALID_ARGUMENT when the options block it */
  unblock(peer: string): Promise<void>
  /** IDs. */
  blocked(): Promise<readonly string[]>
  readonly collections: SubscribedCollectionsApi
  readonly documents: SubscribedDocumentsApi
  readonly replicators: ReplicatorsApi
}

/** What is in an invitation. */
export interface InviteSummary {
  /** The ID of who invites. */
  readonly peer: string
  /** Names. */
  readonly collections: readonly string[]
  /** Multiaddrs: the best of each relay. */
  readonly relays: readonly string[]
  /** Whether it is to a room, whose secret it holds. */
  readonly isToRoom: boolean
  /** SDL of the collections and of what they are related to. */
  readonly schema: string
}

export interface InviteOptions {
  /** Names or collection IDs. Default: all. */
  readonly collections?: readonly string[]
}

/**
 * Collections this node subscribes to: it has everything that any peer it is connected to has of them, what is there and what comes, and what came while it was away.
 * Kept over restarts. A node gives what it has to every subscriber, whether it subscribes itself or not.
 */
export interface SubscribedCollectionsApi {
  /** Names or collection IDs; all or none. @throws NOT_FOUND */
  add(collections: string | readonly string[]): Promise<void>
  /** What is here stays. @throws NOT_FOUND when one of them does not exist */
  remove(collections: string | readonly string[]): Promise<void>
  /** Names, in the order in which they were added. */
  getAll(): Promise<readonly string[]>
}

/** Documents this node subscribes to one by one, up to ten thousand, with all that holds for collections. They need not be here yet. */
export interface SubscribedDocumentsApi {
  /** All or none. @throws INVALID_ARGUMENT, LIMIT_EXCEEDED */
  add(docIDs: string | readonly string[]): Promise<void>
  /** @throws INVALID_ARGUMENT */
  remove(docIDs: string | readonly string[]): Promise<void>
  getAll(): Promise<readonly string[]>
  /**
   * Fetches documents once, from all connected peers that have them and those that connect meanwhile, and resolves when each was found. Calls at the same time share what
   * they fetch. `timeout` is in milliseconds, 5,000 by default.
   * @throws TIMEOUT naming the documents that nobody had; those that were found are here then. Progress counts documents. NOT_FOUND for the collection; INVALID_ARGUMENT, ABORTED
   */
  sync(collection: string, docIDs: string | readonly string[], options?: ProgressOptions & { readonly timeout?: number }): Promise<void>
}

/**
 * Peers that this node gives collections to, whether they subscribe or not: first what is there, then every change. Kept over restarts; a peer that is away is tried again at
 * `replicatorRetryIntervals`, and goes on where it was when it is back.
 */
export interface ReplicatorsApi {
  /**
   * `peer` is a multiaddr that ends with `/p2p/<peer ID>`, or the ID alone when a relay or a connection leads there. `collections` are names or collection IDs; without them,
   * all that are there and those to come. Adds to what is replicated to the peer already. Resolves once it is kept; `getAll` tells how it goes.
   * @throws INVALID_ADDRESS, NOT_FOUND for a collection
   */
  set(peer: string, options?: { readonly collections?: readonly string[] }): Promise<void>
  /** Some collections of a replicator, or all. @throws NOT_FOUND */
  delete(peer: string, options?: { readonly collections?: readonly string[] }): Promise<void>
  getAll(): Promise<readonly ReplicatorStatus[]>
}

export interface ReplicatorStatus {
  /** The peer's ID. */
  readonly id: string
  readonly addresses: readonly string[]
  /** Names. */
  readonly collections: readonly string[]
  /** Whether changes get there now. */
  readonly status: 'active' | 'inactive'
  /** Milliseconds since the epoch. */
  readonly lastStatusChange: number
  /** Collections of which the peer has not confirmed that everything is there. */
  readonly pending: readonly string[]
  /** Collections that a connected peer does not have: their schema is missing there. */
  readonly lacking: readonly string[]
  /** What hinders it, and what to do; absent when nothing does. */
  readonly problem?: string
}

export interface ConnectionReport {
  /** The peer's ID. */
  readonly peer: string
  /** How it is connected, if it is. */
  readonly link?: Link
  /** What matters most, as a sentence. */
  readonly summary: string
  readonly findings: readonly ConnectionFinding[]
}

/** One part of the way to a peer. */
export interface ConnectionFinding {
  readonly step: 'peer' | 'page' | 'relay' | 'permission' | 'presence' | 'address' | 'signalling' | 'ice' | 'path' | 'sync'
  readonly state: 'ok' | 'warning' | 'failed' | 'unknown'
  readonly what: string
  /** What to try next. */
  readonly advice?: string
}

/** A peer whose messages are not taken. */
export interface RefusedPeer {
  readonly id: string
  /** What it did last. */
  readonly reason: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** How a peer is connected: `webrtc` and `webrtc-direct` are direct, `relayed` goes through a relay. */
export type Link = 'webrtc' | 'webrtc-direct' | 'websocket' | 'tcp' | 'relayed'

export interface PeerStatus {
  readonly id: string
  readonly addresses: readonly string[]
  readonly link: Link
  /** Milliseconds of the last ping, once there was one. */
  readonly roundTrip?: number
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Collections both sides have. */
  readonly collections: readonly string[]
  /** Whether everything known at the last exchange has been fetched from and offered to this peer. */
  readonly inSync: boolean
  /** Messages of this peer that were dropped because they broke a rule. */
  readonly dropped: number
  /** Why the last of them was. */
  readonly lastDropped?: string
}

export interface RelayStatus {
  readonly address: string
  readonly state: 'connecting' | 'connected' | 'reserved' | 'waiting'
  /** Peers with a shared interest that the relay has told of. */
  readonly known: number
  readonly lastError?: string
}

export interface DatabaseStatus {
  readonly name: string
  readonly storage: StorageUsage & { readonly kind: 'indexeddb' | 'sqlite' | 'memory' }
  /** Connected peers. */
  readonly peers: number
  /** Replicators whose peer has not confirmed that it has everything. */
  readonly pendingReplicators: number
}

/** A document changed, by a local write or by a merge. Sent after the storage has acknowledged it. */
export interface DocumentChange {
  readonly collection: string
  readonly collectionID: string
  readonly docID: string
  /** CID of the commit that changed it. */
  readonly cid: string
}

export interface DatabaseEvents {
  /** A local write. */
  update: DocumentChange
  /** A commit of another node was merged. */
  merge: DocumentChange & { readonly peer?: string }
  /**
   * A merge brought a document with values that a unique index keeps to one: that document is the last one
   * named, after those known to have them. All stay, and all are found.
   */
  'index:violation': IndexViolation
  /** The set of collections changed. */
  schema: { readonly collections: readonly string[] }
  'peer:connect': PeerStatus
  'peer:change': PeerStatus
  /** `reason` is there when one of both has enough other peers. */
  'peer:disconnect': { readonly id: string; readonly reason?: string }
  'relay:change': RelayStatus
  'sync:progress': { readonly peer: string; readonly collection: string; readonly done: number; readonly total: number }
  /** A message of a peer was dropped. */
  'peer:dropped': { readonly id: string; readonly reason: string }
  /** A peer broke the protocol too often, and is kept off. */
  'peer:refused': RefusedPeer
  'replicator:change': ReplicatorStatus
  'storage:pressure': StorageUsage
  close: { readonly reason: 'closed' | 'failed' }
}

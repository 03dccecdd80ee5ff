import type { Cid } from '../block/cid.ts'
import type { ReplicatedCommit } from '../block/replicated-commit.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { DialectName } from '../schema/dialect-name.ts'
import type { TypedEventTarget } from '../util/typed-event-target.ts'
import type { Fingerprints } from './fingerprints.ts'
import type { DatabaseEvents, P2PApi } from './database.ts'

/**
 * `Replica`: what the network sees of a database. Commits go out as they are stored and come in unchecked beyond their bytes; the replica
 * merges each exactly once, ancestors first.
 *
 * - `onCommits` listeners are told after a write or merge is durable, once for each atomic write, and must not throw.
 * - `merge` may be called at any time, also concurrently and with commits that are here already. It checks what bytes alone cannot tell: the
 *   collection is known, no signature that came along is forged, the document ID of a first commit is that of its content, heights follow from the parents, and
 *   field blocks build on blocks of the same field before them. What fails these is in `rejected` and changes nothing.
 *   A commit whose ancestors are neither here nor in the same call is in `missing`, with the parents to fetch; it is not kept.
 * - The order of `commits` within a call is free; duplicates are welcome.
 * - The DAG of a branchable collection counts as one more document, named `COLLECTION_DAG`, which is the first in every listing.
 */
export interface Replica {
  /** Collections that replicate, by collection ID. */
  collectionIds(): readonly string[]
  collectionName(collectionId: string): string | undefined
  /** All versions of all collections, those included that are only part of others. */
  versions(): readonly CollectionVersion[]
  /** Adds the types of an SDL text that are not here yet, all or none. @throws INVALID_SCHEMA, ALREADY_EXISTS when another type has one of the names */
  addTypes(sdl: string, dialect: DialectName): Promise<void>
  merge(
    collectionId: string,
    commits: readonly ReplicatedCommit[],
    options: { readonly peer?: string; readonly signal?: AbortSignal },
  ): Promise<MergeReport>
  /**
   * Those of these commits that `merge` would reject because a signature is forged: for whoever passes commits on before they are merged. To give the same objects to
   * `merge`, before or after, costs nothing more.
   */
  forged(collectionId: string, commits: readonly ReplicatedCommit[]): Promise<readonly Rejection[]>
  /** The fingerprints of what is here of a collection, as of some moment since the call. */
  fingerprints(collectionId: string): Promise<Fingerprints>
  /**
   * Current composite heads of the collection's documents, ordered by document ID bytes, from one ID to another, both included. At most `limit` of them:
   * `after` the last one a listing goes on.
   */
  documentHeads(
    collectionId: string,
    options: { readonly from?: string; readonly after?: string; readonly to?: string; readonly limit: number },
  ): Promise<readonly DocumentHeads[]>
  /** The heads of the named documents; one without heads is unknown here. */
  headsOf(collectionId: string, docIds: readonly string[]): Promise<readonly DocumentHeads[]>
  /** Which of the named commits are not here, by document; a document of which all are here is left out. */
  lacking(collectionId: string, documents: readonly DocumentHeads[]): Promise<readonly DocumentLack[]>
  /**
   * The commits of one document that a peer with the given heads lacks, ancestors first: everything but the ancestors of `have`. Heads that are
   * unknown here count as nothing.
   */
  commitsSince(collectionId: string, docId: string, have: readonly Cid[]): Promise<readonly ReplicatedCommit[]>
  /**
   * What `commitsSince` gives, of many documents at a time and packed: what is sent to a peer that has these heads of each. Ancestors first within a document;
   * one that is not here gives nothing.
   */
  packedSince(collectionId: string, documents: readonly DocumentHeads[]): Promise<readonly Uint8Array[]>
  /**
   * Takes encryption blocks that other nodes have given, and merges what was waiting for their keys: documents appear, fields get their values.
   * @throws CORRUPT_DATA when the bytes are no encryption block
   */
  addKeys(blocks: readonly Uint8Array[]): Promise<void>
  /** Bytes kept for the network over restarts, such as the peer key. */
  setting(name: string): Promise<Uint8Array | undefined>
  setSetting(name: string, value: Uint8Array | undefined): Promise<void>
  readonly events: TypedEventTarget<DatabaseEvents>
  /** The network's own events (`peer:…`, `relay:…`, `sync:…`) go out through the database's. */
  emit<Name extends keyof DatabaseEvents & string>(name: Name, detail: DatabaseEvents[Name]): void
  /** Tells of new commits, those merged from a peer included. Returns the function that ends it. */
  onCommits(listener: (batch: CommitBatch) => void): () => void
}

export interface CommitBatch {
  readonly collectionId: string
  readonly commits: readonly ReplicatedCommit[]
  /** The peer they came from; absent for local writes. */
  readonly peer?: string
}

export interface DocumentHeads {
  readonly docId: string
  readonly heads: readonly Cid[]
}

/** Commits of a document that are not here. */
export interface DocumentLack extends DocumentHeads {
  /** The heads that are. */
  readonly held: readonly Cid[]
}

export interface MergeReport {
  /** Commits that were merged now. */
  readonly merged: number
  /** Commits that were here already. */
  readonly known: number
  readonly rejected: readonly Rejection[]
  readonly missing: readonly { readonly cid: Cid; readonly docId: string; readonly parents: readonly Cid[] }[]
}

/** A commit that was not merged because of what it is. */
export interface Rejection {
  /**
   * `refused`: it breaks a rule, perhaps of another version of the schema than that of the node it came from. `forged`: a signature, the document ID of a first
   * commit, a height or a parent is not what it must be, which nobody passes on who has looked.
   */
  readonly kind: 'refused' | 'forged'
  readonly cid: Cid
  readonly reason: string
}

/** The network as the database holds it: made from the replica at opening, closed before the storage. */
export interface AttachedNetwork {
  readonly p2p: P2PApi
  close(): Promise<void>
}

export type AttachNetwork = (replica: Replica) => Promise<AttachedNetwork>

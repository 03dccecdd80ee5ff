import type { Connection, Stream } from '@libp2p/interface'

import type { Replica } from '../database/replica.ts'
import { bytesToHex, equalBytes } from '../util/bytes.ts'
import type { Clock } from '../util/clock.ts'
import { createAnswerer } from './answerer.ts'
import type { Claims } from './claims.ts'
import { createCommitReceiver, openCommits, type Arrival, type CommitReceiver } from './commit-receiver.ts'
import { createCommitSender } from './commit-sender.ts'
import type { FrameBudget } from './frames.ts'
import type { Interests, SharedCollection } from './interests.ts'
import { HASH_BYTES, type Interest, type SyncMessage } from './messages.ts'
import type { Offence } from './offences.ts'
import { createPuller } from './puller.ts'
import type { Reconciler } from './reconcile.ts'
import type { Roots } from './roots.ts'
import { openSyncChannel } from './sync-channel.ts'
import { neighbourName, topicKey } from './topics.ts'

/** What one peer and this node have to say to each other, over one stream. */
export interface SyncSession {
  readonly peer: string
  /** How the peer is called among neighbours. */
  readonly name: Uint8Array
  readonly connection: Connection
  /** Milliseconds since the epoch. */
  readonly since: number
  /** The run of the peer; `undefined` until its hello is here. */
  readonly run: Uint8Array | undefined
  readonly roundTrip: number | undefined
  /** Whether the peer sends its live commits to another one itself. */
  serves(other: SyncSession): boolean
  /** Collections both sides have. */
  shared(): readonly SharedCollection[]
  shares(collection: SharedCollection): boolean
  /** Whether both sides had the same of every shared collection when they last compared. */
  isInSync(): boolean
  /** How a commit of this peer came that is being merged. */
  arrivalOf(cid: string): Arrival | undefined
  /** Takes commits that the peer passed on outside this session. */
  readonly receiver: CommitReceiver
  fetch(collection: SharedCollection, docIds: readonly string[]): void
  sendLive(collection: SharedCollection, commits: readonly Uint8Array[]): void
  /** The collections of this node have changed. */
  tellInterests(): void
  tellRoot(collection: SharedCollection, root: Uint8Array): void
  tellNeighbours(names: readonly Uint8Array[]): void
  sayBye(reason: Bye): void
  /** Ends unless the peer answers soon. */
  doubt(): void
  close(): void
}

/** Why a node says bye: its page or process ends, or its user parted from this peer. */
export type Bye = 'leaving' | 'parting'

/** What all sessions of a node share. */
export interface SyncParts {
  readonly replica: Replica
  readonly reconciler: Reconciler
  readonly interests: Interests
  readonly roots: Roots
  readonly claims: Claims
  readonly budget: FrameBudget
  readonly clock: Clock
  /** This run of this node. */
  readonly run: Uint8Array
}

export interface SyncSessionEvents {
  /** The peer's hello is here. */
  readonly onReady: (session: SyncSession) => void
  /** Something that is told of the session has changed: interests, neighbours, round trip, being in sync. */
  readonly onChange: (session: SyncSession) => void
  readonly onBye: (session: SyncSession, reason: Bye) => void
  /** The peer does not answer any more. */
  readonly onSilent: (session: SyncSession) => void
  readonly onClose: (session: SyncSession) => void
  readonly onOffence: (offence: Offence, reason: string) => void
}

/** In place of a root that is not computed yet. It equals no root, so it leads to a comparison. */
const UNKNOWN_ROOT = new Uint8Array(HASH_BYTES)
const BYES = ['leaving', 'parting'] as const

/** Starts a session on a fresh stream. */
export function openSyncSession(stream: Stream, connection: Connection, parts: SyncParts, events: SyncSessionEvents): SyncSession {
  const { replica, interests, roots, reconciler, claims, clock } = parts
  const { onOffence } = events
  const peer = connection.remotePeer.toString()
  const peerRoots = new Map<string, Uint8Array>()
  const toldRoots = new Map<string, Uint8Array>()
  const same = new Set<string>()
  let run: Uint8Array | undefined
  let neighbours: ReadonlySet<string> = new Set()
  let wasInSync = false

  const channel = openSyncChannel(stream, {
    budget: parts.budget,
    clock,
    onMessage,
    onRoundTrip: () => events.onChange(session),
    onSilent: () => events.onSilent(session),
    onClose: () => {
      puller.end()
      sender.end()
      events.onClose(session)
    },
    onOffence,
  })
  const sender = createCommitSender(channel)
  const receiver = createCommitReceiver({
    peer,
    replica,
    onAcknowledge: (bytes) => channel.send({ type: 'acknowledge', bytes }),
    onMissing: (collectionId, docIds) => withCollection(collectionId, (collection) => puller.fetch(collection, docIds)),
    onFailed: (collectionId) => withCollection(collectionId, (collection) => puller.pullLater(collection)),
    onOffence,
  })
  const answerer = createAnswerer({ channel, sender, replica, reconciler, interests, onOffence })
  const puller = createPuller({
    channel,
    replica,
    reconciler,
    receiver,
    claims,
    clock,
    onProgress: (collection, done, total) => replica.emit('sync:progress', { peer, collection: collection.name, done, total }),
    onPulled: (collection) => void afterPull(collection),
    onOffence,
  })

  function onMessage(message: SyncMessage, bytes: number): void {
    switch (message.type) {
      case 'hello':
        run = message.session
        learn(message.interests)
        events.onReady(session)
        return checkAll()
      case 'interests':
        learn(message.interests)
        return checkAll()
      case 'bye':
        return events.onBye(session, BYES[message.reason] ?? 'leaving')
      case 'neighbours':
        neighbours = new Set(message.peers.map(bytesToHex))
        return
      case 'root':
        return onRoot(message)
      case 'compare':
        return answerer.onCompare(message.request, message.topic, message.question)
      case 'differ':
        return puller.onDiffer(message.request, message.answer)
      case 'want':
        return answerer.onWant(message.request, message.topic, message.documents)
      case 'commits':
        return onCommits(message, bytes)
      case 'served':
        return puller.onServed(message.request, message.parted)
      case 'acknowledge':
        if (!sender.acknowledged(message.bytes)) onOffence('garbage', 'it acknowledges more than it was sent')
        return
      case 'ping':
      case 'pong':
        return // The channel's own.
      default:
        message satisfies never
    }
  }

  function learn(told: readonly Interest[]): void {
    const keys = new Set(told.map(({ topic }) => topicKey(topic)))
    for (const key of peerRoots.keys()) {
      if (keys.has(key)) continue
      peerRoots.delete(key)
      same.delete(key)
    }
    for (const { topic, root } of told) peerRoots.set(topicKey(topic), root)
    tellOfChange()
  }

  function checkAll(): void {
    for (const collection of shared()) void check(collection)
  }

  function onRoot({ topic, root }: Interest): void {
    peerRoots.set(topicKey(topic), root)
    const collection = interests.byTopic(topic)
    if (collection !== undefined) void check(collection)
  }

  /** Compares the roots, and the content when they differ. */
  async function check(collection: SharedCollection): Promise<void> {
    const root = await ownRoot(collection)
    if (root !== undefined && shares(collection) && !judge(collection, root)) puller.pull(collection)
  }

  /** Whether the peer has told the same root. */
  function judge({ key }: SharedCollection, root: Uint8Array): boolean {
    const isSame = equalBytes(peerRoots.get(key) ?? UNKNOWN_ROOT, root)
    if (isSame) same.add(key)
    else same.delete(key)
    tellOfChange()
    return isSame
  }

  async function afterPull(collection: SharedCollection): Promise<void> {
    const root = await ownRoot(collection)
    if (root === undefined) return
    judge(collection, root)
    tellRoot(collection, root)
  }

  async function ownRoot(collection: SharedCollection): Promise<Uint8Array | undefined> {
    try {
      return await roots.now(collection.collectionId)
    } catch {
      return undefined // The storage cannot be read now, or is closed: the next root of either side leads here again.
    }
  }

  function onCommits(
    { request, topic, commits }: { readonly request: number; readonly topic: Uint8Array; readonly commits: readonly Uint8Array[] },
    bytes: number,
  ): void {
    const collection = interests.byTopic(topic)
    if (collection === undefined) {
      // The collection may have been removed here a moment ago. The sender's window must not shrink by it.
      channel.send({ type: 'acknowledge', bytes })
      return onOffence('refused', 'commits of a collection that is not here')
    }
    puller.onCommits(request)
    receiver.receive(collection.collectionId, openCommits(commits, onOffence), bytes, request === 0 ? 'live' : 'asked')
  }

  function tellRoot({ topic, key }: SharedCollection, root: Uint8Array): void {
    if (!peerRoots.has(key) || equalBytes(toldRoots.get(key) ?? UNKNOWN_ROOT, root)) return
    toldRoots.set(key, root)
    channel.send({ type: 'root', topic, root })
  }

  function ownInterests(): readonly Interest[] {
    return interests.all().map(({ collectionId, topic, key }) => {
      const root = roots.last(collectionId) ?? UNKNOWN_ROOT
      toldRoots.set(key, root)
      return { topic, root }
    })
  }

  function shares({ key }: SharedCollection): boolean {
    return peerRoots.has(key)
  }

  function shared(): readonly SharedCollection[] {
    return interests.all().filter(shares)
  }

  function isInSync(): boolean {
    return run !== undefined && shared().every(({ key }) => same.has(key))
  }

  function tellOfChange(): void {
    if (isInSync() !== wasInSync) {
      wasInSync = !wasInSync
      events.onChange(session)
    }
  }

  function withCollection(collectionId: string, use: (collection: SharedCollection) => void): void {
    const collection = interests.byId(collectionId)
    if (collection !== undefined) use(collection)
  }

  const session: SyncSession = {
    peer,
    name: neighbourName(peer),
    connection,
    since: clock.date(),
    get run() {
      return run
    },
    get roundTrip() {
      return channel.roundTrip
    },
    serves: (other) => neighbours.has(bytesToHex(other.name)),
    shared,
    shares,
    isInSync,
    arrivalOf: receiver.arrivalOf,
    receiver,
    fetch: puller.fetch,
    sendLive: (collection, commits) => {
      // When too many wait already, they are let go: the roots will tell, and the peer asks.
      sender.sendLive(collection.topic, commits)
    },
    tellInterests: () => {
      channel.send({ type: 'interests', interests: ownInterests() })
      checkAll()
    },
    tellRoot: (collection, root) => {
      tellRoot(collection, root)
      if (shares(collection)) judge(collection, root)
    },
    tellNeighbours: (names) => channel.send({ type: 'neighbours', peers: names }),
    sayBye: (reason) => channel.send({ type: 'bye', reason: BYES.indexOf(reason) }),
    doubt: channel.doubt,
    close: channel.close,
  }
  channel.send({ type: 'hello', session: parts.run, interests: ownInterests() })
  return session
}

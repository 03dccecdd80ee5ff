import type { Connection, Stream } from '@libp2p/interface'

import { documentOf } from '../block/replicated-commit.ts'
import type { Replica } from '../database/replica.ts'
import { bytesToHex, equalBytes } from '../util/bytes.ts'
import type { Clock } from '../util/clock.ts'
import { createAnswerer } from './answerer.ts'
import type { Claims } from './claims.ts'
import { createCommitReceiver, openCommits, type Arrival, type CommitReceiver } from './commit-receiver.ts'
import { createCommitSender } from './commit-sender.ts'
import { createFollowed, type Followed } from './followed.ts'
import type { FrameBudget } from './frames.ts'
import type { Interests, SharedCollection } from './interests.ts'
import { SETTLE_TIME } from './limits.ts'
import { PUSHES, WANTS, type Interest, type SyncBodies, type SyncMessage } from './messages.ts'
import type { Offence } from './offences.ts'
import { createPuller, type Puller } from './puller.ts'
import type { Reconciler } from './reconcile.ts'
import type { Roots } from './roots.ts'
import { hasOurs, hasTheirs, peerPushes, peerWants, standingOf, UNKNOWN_ROOT, type Standing } from './standing.ts'
import type { Subscriptions } from './subscriptions.ts'
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
  /** How many others the peer is connected to, as it says. */
  readonly neighbourCount: number
  /** Whether the peer sends its live commits to another one itself. */
  serves(other: SyncSession): boolean
  /** Collections both sides have. */
  shared(): readonly SharedCollection[]
  shares(collection: SharedCollection): boolean
  /** Whether the peer subscribes to a collection. */
  isWantedBy(collection: SharedCollection): boolean
  /** Whether the peer is to be sent every commit of a collection: it subscribes, or this node replicates to it. */
  takesAll(collection: SharedCollection): boolean
  /** Documents the peer takes besides. */
  readonly followed: Pick<Followed, 'has' | 'isEmpty'>
  /** Whether both sides have what the other one wants of them, as of when they last compared. */
  isInSync(): boolean
  /** Whether everything that was here of a collection when it last rested is at the peer. */
  isAcknowledged(collection: SharedCollection): boolean
  /** How a commit of this peer came that is being merged. */
  arrivalOf(cid: string): Arrival | undefined
  /** Takes commits that the peer passed on outside this session. */
  readonly receiver: CommitReceiver
  fetch(collection: SharedCollection, docIds: readonly string[]): void
  /** Fetches what the peer has of some documents, and tells of them as they are here. Resolves to those it has. */
  readonly pullNamed: Puller['pullNamed']
  sendLive(collection: SharedCollection, commits: readonly Uint8Array[]): void
  /** The collections, subscriptions or replicators of this node have changed. */
  tellInterests(): void
  /** What this node has of a collection, now that it rests. */
  tellRoot(collection: SharedCollection, root: Uint8Array): void
  tellNeighbours(names: readonly Uint8Array[]): void
  sayBye(reason: Bye): void
  /** Ends unless the peer answers soon. */
  doubt(): void
  close(): void
}

/** Why a node says bye: its page or process ends, its user parted from this peer, or it has enough others. */
export type Bye = 'leaving' | 'parting' | 'full'

/** What all sessions of a node share. */
export interface SyncParts {
  readonly replica: Replica
  readonly reconciler: Reconciler
  readonly interests: Interests
  readonly subscriptions: Pick<Subscriptions, 'documents' | 'follows'>
  /** Whether a collection is replicated to a peer. */
  readonly pushes: (peer: string, collectionId: string) => boolean
  readonly isRefused: (peer: string) => boolean
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
  /** The peer has told which collections it has, or that something of this node's is there. */
  readonly onStanding: (session: SyncSession) => void
  readonly onBye: (session: SyncSession, reason: Bye) => void
  /** The peer does not answer any more. */
  readonly onSilent: (session: SyncSession) => void
  readonly onClose: (session: SyncSession) => void
  readonly onOffence: (offence: Offence, reason: string) => void
}

const BYES = ['leaving', 'parting', 'full'] as const

/** Starts a session on a fresh stream. */
export function openSyncSession(stream: Stream, connection: Connection, parts: SyncParts, events: SyncSessionEvents): SyncSession {
  const { replica, interests, subscriptions, roots, reconciler, claims, clock } = parts
  const { onOffence } = events
  const peer = connection.remotePeer.toString()
  const standings = new Map<string, Standing>()
  const toldRoots = new Map<string, Uint8Array>()
  let run: Uint8Array | undefined
  let neighbours: ReadonlySet<string> = new Set()
  let wasInSync = false
  /** Keys of the collections that both sides had when this was last looked at. */
  let met: ReadonlySet<string> = new Set()
  /** Documents subscribed to of which nothing was asked yet, and what calls off the asking. */
  const fresh = new Set<string>()
  let callOffFresh: (() => void) | undefined
  /** Collections of which followed documents are being fetched, and whether there was news meanwhile. */
  const fetchingFollowed = new Map<string, { again: boolean }>()

  const channel = openSyncChannel(stream, {
    budget: parts.budget,
    clock,
    onMessage,
    onRoundTrip: () => events.onChange(session),
    onSilent: () => events.onSilent(session),
    onClose: () => {
      puller.end()
      sender.end()
      callOffFresh?.()
      events.onClose(session)
    },
    onOffence,
  })
  const sender = createCommitSender(channel)
  const receiver = createCommitReceiver({
    peer,
    replica,
    isRefused: () => parts.isRefused(peer),
    onAcknowledge: (bytes) => channel.send({ type: 'acknowledge', bytes }),
    onMissing: (collectionId, docIds) => withCollection(collectionId, (collection) => puller.fetch(collection, docIds)),
    onFailed: (collectionId) => withCollection(collectionId, pullLater),
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
    onFailed: pullLater,
    onOffence,
  })
  const followed = createFollowed({ channel, subscriptions, onOffence })

  function onMessage(message: SyncMessage, bytes: number): void {
    switch (message.type) {
      case 'hello':
        run = message.session
        learn(message.interests)
        events.onReady(session)
        events.onStanding(session)
        return attendAll()
      case 'interests':
        return onInterests(message.interests)
      case 'bye':
        return events.onBye(session, BYES[message.reason] ?? 'leaving')
      case 'neighbours':
        neighbours = new Set(message.peers.map(bytesToHex))
        return
      case 'root':
        return onRoot(message)
      case 'pulled':
        return onPulled(message)
      case 'follow':
        return followed.onFollow(message)
      case 'missed':
        return withTopic(message.topic, pullFollowed)
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
    const before = new Map(standings)
    standings.clear()
    for (const interest of told) {
      const key = topicKey(interest.topic)
      standings.set(key, standingOf(interest, before.get(key)))
    }
  }

  function onInterests(told: readonly Interest[]): void {
    learn(told)
    events.onStanding(session)
    tellOfChange()
    attendAll()
  }

  function attendAll(): void {
    const before = met
    met = new Set(shared().map(({ key }) => key))
    for (const collection of shared()) {
      void attend(collection)
      // Either side has just got to know it.
      if (!before.has(collection.key)) pullFollowed(collection)
    }
  }

  /** Whether this node takes everything of a collection from the peer. */
  function takesTheirs(collection: SharedCollection): boolean {
    const standing = standings.get(collection.key)
    return standing !== undefined && (collection.isWanted || peerPushes(standing))
  }

  function takesAll(collection: SharedCollection): boolean {
    const standing = standings.get(collection.key)
    return standing !== undefined && (peerWants(standing) || parts.pushes(peer, collection.collectionId))
  }

  /** Does what the state of a collection asks for: tells the peer the root, and fetches what the peer has. */
  async function attend(collection: SharedCollection): Promise<void> {
    // Nobody needs to know what there is of a collection that neither wants.
    if (!takesTheirs(collection) && !takesAll(collection)) return
    let own: Uint8Array
    try {
      own = await roots.now(collection.collectionId)
    } catch {
      return pullLater(collection) // The storage cannot be read now, or is closed, and nothing else may lead here again.
    }
    tellRoot(collection, own)
    compare(collection, own)
    events.onStanding(session)
    tellOfChange()
  }

  function compare(collection: SharedCollection, own: Uint8Array): void {
    const standing = standings.get(collection.key)
    if (standing?.peerRoot === undefined || !takesTheirs(collection)) return
    if (!hasTheirs(standing, own)) return void pull(collection)
    standing.pulled = standing.peerRoot
    // Who is told an equal root sees it by that.
    if (!comparesWithPeer(collection, standing) || !equalBytes(own, standing.peerRoot)) tellPulled(collection, standing)
  }

  async function pull(collection: SharedCollection): Promise<void> {
    let asOf: Uint8Array | undefined
    const standing = standings.get(collection.key)
    if (standing === undefined) return
    const isDone = await puller.pull(collection, standing.seen, () => {
      asOf = standings.get(collection.key)?.peerRoot
    })
    const now = standings.get(collection.key)
    if (!isDone || now === undefined) return
    if (asOf !== undefined) now.pulled = asOf
    // Not everything of it is here where something was refused: then nothing is confirmed.
    if (!puller.isIncomplete(collection)) tellPulled(collection, now)
    tellOfChange()
    // What came is told to the others, and compared with what the peer has told meanwhile.
    void attend(collection)
  }

  function pullLater(collection: SharedCollection): void {
    puller.later(collection, () => {
      void attend(collection)
      pullFollowed(collection)
    })
  }

  function onRoot({ topic, root }: SyncBodies['root']): void {
    const standing = standings.get(topicKey(topic))
    if (standing === undefined) return onOffence('garbage', 'the root of a collection that it never told of')
    standing.peerRoot = root
    withTopic(topic, (collection) => void attend(collection))
    tellOfChange()
  }

  function onPulled({ topic, root }: SyncBodies['pulled']): void {
    const standing = standings.get(topicKey(topic))
    if (standing === undefined) return onOffence('garbage', 'news of a collection that it never told of')
    standing.acknowledged = root
    events.onStanding(session)
    tellOfChange()
  }

  function onCommits({ request, topic, commits }: SyncBodies['commits'], bytes: number): void {
    const collection = interests.byTopic(topic)
    const asked = puller.asked(request)
    if (asked !== undefined) puller.onCommits(request)
    if (collection === undefined) {
      // The collection may have been removed here a moment ago. The sender's window must not shrink by it.
      channel.send({ type: 'acknowledge', bytes })
      return onOffence('refused', 'commits of a collection that is not here')
    }
    const opened = openCommits(commits, onOffence)
    const isTaken = (docId: string): boolean => asked?.has(docId) ?? (takesTheirs(collection) || subscriptions.follows(docId))
    const taken = opened.filter((commit) => isTaken(documentOf(commit)))
    if (asked !== undefined && taken.length < opened.length) onOffence('garbage', 'it gives commits of documents it was not asked for')
    receiver.receive(collection.collectionId, taken, bytes, asked === undefined ? 'live' : 'asked')
  }

  /** Whether the peer is told of this node's roots: whoever takes the collection compares, and whoever replicates it wants to know. */
  function comparesWithPeer({ collectionId }: SharedCollection, standing: Standing): boolean {
    return peerWants(standing) || peerPushes(standing) || parts.pushes(peer, collectionId)
  }

  function tellRoot(collection: SharedCollection, root: Uint8Array): void {
    const { topic, key } = collection
    const standing = standings.get(key)
    if (standing === undefined || equalBytes(toldRoots.get(key) ?? UNKNOWN_ROOT, root)) return
    if (!comparesWithPeer(collection, standing)) return
    // Half of what the peer is giving would make it look for the other half here. What it lacks it hears of in the end.
    if (puller.isPulling(collection)) return
    toldRoots.set(key, root)
    channel.send({ type: 'root', topic, root })
  }

  function tellPulled({ topic }: SharedCollection, standing: Standing): void {
    const { pulled, toldPulled } = standing
    if (pulled === undefined || (toldPulled !== undefined && equalBytes(toldPulled, pulled))) return
    standing.toldPulled = pulled
    channel.send({ type: 'pulled', topic, root: pulled })
  }

  /** Fetches what the peer has of documents that this node subscribes to one by one; once more, all of them, when some are being fetched already. */
  function pullFollowed(collection: SharedCollection, docIds = subscriptions.documents()): void {
    const running = fetchingFollowed.get(collection.key)
    if (running !== undefined) running.again = true
    else if (docIds.length > 0 && !takesTheirs(collection) && shares(collection)) void fetchFollowed(collection, docIds)
  }

  async function fetchFollowed(collection: SharedCollection, docIds: readonly string[]): Promise<void> {
    const state = { again: false }
    fetchingFollowed.set(collection.key, state)
    try {
      await puller.pullNamed(collection, docIds)
    } catch {
      pullLater(collection)
    }
    fetchingFollowed.delete(collection.key)
    if (state.again) pullFollowed(collection)
  }

  /** New subscriptions to documents take what comes at once, and what is there already once no more are added: many are added one after the other, or only for a moment. */
  function followDocuments(): void {
    for (const docId of followed.tell()) fresh.add(docId)
    if (fresh.size === 0) return
    callOffFresh?.()
    callOffFresh = clock.after(SETTLE_TIME, () => {
      const docIds = [...fresh].filter((docId) => subscriptions.follows(docId))
      fresh.clear()
      for (const collection of shared()) pullFollowed(collection, docIds)
    })
  }

  function ownInterests(): readonly Interest[] {
    return interests.all().map(({ collectionId, topic, key, isWanted }) => {
      const root = roots.last(collectionId) ?? UNKNOWN_ROOT
      toldRoots.set(key, root)
      return { topic, root, role: (isWanted ? WANTS : 0) + (parts.pushes(peer, collectionId) ? PUSHES : 0) }
    })
  }

  function shares({ key }: SharedCollection): boolean {
    return standings.has(key)
  }

  function shared(): readonly SharedCollection[] {
    return interests.all().filter(shares)
  }

  function isSettled(collection: SharedCollection): boolean {
    const standing = standings.get(collection.key)
    const own = roots.last(collection.collectionId)
    if (standing === undefined) return true
    return (!takesTheirs(collection) || hasTheirs(standing, own)) && (!takesAll(collection) || hasOurs(standing, own))
  }

  function isInSync(): boolean {
    return run !== undefined && shared().every(isSettled)
  }

  function tellOfChange(): void {
    if (isInSync() === wasInSync) return
    wasInSync = !wasInSync
    events.onChange(session)
  }

  function withCollection(collectionId: string, use: (collection: SharedCollection) => void): void {
    const collection = interests.byId(collectionId)
    if (collection !== undefined) use(collection)
  }

  function withTopic(topic: Uint8Array, use: (collection: SharedCollection) => void): void {
    const collection = interests.byTopic(topic)
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
    get neighbourCount() {
      return neighbours.size
    },
    serves: (other) => neighbours.has(bytesToHex(other.name)),
    shared,
    shares,
    isWantedBy: ({ key }) => {
      const standing = standings.get(key)
      return standing !== undefined && peerWants(standing)
    },
    takesAll,
    followed,
    isInSync,
    isAcknowledged: ({ key, collectionId }) => {
      const standing = standings.get(key)
      return standing !== undefined && hasOurs(standing, roots.last(collectionId))
    },
    arrivalOf: receiver.arrivalOf,
    receiver,
    fetch: puller.fetch,
    pullNamed: puller.pullNamed,
    sendLive: (collection, commits) => sender.sendLive(collection.topic, commits),
    tellInterests: () => {
      channel.send({ type: 'interests', interests: ownInterests() })
      followDocuments()
      attendAll()
    },
    tellRoot: (collection, root) => {
      tellRoot(collection, root)
      compare(collection, root)
      tellOfChange()
    },
    tellNeighbours: (names) => channel.send({ type: 'neighbours', peers: names }),
    sayBye: (reason) => channel.send({ type: 'bye', reason: BYES.indexOf(reason) }),
    doubt: channel.doubt,
    close: channel.close,
  }
  channel.send({ type: 'hello', session: parts.run, interests: ownInterests() })
  followed.tell()
  return session
}

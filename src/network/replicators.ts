import type { ReplicatorStatus } from '../database/database.ts'
import type { Replica } from '../database/replica.ts'
import { DatabaseError, messageOf } from '../errors.ts'
import { bytesToHex, decodeText, encodeText } from '../util/bytes.ts'
import { within, type Clock } from '../util/clock.ts'
import { quote } from '../util/quote.ts'
import type { PeerAddress } from './addresses.ts'
import type { Interests, SharedCollection } from './interests.ts'
import { REPLICATOR_DIAL_TIMEOUT } from './limits.ts'
import type { Roots } from './roots.ts'
import type { SyncSession } from './sync-session.ts'

/**
 * Peers that are to have everything of some collections, whether they subscribe or not. Each is told so; then it compares and fetches as a subscriber does, and tells which
 * root of this node it has all of. That root is kept with the replicator: after a restart of either side it is known without asking what is still to go.
 */
export interface Replicators {
  /** Whether a collection is replicated to a peer. */
  pushes(peer: string, collectionId: string): boolean
  /** Whether anything is replicated to a peer. */
  has(peer: string): boolean
  isReplicated(collectionId: string): boolean
  /** Adds collections to what is replicated to a peer; with 'all', those that are there and those to come. */
  set(target: ReplicatorTarget, collections: readonly string[] | 'all'): Promise<void>
  /** Ends the replication of some collections to a peer, or of all. @throws NOT_FOUND when it is not replicated to */
  delete(peer: string, collections: readonly string[] | 'all'): Promise<void>
  statuses(): readonly ReplicatorStatus[]
  /** A peer is connected, gone, or has told of its collections or of what it has. */
  onPeer(peer: string): void
  /** A collection has changed, or rests. */
  onCollection(collectionId: string): void
  close(): void
}

export interface ReplicatorTarget {
  readonly peer: string
  /** Absent where the peer is to be found by itself, such as at a relay. */
  readonly address?: PeerAddress
}

export interface ReplicatorsOptions {
  readonly replica: Pick<Replica, 'setSetting'>
  readonly kept: readonly Stored[]
  readonly interests: Interests
  readonly roots: Pick<Roots, 'last' | 'isUnsettled'>
  readonly clock: Clock
  /** Seconds between attempts to reach a target; the last one repeats. */
  readonly retryIntervals: readonly number[]
  readonly sessionOf: (peer: string) => SyncSession | undefined
  /** Why a peer is refused; `undefined` when it is not. */
  readonly refusalOf: (peer: string) => string | undefined
  readonly parseAddress: (text: string) => PeerAddress
  readonly connect: (address: PeerAddress, signal: AbortSignal) => Promise<unknown>
  /** The roles of this node towards its peers have changed. */
  readonly onRoles: () => void
  readonly onChange: (status: ReplicatorStatus) => void
}

type Replicator = { -readonly [Name in keyof Stored]: Stored[Name] } & {
  /** Attempts that failed since the peer was connected last. */
  failures: number
  lastError: unknown
  isDialling: boolean
  callOff: (() => void) | undefined
  /** As it was told last, as text. */
  told: string
}

/** What is kept of a replicator. */
export interface Stored {
  readonly peer: string
  readonly addresses: readonly string[]
  readonly collections: readonly string[] | 'all'
  /** The root of each collection of which the peer has everything, in hex. */
  readonly acknowledged: Readonly<Record<string, string>>
  readonly status: ReplicatorStatus['status']
  /** Milliseconds since the epoch. */
  readonly lastStatusChange: number
}

const SETTING = 'replicators'

/** Those that were kept, for `createReplicators`. */
export async function loadReplicators(replica: Pick<Replica, 'setting'>): Promise<readonly Stored[]> {
  const bytes = await replica.setting(SETTING)
  // Written by `encode` alone.
  return bytes === undefined ? [] : (JSON.parse(decodeText(bytes)) as readonly Stored[])
}

export function createReplicators(options: ReplicatorsOptions): Replicators {
  const { replica, interests, roots, clock, retryIntervals, sessionOf, refusalOf } = options
  const replicators = new Map<string, Replicator>()
  for (const stored of options.kept) replicators.set(stored.peer, awake(stored))
  const closing = new AbortController()
  let saving: Promise<void> = Promise.resolve()

  /** Keeps all as they are when their turn comes. What cannot be kept, because the storage is full or closed, costs another comparison. */
  function save(): void {
    saving = saving.then(() => replica.setSetting(SETTING, encode([...replicators.values()]))).catch(() => {})
  }

  function collectionsOf({ collections }: Stored): readonly SharedCollection[] {
    return collections === 'all' ? interests.all() : collections.flatMap((id) => interests.byId(id) ?? [])
  }

  function statusOf(replicator: Replicator): ReplicatorStatus {
    const { peer, addresses, status, lastStatusChange } = replicator
    const session = sessionOf(peer)
    const collections = collectionsOf(replicator)
    const lacking = session === undefined ? [] : collections.filter((collection) => !session.shares(collection))
    const problem = problemOf(replicator, session, lacking)
    return {
      id: peer,
      addresses,
      collections: collections.map(({ name }) => name),
      status,
      lastStatusChange,
      pending: collections.filter((collection) => isPending(replicator, collection)).map(({ name }) => name),
      lacking: lacking.map(({ name }) => name),
      ...(problem === undefined ? {} : { problem }),
    }
  }

  function isPending({ peer, acknowledged }: Stored, collection: SharedCollection): boolean {
    const { collectionId } = collection
    const root = roots.last(collectionId)
    // What a connected peer says now counts more than what it said once.
    if (sessionOf(peer)?.isAcknowledged(collection) === false) return true
    return root === undefined || roots.isUnsettled(collectionId) || acknowledged[collectionId] !== bytesToHex(root)
  }

  function problemOf(
    { peer, failures, lastError }: Replicator,
    session: SyncSession | undefined,
    lacking: readonly SharedCollection[],
  ): string | undefined {
    const refusal = refusalOf(peer)
    if (refusal !== undefined) return `the peer ${refusal}`
    if (session === undefined) return failures === 0 ? 'the peer is not connected' : `the peer cannot be reached: ${messageOf(lastError)}`
    return lacking.length === 0
      ? undefined
      : `the peer has no collection ${lacking.map(({ name }) => quote(name)).join(', ')}; add the same schema there`
  }

  /** Does what the state of a replicator asks for, and tells of what has changed. */
  function tend(replicator: Replicator): void {
    if (closing.signal.aborted || replicators.get(replicator.peer) !== replicator) return
    const session = sessionOf(replicator.peer)
    if (session === undefined) dialLater(replicator, replicator.failures === 0 ? 0 : delayAfter(replicator.failures))
    else {
      replicator.callOff?.()
      replicator.callOff = undefined
      replicator.failures = 0
      acknowledge(replicator, session)
    }
    const isActive = session !== undefined && collectionsOf(replicator).some((collection) => session.shares(collection))
    setStatus(replicator, isActive ? 'active' : 'inactive')
    const status = statusOf(replicator)
    const told = JSON.stringify(status)
    if (told === replicator.told) return
    replicator.told = told
    options.onChange(status)
  }

  function acknowledge(replicator: Replicator, session: SyncSession): void {
    const acknowledged = { ...replicator.acknowledged }
    for (const collection of collectionsOf(replicator)) {
      const root = roots.last(collection.collectionId)
      if (root !== undefined && session.isAcknowledged(collection)) acknowledged[collection.collectionId] = bytesToHex(root)
    }
    if (JSON.stringify(acknowledged) === JSON.stringify(replicator.acknowledged)) return
    replicator.acknowledged = acknowledged
    save()
  }

  function setStatus(replicator: Replicator, status: ReplicatorStatus['status']): void {
    if (replicator.status === status) return
    replicator.status = status
    replicator.lastStatusChange = clock.date()
    save()
  }

  function delayAfter(failures: number): number {
    return (retryIntervals[Math.min(failures, retryIntervals.length) - 1] ?? 0) * 1000
  }

  function dialLater(replicator: Replicator, delay: number): void {
    if (replicator.isDialling || replicator.callOff !== undefined) return
    replicator.callOff = clock.after(delay, () => {
      replicator.callOff = undefined
      void dial(replicator)
    })
  }

  async function dial(replicator: Replicator): Promise<void> {
    replicator.isDialling = true
    try {
      await within(clock, REPLICATOR_DIAL_TIMEOUT, (signal) => dialAny(replicator, signal), closing.signal)
    } catch (error) {
      replicator.failures += 1
      replicator.lastError = error
    }
    replicator.isDialling = false
    tend(replicator)
  }

  async function dialAny({ addresses }: Replicator, signal: AbortSignal): Promise<void> {
    let reason: unknown = new Error('no address of it is known, and no relay knows it')
    for (const address of addresses) {
      try {
        await options.connect(options.parseAddress(address), signal)
        return
      } catch (error) {
        reason = error
      }
    }
    throw reason
  }

  /** Makes the replicator of a peer another one, or none. First it is kept: what was acknowledged outlives a crash, and what could not be kept is not done. */
  async function replace(peer: string, make: (before: Replicator | undefined) => Stored | undefined): Promise<void> {
    const before = replicators.get(peer)
    const stored = make(before)
    const others = [...replicators.values()].filter((other) => other !== before)
    await replica.setSetting(SETTING, encode(stored === undefined ? others : [...others, stored]))
    before?.callOff?.()
    replicators.delete(peer)
    if (stored !== undefined) replicators.set(peer, awake(stored))
    options.onRoles()
    const now = replicators.get(peer)
    if (now !== undefined) tend(now)
  }

  /** Changes take turns, so that each is made of the one before. */
  function takeTurn(change: () => Promise<void>): Promise<void> {
    const changed = saving.then(change)
    saving = changed.catch(() => {})
    return changed
  }

  for (const replicator of replicators.values()) tend(replicator)
  return {
    pushes: (peer, collectionId) => {
      const collections = replicators.get(peer)?.collections
      return collections === 'all' || collections?.includes(collectionId) === true
    },
    has: (peer) => replicators.has(peer),
    isReplicated: (collectionId) =>
      [...replicators.values()].some(({ collections }) => collections === 'all' || collections.includes(collectionId)),
    set: ({ peer, address }, collections) =>
      takeTurn(() =>
        replace(peer, (before) => {
          const addresses = new Set([...(address === undefined ? [] : [address.address.toString()]), ...(before?.addresses ?? [])])
          return {
            peer,
            addresses: [...addresses].slice(0, MAX_ADDRESSES),
            collections: union(before?.collections ?? [], collections),
            acknowledged: before?.acknowledged ?? {},
            status: before?.status ?? 'inactive',
            lastStatusChange: before?.lastStatusChange ?? clock.date(),
          }
        }),
      ),
    delete: (peer, collections) =>
      takeTurn(() =>
        replace(peer, (before) => {
          if (before === undefined) {
            const message = `nothing is replicated to peer "${peer}"; p2p.replicators.getAll() lists the peers`
            throw new DatabaseError('NOT_FOUND', message, { what: 'replicator', id: peer })
          }
          if (collections === 'all') return undefined
          const left = collectionsOf(before).flatMap(({ collectionId }) => (collections.includes(collectionId) ? [] : collectionId))
          return left.length === 0 ? undefined : { ...before, collections: left }
        }),
      ),
    statuses: () => [...replicators.values()].map(statusOf),
    onPeer: (peer) => {
      const replicator = replicators.get(peer)
      if (replicator !== undefined) tend(replicator)
    },
    onCollection: (collectionId) => {
      for (const replicator of replicators.values()) {
        if (replicator.collections === 'all' || replicator.collections.includes(collectionId)) tend(replicator)
      }
    },
    close: () => {
      closing.abort()
      for (const { callOff } of replicators.values()) callOff?.()
    },
  }
}

/** Addresses kept of one target, the latest first. */
const MAX_ADDRESSES = 8

function awake(stored: Stored): Replicator {
  return { ...stored, failures: 0, lastError: undefined, isDialling: false, callOff: undefined, told: '' }
}

function encode(replicators: readonly Stored[]): Uint8Array | undefined {
  if (replicators.length === 0) return undefined
  const kept = replicators.map(({ peer, addresses, collections, acknowledged, status, lastStatusChange }): Stored => {
    return { peer, addresses, collections, acknowledged, status, lastStatusChange }
  })
  return encodeText(JSON.stringify(kept))
}

function union(a: Stored['collections'], b: Stored['collections']): Stored['collections'] {
  return a === 'all' || b === 'all' ? 'all' : [...new Set([...a, ...b])]
}

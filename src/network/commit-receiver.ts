import { cidKey } from '../block/cid.ts'
import { openReplicated, type ReplicatedCommit } from '../block/replicated-commit.ts'
import type { MergeReport, Replica } from '../database/replica.ts'
import { messageOf } from '../errors.ts'
import { COMMITS_PER_MERGE, MAX_UNACKNOWLEDGED_BYTES } from './limits.ts'
import type { Offence } from './offences.ts'

/**
 * Takes commits of one peer and merges them: in the order they came, a batch at a time, while the next ones arrive. A single commit is merged at once;
 * the more come, the larger the batches grow.
 */
export interface CommitReceiver {
  /** Commits of a message of `bytes` bytes. `kind` tells how they came; what came by gossip is not acknowledged. */
  receive(collectionId: string, commits: readonly ReplicatedCommit[], bytes: number, kind: Arrival): void
  /** Resolves when everything received so far is merged or refused. */
  settled(): Promise<void>
  /** Notes from now on which commits are here after their merge, by the keys of their CIDs, until it is ended. */
  track(): Landed
  /** How often commits could not be stored so far. */
  readonly failures: number
  /** How a commit that is being merged came, by its CID's key. */
  arrivalOf(cid: string): Arrival | undefined
}

export interface Landed {
  has(cid: string): boolean
  end(): void
}

/** Sent as it was written, asked for, or passed on by gossip. */
export type Arrival = 'live' | 'asked' | 'gossip'

export interface CommitReceiverOptions {
  readonly peer: string
  readonly replica: Pick<Replica, 'merge'>
  /** Whether the peer is not to be believed any more: what waits of it is let go. */
  readonly isRefused: () => boolean
  /** So many bytes of messages are worked off. */
  readonly onAcknowledge: (bytes: number) => void
  /** Documents of which ancestors are missing; they came live, so the peer has not been asked yet. */
  readonly onMissing: (collectionId: string, docIds: readonly string[]) => void
  /** Commits could not be stored: what was received is lost and must be asked for again. */
  readonly onFailed: (collectionId: string, error: unknown) => void
  readonly onOffence: (offence: Offence, reason: string) => void
}

/** What is merged in one call. */
interface Batch {
  readonly collectionId: string
  readonly commits: ReplicatedCommit[]
  /** Those among them that came without being asked for, by the keys of their CIDs. */
  readonly unasked: Set<string>
  /** Of the messages, and of those among them that the peer counts. */
  bytes: number
  acknowledged: number
}

export function createCommitReceiver(options: CommitReceiverOptions): CommitReceiver {
  const queue: Batch[] = []
  const arrivals = new Map<string, Arrival>()
  const tracked = new Set<Set<string>>()
  let held = 0
  let failures = 0
  let running: Promise<void> | undefined

  async function work(): Promise<void> {
    // It ends in the same moment as it finds the queue empty, so nothing is put there unseen.
    for (let first = queue.shift(); first !== undefined; first = queue.shift()) {
      await merge(first)
      held -= first.bytes
      if (first.acknowledged > 0) options.onAcknowledge(first.acknowledged)
    }
    running = undefined
  }

  async function merge(batch: Batch): Promise<void> {
    const { collectionId, commits } = batch
    try {
      if (!options.isRefused()) report(batch, await options.replica.merge(collectionId, commits, { peer: options.peer }))
    } catch (error) {
      failures += 1
      options.onFailed(collectionId, error)
    } finally {
      for (const { composite } of commits) arrivals.delete(cidKey(composite.cid))
    }
  }

  function report({ collectionId, commits, unasked }: Batch, { rejected, missing }: MergeReport): void {
    if (tracked.size > 0) {
      const absent = new Set([...rejected, ...missing].map(({ cid }) => cidKey(cid)))
      const landed = commits.map(({ composite }) => cidKey(composite.cid)).filter((cid) => !absent.has(cid))
      for (const cids of tracked) for (const cid of landed) cids.add(cid)
    }
    for (const { kind, reason } of rejected) options.onOffence(kind, `a commit was refused: ${reason}`)
    const [asked, others] = [new Set<string>(), new Set<string>()]
    for (const { cid, docId } of missing) (unasked.has(cidKey(cid)) ? others : asked).add(docId)
    if (others.size > 0) options.onMissing(collectionId, [...others])
    // Asking again would go on for as long as the peer likes. Where this node has failed to store something, it looks again by itself.
    if (failures === 0) for (const docId of asked) options.onOffence('refused', `it gives commits of "${docId}" without their ancestors`)
  }

  return {
    receive: (collectionId, commits, bytes, kind) => {
      const acknowledged = kind === 'gossip' ? 0 : bytes
      if (held > MAX_UNACKNOWLEDGED_BYTES) {
        // Whoever passes on what others gossip cannot know. The roots tell of what is let go.
        if (kind !== 'gossip')
          options.onOffence('flood', `more than ${MAX_UNACKNOWLEDGED_BYTES} bytes of commits without an acknowledgement`)
        return
      }
      if (commits.length === 0) {
        if (acknowledged > 0) options.onAcknowledge(acknowledged)
        return
      }
      held += bytes
      const names = commits.map(({ composite }) => cidKey(composite.cid))
      for (const name of names) arrivals.set(name, kind)
      const unasked = kind === 'asked' ? [] : names
      const last = queue.at(-1)
      // Joined as they come: taking many from the front of a long queue would be slower than they come.
      if (last?.collectionId === collectionId && last.commits.length + commits.length <= COMMITS_PER_MERGE) {
        last.commits.push(...commits)
        for (const name of unasked) last.unasked.add(name)
        last.bytes += bytes
        last.acknowledged += acknowledged
      } else {
        queue.push({ collectionId, commits: [...commits], unasked: new Set(unasked), bytes, acknowledged })
      }
      running ??= work()
    },
    settled: () => running ?? Promise.resolve(),
    track: () => {
      const cids = new Set<string>()
      tracked.add(cids)
      return { has: (cid) => cids.has(cid), end: () => tracked.delete(cids) }
    },
    get failures() {
      return failures
    },
    arrivalOf: (cid) => arrivals.get(cid),
  }
}

/** Opens the commits of a message; those that are not what they claim to be are left out, each an offence. */
export function openCommits(
  packed: readonly Uint8Array[],
  onOffence: (offence: Offence, reason: string) => void,
): readonly ReplicatedCommit[] {
  return packed.flatMap((bytes) => {
    try {
      return openReplicated(bytes)
    } catch (error) {
      onOffence('garbage', messageOf(error))
      return []
    }
  })
}

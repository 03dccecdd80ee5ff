import { COMMIT_WINDOW_BYTES, COMMITS_FRAME_BYTES, MAX_COMMITS_PER_FRAME, MAX_LIVE_BACKLOG_BYTES } from './limits.ts'
import { bytesToHex } from '../util/bytes.ts'
import type { SyncChannel } from './sync-channel.ts'

/**
 * Sends commits to one peer: live ones first, no more at a time than the peer has acknowledged room for. So a bulk transfer neither fills the memory of
 * either side nor makes a live commit wait behind megabytes.
 */
export interface CommitSender {
  /** Queues live commits, or lets them go when too many wait already: then the peer is told so once the others have left. */
  sendLive(topic: Uint8Array, commits: readonly Uint8Array[]): void
  /** Queues commits of an answer, and resolves when there is room for more. */
  sendAnswer(request: number, topic: Uint8Array, commits: readonly Uint8Array[]): Promise<void>
  /** Queues the end of an answer, behind its commits, and resolves when there is room for more. */
  endAnswer(request: number, parted: readonly string[]): Promise<void>
  /** The peer has worked off so many bytes; false when it was never sent that many. */
  acknowledged(bytes: number): boolean
  /** The channel is closed: nobody need wait any more. */
  end(): void
}

interface Batch {
  /** 0 for live commits. */
  readonly request: number
  readonly topic: Uint8Array
  readonly commits: readonly Uint8Array[]
  readonly size: number
  /** The answer ends with this batch, which then has no commits. */
  readonly parted?: readonly string[]
}

/** What the end of an answer takes in memory, at least. */
const END_BYTES = 256
const NO_TOPIC = new Uint8Array(0)
/** Answers that are read ahead, so that the storage is read while the channel is busy. */
const READ_AHEAD_BYTES: number = 4 * COMMITS_FRAME_BYTES

export function createCommitSender(channel: SyncChannel): CommitSender {
  const live: Batch[] = []
  const answers: Batch[] = []
  const waiting: (() => void)[] = []
  /** Topics of live commits that were let go. */
  const missed = new Map<string, Uint8Array>()
  let liveSize = 0
  let answersSize = 0
  let inFlight = 0
  let isPumping = false

  function enqueue(queue: Batch[], request: number, topic: Uint8Array, commits: readonly Uint8Array[]): number {
    let total = 0
    for (const batch of inFrames(commits)) {
      queue.push({ request, topic, ...batch })
      total += batch.size
    }
    return total
  }

  async function pump(): Promise<void> {
    if (isPumping) return
    isPumping = true
    while (channel.isOpen && inFlight < COMMIT_WINDOW_BYTES) {
      // Not by the number: a peer may ask under that of live commits.
      const isLive = live.length > 0
      const batch = live.shift() ?? answers.shift()
      if (batch === undefined) break
      if (isLive) liveSize -= batch.size
      else answersSize -= batch.size
      const { request, topic, commits, parted } = batch
      if (parted === undefined) inFlight += channel.send({ type: 'commits', request, topic, commits })
      else channel.send({ type: 'served', request, parted })
      if (answersSize < READ_AHEAD_BYTES) wake()
      if (live.length === 0) tellMissed()
      await channel.drained()
    }
    isPumping = false
  }

  function tellMissed(): void {
    for (const topic of missed.values()) channel.send({ type: 'missed', topic })
    missed.clear()
  }

  function wake(): void {
    for (const resolve of waiting.splice(0)) resolve()
  }

  async function waitFor(isReady: () => boolean): Promise<void> {
    while (channel.isOpen && !isReady()) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    }
  }

  return {
    sendLive: (topic, commits) => {
      if (liveSize > MAX_LIVE_BACKLOG_BYTES) missed.set(bytesToHex(topic), topic)
      else liveSize += enqueue(live, 0, topic, commits)
      void pump()
    },
    sendAnswer: async (request, topic, commits) => {
      answersSize += enqueue(answers, request, topic, commits)
      void pump()
      await waitFor(() => answersSize < READ_AHEAD_BYTES)
    },
    endAnswer: async (request, parted) => {
      const size = END_BYTES + parted.reduce((sum, docId) => sum + docId.length, 0)
      answers.push({ request, topic: NO_TOPIC, commits: [], size, parted })
      answersSize += size
      void pump()
      await waitFor(() => answersSize < READ_AHEAD_BYTES)
    },
    acknowledged: (bytes) => {
      if (bytes > inFlight) return false
      inFlight -= bytes
      void pump()
      return true
    },
    end: wake,
  }
}

/** Commits in order, packed into frames of about the wanted size. */
function* inFrames(commits: readonly Uint8Array[]): Generator<Pick<Batch, 'commits' | 'size'>> {
  let frame: Uint8Array[] = []
  let size = 0
  for (const commit of commits) {
    if (frame.length > 0 && (size + commit.length > COMMITS_FRAME_BYTES || frame.length === MAX_COMMITS_PER_FRAME)) {
      yield { commits: frame, size }
      frame = []
      size = 0
    }
    frame.push(commit)
    size += commit.length
  }
  if (frame.length > 0) yield { commits: frame, size }
}

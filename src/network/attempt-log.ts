import { messageOf } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import { candidateKind, type CandidateKind } from './explain/facts.ts'

/** How far an attempt to connect directly has come, in this order. */
export const ATTEMPT_STAGES = ['dialling', 'relayed', 'signalling', 'offered', 'answered', 'checking', 'connected'] as const
export type AttemptStage = (typeof ATTEMPT_STAGES)[number]

export interface Attempt {
  readonly stage: AttemptStage
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Absent while it runs. */
  readonly milliseconds?: number
  readonly error?: string
  /** Kinds of candidates the peer has sent, and of those this side has; absent where the platform does not tell. */
  readonly remote: readonly CandidateKind[]
  readonly local?: readonly CandidateKind[]
}

/** One attempt under way. */
export interface RunningAttempt {
  /** For `node.dial`. */
  readonly onProgress: (event: { readonly type: string; readonly detail?: unknown }) => void
  end(error?: unknown): void
}

/** Remembers the last attempt to connect to each peer that has ended, or the first one while it runs, for whoever asks why there is no connection. */
export interface AttemptLog {
  begin(peer: string): RunningAttempt
  last(peer: string): Attempt | undefined
}

/** What libp2p's progress events say of how far a dial is. */
const STAGE_BY_EVENT: Readonly<Record<string, AttemptStage>> = {
  'webrtc:dial-relay': 'dialling',
  'webrtc:reuse-relay-connection': 'relayed',
  'webrtc:open-signaling-stream': 'relayed',
  'webrtc:send-sdp-offer': 'signalling',
  'webrtc:read-sdp-answer': 'offered',
  'webrtc:read-ice-candidates': 'answered',
  'webrtc:add-ice-candidate': 'checking',
  'webrtc:end-of-ice-candidates': 'checking',
  'webrtc:close-signaling-stream': 'connected',
}

/** Peers remembered; whoever was tried longest ago is forgotten. */
const MOST_PEERS = 200
/** Candidates of one attempt. */
const MOST_CANDIDATES = 50

/** `localKinds` tells which kinds of candidates this side had for the connection that was given these. */
export function createAttemptLog(
  clock: Pick<Clock, 'now' | 'date'>,
  localKinds: (remote: readonly string[]) => readonly CandidateKind[] | undefined = () => undefined,
): AttemptLog {
  const attempts = new Map<string, Attempt>()
  /** The last that failed, of peers that are being tried again: it says more than one that has just begun. */
  const failed = new Map<string, Attempt>()

  function remember(peer: string, attempt: Attempt): void {
    attempts.delete(peer)
    attempts.set(peer, attempt)
    for (const oldest of attempts.keys()) {
      if (attempts.size <= MOST_PEERS) break
      attempts.delete(oldest)
      failed.delete(oldest)
    }
  }

  return {
    begin: (peer) => {
      const from = clock.now()
      const before = attempts.get(peer)
      if (before?.error !== undefined) failed.set(peer, before)
      const candidates: string[] = []
      let attempt: Attempt = { stage: 'dialling', startedAt: clock.date(), remote: [] }
      remember(peer, attempt)
      const update = (change: Partial<Attempt>): void => {
        attempt = { ...attempt, ...change }
        remember(peer, attempt)
      }
      return {
        onProgress: ({ type, detail }) => {
          const stage = STAGE_BY_EVENT[type]
          if (stage !== undefined && isLater(stage, attempt.stage)) update({ stage })
          if (type !== 'webrtc:add-ice-candidate' || typeof detail !== 'string' || candidates.length >= MOST_CANDIDATES) return
          candidates.push(detail)
          const kind = candidateKind(detail)
          if (kind !== undefined && !attempt.remote.includes(kind)) update({ remote: [...attempt.remote, kind] })
        },
        end: (error) => {
          const local = localKinds(candidates)
          failed.delete(peer)
          update({
            milliseconds: Math.round(clock.now() - from),
            ...(error === undefined ? { stage: 'connected' } : { error: messageOf(error) }),
            ...(local === undefined ? {} : { local }),
          })
        },
      }
    },
    last: (peer) => failed.get(peer) ?? attempts.get(peer),
  }
}

function isLater(stage: AttemptStage, than: AttemptStage): boolean {
  return ATTEMPT_STAGES.indexOf(stage) > ATTEMPT_STAGES.indexOf(than)
}

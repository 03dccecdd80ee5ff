import type { RefusedPeer } from '../database/database.ts'
import type { Clock } from '../util/clock.ts'
import { CUT_OFF_POINTS, FIRST_CUT_OFF, LONGEST_CUT_OFF, MAX_REMEMBERED_OFFENDERS, POINT_FORGIVEN_AFTER } from './limits.ts'

/**
 * What breaking a rule costs. Garbage and forged signatures come from no honest node, which looks at both before it keeps or passes on anything, so a few pieces are
 * enough; a commit that is refused may be one that the peer was handed by somebody else with another version of the schema.
 */
export const POINTS = { garbage: 20, forged: 20, flood: 20, refused: 0.2 } as const

export type Offence = keyof typeof POINTS

/** Remembers what peers did wrong, and cuts those off who do not stop. */
export interface Offences {
  /** A message of the peer was dropped. */
  note(peer: string, offence: Offence, reason: string): void
  /** Messages of this peer that were dropped, and why the last one was. */
  droppedOf(peer: string): { readonly count: number; readonly last: string | undefined }
  /** Whether the peer is to be refused now. */
  isCutOff(peer: string): boolean
  /** All that are. */
  cutOff(): readonly RefusedPeer[]
}

interface Record {
  dropped: number
  lastReason: string | undefined
  points: number
  /** When the points were counted last. */
  at: number
  cutOffs: number
  cutOffUntil: number
}

export interface OffencesOptions {
  readonly onDropped: (peer: string, reason: string) => void
  readonly onCutOff: (peer: RefusedPeer) => void
  readonly clock: Pick<Clock, 'now' | 'date'>
}

/** A peer has its share in the words of a reason. */
const LONGEST_REASON = 300

export function createOffences({ onDropped, onCutOff, clock }: OffencesOptions): Offences {
  const records = new Map<string, Record>()

  function recordOf(peer: string): Record {
    const record = records.get(peer) ?? { dropped: 0, lastReason: undefined, points: 0, at: clock.now(), cutOffs: 0, cutOffUntil: 0 }
    // Put last: the map forgets whoever was quiet for longest.
    records.delete(peer)
    records.set(peer, record)
    const [oldest] = records.keys()
    if (records.size > MAX_REMEMBERED_OFFENDERS && oldest !== undefined) records.delete(oldest)
    return record
  }

  function refusedPeer(id: string, { lastReason = '', cutOffUntil }: Record): RefusedPeer {
    return { id, reason: lastReason, until: clock.date() + cutOffUntil - clock.now() }
  }

  return {
    note: (peer, offence, reason) => {
      const record = recordOf(peer)
      const time = clock.now()
      record.dropped += 1
      record.lastReason = reason.slice(0, LONGEST_REASON)
      record.points = Math.max(0, record.points - (time - record.at) / POINT_FORGIVEN_AFTER) + POINTS[offence]
      record.at = time
      onDropped(peer, reason)
      if (record.points < CUT_OFF_POINTS || record.cutOffUntil > time) return
      record.cutOffUntil = time + Math.min(FIRST_CUT_OFF * 2 ** record.cutOffs, LONGEST_CUT_OFF)
      record.cutOffs += 1
      record.points = 0
      onCutOff(refusedPeer(peer, record))
    },
    droppedOf: (peer) => {
      const record = records.get(peer)
      return { count: record?.dropped ?? 0, last: record?.lastReason }
    },
    isCutOff: (peer) => (records.get(peer)?.cutOffUntil ?? 0) > clock.now(),
    cutOff: () =>
      [...records].filter(([, { cutOffUntil }]) => cutOffUntil > clock.now()).map(([peer, record]) => refusedPeer(peer, record)),
  }
}

import type { Clock } from '../src/util/clock.ts'
import { LOG_LINE_EVERY } from './options.ts'

/** How much a line matters. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type Log = (level: LogLevel, text: string) => void

/** Everything a relay refuses, cuts or drops, by reason: what is said of it. Counted under this name in the metrics. */
export const REASONS = {
  'not-allowed': 'a peer is not on the allow-list',
  'connections-in-all': 'the relay has as many connections as it may have (--max-connections)',
  'connections-of-peer': 'a peer has more connections than it may have, and its oldest is closed (--max-connections-per-peer)',
  'connections-of-address': 'more connections a second come from one address than may (--connections-per-second)',
  'connections-pending': 'too many connections are being made at once (--max-pending-connections)',
  'reservations-in-all': 'the relay has given all its reservations (--max-reservations)',
  'requests-of-peer': 'a peer asks for reservations and circuits too often (--requests-per-second)',
  'circuits-in-all': 'the relay has as many circuits as it may have (--max-circuits)',
  'circuits-of-peer': 'a peer has as many circuits as it may have (--max-circuits-per-peer)',
  'bytes-of-circuit': 'a circuit has carried as much as it may (--max-circuit-bytes)',
  'age-of-circuit': 'a circuit is as old as it may become, or its reservation has ended (--max-circuit-hours)',
  'bytes-of-peer': 'a peer sends more through the relay than it may (--peer-bytes-per-second)',
  'bytes-in-all': 'more flows through the relay than may (--bytes-per-second)',
  'streams-of-peer': 'a peer has too many streams to the who-protocol',
  'messages-of-peer': 'a peer sends more messages to the who-protocol than it may',
  'message-wrong': 'a peer sends what the who-protocol does not have',
  'stun-of-address': 'more STUN requests come from one address than are answered',
  'stun-in-all': 'more STUN requests come than are answered',
  'stun-wrong': 'a packet at the STUN port is no binding request',
} as const
export type Reason = keyof typeof REASONS

/** Counts what is refused, and says so now and then: whoever runs the relay learns of a limit that is too low, and a flood does not fill his disk. */
export interface Tally {
  note(reason: Reason, about?: string): void
  counts(): Readonly<Record<Reason, number>>
}

export function createTally(log: Log, clock: Pick<Clock, 'now'>): Tally {
  const counts = Object.fromEntries(Object.keys(REASONS).map((reason) => [reason, 0])) as Record<Reason, number>
  const toldByReason = new Map<Reason, { readonly at: number; readonly count: number }>()
  return {
    counts: () => ({ ...counts }),
    note: (reason, about) => {
      counts[reason] += 1
      const told = toldByReason.get(reason)
      const now = clock.now()
      if (told !== undefined && now - told.at < LOG_LINE_EVERY) return
      toldByReason.set(reason, { at: now, count: counts[reason] })
      const untold = counts[reason] - (told?.count ?? 0) - 1
      log('warn', `${REASONS[reason]}${about === undefined ? '' : `: ${about}`}${untold === 0 ? '' : `, and ${untold} times before`}`)
    },
  }
}

import type { Clock } from '../util/clock.ts'
import { MESSAGE_BYTES_AT_ONCE, MESSAGE_BYTES_PER_SECOND, MESSAGES_AT_ONCE, MESSAGES_PER_SECOND } from './limits.ts'
import type { SyncMessage } from './messages.ts'

/** What one peer may say without being asked: so much at once, and so much in the long run. */
export interface MessageBudget {
  /** False when the message is more than the peer may say now. */
  take(type: SyncMessage['type'], bytes: number): boolean
}

/** Answers are bounded by the questions, and commits by what is acknowledged. */
const ANSWERS: ReadonlySet<SyncMessage['type']> = new Set(['commits', 'differ', 'served', 'pong'])
/** Questions are bounded by how many may be open; a large one is honest. */
const QUESTIONS: ReadonlySet<SyncMessage['type']> = new Set(['compare', 'want'])

export function createMessageBudget(clock: Pick<Clock, 'now'>): MessageBudget {
  const messages = createBucket(clock, MESSAGES_AT_ONCE, MESSAGES_PER_SECOND)
  const size = createBucket(clock, MESSAGE_BYTES_AT_ONCE, MESSAGE_BYTES_PER_SECOND)
  return {
    take: (type, bytes) => ANSWERS.has(type) || (messages(1) && (QUESTIONS.has(type) || size(bytes))),
  }
}

/** Takes from a bucket that fills by itself; false when it does not hold so much. */
export function createBucket(clock: Pick<Clock, 'now'>, most: number, perSecond: number): (amount: number) => boolean {
  let left = most
  let at = clock.now()
  return (amount) => {
    const now = clock.now()
    left = Math.min(most, left + ((now - at) / 1000) * perSecond)
    at = now
    if (amount > left) return false
    left -= amount
    return true
  }
}

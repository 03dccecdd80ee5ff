import { DatabaseError } from '../errors.ts'
import { compareBytes } from '../util/bytes.ts'
import type { MergeRule } from './merge-rule.ts'

/**
 * Last writer wins: the higher priority; between equal ones the lexicographically greater value bytes. Null is the value `f6` like any other, so a tie
 * with it is decided too.
 */
export const LWW: MergeRule = {
  deltaKind: 'lww',
  apply(current, delta) {
    if (delta.kind !== 'lww') {
      throw new DatabaseError('CORRUPT_DATA', `field "${delta.fieldName}" is a register, but a ${delta.kind} block arrived for it`, {
        what: 'block',
      })
    }
    const { data, priority } = delta
    if (current === undefined || priority > current.priority) return { data, priority }
    if (priority < current.priority) return current
    return compareBytes(data, current.data) > 0 ? { data, priority } : current
  },
}

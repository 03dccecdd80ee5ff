import { comparison } from './comparison.ts'
import type { Operator } from './operator.ts'

/** Greater. */
export const GT: Operator = comparison({ name: '_gt', accepts: (difference) => difference > 0, withNull: (value) => value !== null })

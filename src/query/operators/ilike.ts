import type { Operator } from './operator.ts'
import { pattern } from './pattern.ts'

/** Matches the pattern, upper and lower case alike. */
export const ILIKE: Operator = pattern({ name: '_ilike', ignoreCase: true, negated: false })

import type { Operator } from './operator.ts'
import { pattern } from './pattern.ts'

/** Matches the pattern: `%` stands for any characters. */
export const LIKE: Operator = pattern({ name: '_like', ignoreCase: false, negated: false })

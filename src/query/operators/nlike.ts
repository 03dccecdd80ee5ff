import type { Operator } from './operator.ts'
import { pattern } from './pattern.ts'

/** Does not match the pattern; what has no text does not. */
export const NLIKE: Operator = pattern({ name: '_nlike', ignoreCase: false, negated: true })

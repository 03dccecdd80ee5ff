import type { Operator } from './operator.ts'
import { pattern } from './pattern.ts'

/** Does not match the pattern, upper and lower case alike. */
export const NILIKE: Operator = pattern({ name: '_nilike', ignoreCase: true, negated: true })

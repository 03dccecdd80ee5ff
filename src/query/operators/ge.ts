import { comparison, valuesFrom } from './comparison.ts'
import type { Operator } from './operator.ts'

/** Greater or equal. */
export const GE: Operator = comparison({
  name: '_ge',
  accepts: (difference) => difference >= 0,
  withNull: () => true,
  seekWithNull: undefined,
  stretch: valuesFrom(true),
})

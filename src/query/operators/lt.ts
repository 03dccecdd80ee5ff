import { comparison, valuesTo } from './comparison.ts'
import type { Operator } from './operator.ts'

/** Less. */
export const LT: Operator = comparison({
  name: '_lt',
  accepts: (difference) => difference < 0,
  withNull: () => false,
  seekWithNull: { among: [] },
  stretch: valuesTo(false),
})

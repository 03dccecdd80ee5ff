import { comparison, valuesTo } from './comparison.ts'
import type { Operator } from './operator.ts'

/** Less or equal. */
export const LE: Operator = comparison({
  name: '_le',
  accepts: (difference) => difference <= 0,
  withNull: (value) => value === null,
  seekWithNull: { among: [null] },
  stretch: valuesTo(true),
})

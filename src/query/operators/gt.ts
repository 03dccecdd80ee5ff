import { comparison, valuesFrom } from './comparison.ts'
import type { Operator } from './operator.ts'
import { NOT_NULL } from './seek.ts'

/** Greater. */
export const GT: Operator = comparison({
  name: '_gt',
  accepts: (difference) => difference > 0,
  withNull: (value) => value !== null,
  seekWithNull: NOT_NULL,
  stretch: valuesFrom(false),
})

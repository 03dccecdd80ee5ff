import { equalTo } from './equality.ts'
import { EVERY_SCALAR, type Operator } from './operator.ts'

/** Equal; `_eq: null` finds what has no value. */
export const EQ: Operator = {
  name: '_eq',
  scalars: EVERY_SCALAR,
  operand: 'value',
  compile: equalTo,
  seek: (operand) => ({ among: [operand] }),
}

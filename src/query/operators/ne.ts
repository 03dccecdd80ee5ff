import { equalTo } from './equality.ts'
import { EVERY_SCALAR, type Operator } from './operator.ts'

/** Not equal; what has no value is unequal to every value. */
export const NE: Operator = {
  name: '_ne',
  scalars: EVERY_SCALAR,
  operand: 'value',
  compile: (operand, scalar) => {
    const isEqual = equalTo(operand, scalar)
    return (value) => !isEqual(value)
  },
}

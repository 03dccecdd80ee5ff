import { isAmong } from './in.ts'
import { EVERY_SCALAR, type Operator } from './operator.ts'

/** Equal to none of the list. */
export const NIN: Operator = {
  name: '_nin',
  scalars: EVERY_SCALAR,
  operand: 'list',
  compile: (operand, scalar) => {
    const isListed = isAmong(operand, scalar)
    return (value) => !isListed(value)
  },
}

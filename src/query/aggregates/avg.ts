import type { Aggregate } from './aggregate.ts'
import { meanOf, numbersOf } from './numbers.ts'

/** The mean of what is a number; of nothing it is 0. */
export const AVG: Aggregate = {
  name: '_avg',
  node: 'averageNode',
  over: 'numbers',
  reduce: (values) => {
    const numbers = numbersOf(values)
    return numbers.length === 0 ? 0 : meanOf(numbers)
  },
}

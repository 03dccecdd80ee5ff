import type { Aggregate } from './aggregate.ts'
import { numbersOf } from './numbers.ts'

/** The smallest; of nothing it is null. */
export const MIN: Aggregate = {
  name: '_min',
  node: 'minNode',
  over: 'numbers',
  reduce: (values) =>
    numbersOf(values).reduce<number | bigint | null>((best, number) => (best === null || number < best ? number : best), null),
}

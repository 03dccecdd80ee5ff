import type { Aggregate } from './aggregate.ts'
import { numbersOf } from './numbers.ts'

/** The largest; of nothing it is null. */
export const MAX: Aggregate = {
  name: '_max',
  node: 'maxNode',
  over: 'numbers',
  reduce: (values) =>
    numbersOf(values).reduce<number | bigint | null>((best, number) => (best === null || number > best ? number : best), null),
}

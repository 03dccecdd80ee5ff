import type { Aggregate } from './aggregate.ts'
import { numbersOf, sumOf } from './numbers.ts'

/** The sum; of nothing it is 0. */
export const SUM: Aggregate = { name: '_sum', node: 'sumNode', over: 'numbers', reduce: (values) => sumOf(numbersOf(values)) }

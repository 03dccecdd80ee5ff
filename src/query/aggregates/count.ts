import type { Aggregate } from './aggregate.ts'

/** How many there are, nulls included. */
export const COUNT: Aggregate = { name: '_count', node: 'countNode', over: 'rows', reduce: (values) => values.length }

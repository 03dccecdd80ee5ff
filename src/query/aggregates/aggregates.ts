import type { Aggregate } from './aggregate.ts'
import { AVG } from './avg.ts'
import { COUNT } from './count.ts'
import { MAX } from './max.ts'
import { MIN } from './min.ts'
import { SUM } from './sum.ts'

/** Every aggregate. The GraphQL types and the planner read this table. */
export const AGGREGATES: readonly Aggregate[] = [AVG, COUNT, MAX, MIN, SUM]

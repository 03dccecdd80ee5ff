import { COMPUTED_FILTER } from './computed-filter.ts'
import { GROUP } from './group.ts'
import type { PlanNode } from './node.ts'
import { ORDER } from './order.ts'
import { SLICE } from './slice.ts'

/** The steps between reading and showing, in the order in which they run. */
export const NODES: readonly PlanNode[] = [GROUP, COMPUTED_FILTER, ORDER, SLICE]

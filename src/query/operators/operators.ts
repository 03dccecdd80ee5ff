import { ALL } from './all.ts'
import { ANY } from './any.ts'
import { EQ } from './eq.ts'
import { GE } from './ge.ts'
import { GT } from './gt.ts'
import { ILIKE } from './ilike.ts'
import { IN } from './in.ts'
import { LE } from './le.ts'
import { LIKE } from './like.ts'
import { LIST_EQ, LIST_NE } from './list-equality.ts'
import { LT } from './lt.ts'
import { NE } from './ne.ts'
import { NILIKE } from './nilike.ts'
import { NIN } from './nin.ts'
import { NLIKE } from './nlike.ts'
import { NONE } from './none.ts'
import type { ListOperator, Operator, WholeListOperator } from './operator.ts'

/** Every operator on values. The GraphQL types and the filter compiler read this table. */
export const OPERATORS: readonly Operator[] = [EQ, NE, GT, GE, LT, LE, IN, NIN, LIKE, NLIKE, ILIKE, NILIKE]

/** Every operator on the elements of lists. */
export const LIST_OPERATORS: readonly ListOperator[] = [ANY, ALL, NONE]

/** Every operator on lists as a whole. */
export const WHOLE_LIST_OPERATORS: readonly WholeListOperator[] = [LIST_EQ, LIST_NE]

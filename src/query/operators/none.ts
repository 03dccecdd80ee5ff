import { isList } from '../../document/json-value.ts'
import type { ListOperator } from './operator.ts'

/** No element passes: the opposite of `_any`, also for what is no list. */
export const NONE: ListOperator = { name: '_none', compile: (test) => (value) => !(isList(value) && value.some(test)) }

import { isList } from '../../document/json-value.ts'
import type { ListOperator } from './operator.ts'

/** No element passes; null has none. What is neither a list nor null does not pass. */
export const NONE: ListOperator = { name: '_none', compile: (test) => (value) => value === null || (isList(value) && !value.some(test)) }

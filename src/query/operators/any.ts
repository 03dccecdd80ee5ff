import { isList } from '../../document/json-value.ts'
import type { ListOperator } from './operator.ts'

/** At least one element passes. */
export const ANY: ListOperator = { name: '_any', needs: ['element'], compile: (test) => (value) => isList(value) && value.some(test) }

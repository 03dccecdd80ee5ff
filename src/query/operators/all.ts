import { isList } from '../../document/json-value.ts'
import type { ListOperator } from './operator.ts'

/** Every element passes, so an empty list does; what is no list does not. */
export const ALL: ListOperator = {
  name: '_all',
  needs: ['element', 'empty'],
  compile: (test) => (value) => isList(value) && value.every(test),
}

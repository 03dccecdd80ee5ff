import { isList } from '../../document/json-value.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'
import { equalTo } from './equality.ts'
import type { ValueTest, WholeListOperator } from './operator.ts'

/** The same elements in the same order; null finds what has no list. */
export const LIST_EQ: WholeListOperator = { name: '_eq[]', compile: equalToList }

/** Not the same list; what has no list is unlike every list. */
export const LIST_NE: WholeListOperator = {
  name: '_ne[]',
  compile: (operand, scalar) => {
    const isEqual = equalToList(operand, scalar)
    return (value) => !isEqual(value)
  },
}

function equalToList(operand: DocumentValue, scalar: Scalar): ValueTest {
  if (!isList(operand)) return (value) => value === operand
  const tests = operand.map((element) => equalTo(element, scalar))
  return (value) => isList(value) && value.length === tests.length && tests.every((test, index) => test(value[index] ?? null))
}

import { isList } from '../../document/json-value.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'
import { equalTo, SAME_WHEN_EQUAL } from './equality.ts'
import { EVERY_SCALAR, type Operator, type ValueTest } from './operator.ts'

/** Equal to one of the list; null may be in it. Nothing is in a list that is null. */
export const IN: Operator = {
  name: '_in',
  scalars: EVERY_SCALAR,
  operand: 'list',
  compile: isAmong,
  seek: (operand) => ({ among: isList(operand) ? operand : [] }),
}

/** The test for being equal to one of a list. */
export function isAmong(operand: DocumentValue, scalar: Scalar): ValueTest {
  if (isList(operand) && SAME_WHEN_EQUAL.has(scalar)) {
    const values = new Set(operand)
    return (value) => values.has(value)
  }
  const tests = isList(operand) ? operand.map((element) => equalTo(element, scalar)) : []
  return (value) => tests.some((test) => test(value))
}

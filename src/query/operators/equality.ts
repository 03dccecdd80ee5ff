import { compareScalars } from '../../document/value.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import type { Scalar } from '../../schema/kinds.ts'
import type { ValueTest } from './operator.ts'

/** Scalars whose values are equal only when they are the same; the others (times, numbers, trees) have several spellings of one value. */
export const SAME_WHEN_EQUAL: ReadonlySet<Scalar> = new Set(['ID', 'Boolean', 'String', 'Blob'])

/** The test for being equal to `operand`. */
export function equalTo(operand: DocumentValue, scalar: Scalar): ValueTest {
  if (operand === null || SAME_WHEN_EQUAL.has(scalar)) return (value) => value === operand
  return (value) => value === operand || (value !== null && compareScalars(scalar, value, operand) === 0)
}

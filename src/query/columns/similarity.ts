import { isList } from '../../document/json-value.ts'
import { DatabaseError } from '../../errors.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import { isPlainObject } from '../filter/value-condition.ts'
import { mapCells } from '../plan/execution.ts'
import type { PlanScope } from '../plan/scope.ts'
import type { RequestField } from '../request/request-field.ts'
import { fieldReader } from '../row.ts'
import type { Column } from './column.ts'

/** `_similarity(field: { vector: [...] })`: the dot product of a list of numbers and the given vector; null where the document has no list. */
export function similarityColumn(field: RequestField, { collection }: PlanScope): Column {
  const [given, ...others] = Object.entries(field.arguments)
  const [name, argument] = given ?? []
  const kind = collection.fields.find((candidate) => candidate.name === name)?.kind
  const vector: unknown = isPlainObject(argument) ? argument['vector'] : undefined
  if (name === undefined || kind?.type !== 'value' || !Array.isArray(vector) || others.length > 0) {
    throw new DatabaseError(
      'INVALID_REQUEST',
      '"_similarity" takes one list field with the vector to compare it with: { vector: [1, 0] }',
      {},
    )
  }
  const weights = vector.map(Number)
  const read = fieldReader(name, kind)
  return { key: field.key, isOfRow: true, read: (rows, execution) => mapCells(rows, execution, (row) => dotProduct(read(row), weights)) }
}

function dotProduct(value: DocumentValue, weights: readonly number[]): number | null {
  if (!isList(value)) return null
  if (value.length !== weights.length) {
    const message = `source and vector must be of the same length. Source: ${value.length}, Vector: ${weights.length}`
    throw new DatabaseError('INVALID_REQUEST', message, {})
  }
  return value.reduce((sum: number, element, index) => sum + Number(element) * (weights[index] ?? 0), 0)
}

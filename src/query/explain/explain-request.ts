import { createWorkLog } from '../plan/work.ts'
import type { Execution } from '../plan/execution.ts'
import { toFieldError } from '../request/request-error.ts'
import type { RequestField } from '../request/request-field.ts'
import type { RequestError, RequestResult } from '../result.ts'
import { planRoot } from '../roots/roots.ts'
import type { ExplainType } from './directive.ts'
import type { Graph } from './graph.ts'

/** The plan of an operation in the place of its result: `{ explain: { operationNode: [...] } }`, one graph for each root field that is not about the schema. */
export async function explainRequest(fields: readonly RequestField[], type: ExplainType, execution: Execution): Promise<RequestResult> {
  const planned = fields
    .filter(({ name }) => !name.startsWith('__'))
    .map((field) => ({ field, root: planRoot(field, execution.collections) }))
  if (type !== 'execute') return { data: { explain: { operationNode: planned.map(({ root }) => root.explain({ type })) } } }
  const work = createWorkLog()
  const errors: RequestError[] = []
  for (const { field, root } of planned) {
    try {
      if (errors.length === 0) await root.run({ ...execution, work })
    } catch (error) {
      errors.push(toFieldError(error, field))
    }
  }
  const operationNode = planned.map(({ root }) => root.explain({ type, work }))
  return { data: { explain: { ...outcome(errors), operationNode } }, ...(errors.length === 0 ? {} : { errors }) }
}

/** One result is made of a whole operation, and asked for once more in vain. */
function outcome(errors: readonly RequestError[]): Graph {
  const sizeOfResult = errors.length === 0 ? 1 : 0
  const failed = errors.length === 0 ? {} : { executionErrors: errors.map(({ message }) => message) }
  return { executionSuccess: errors.length === 0, ...failed, sizeOfResult, planExecutions: sizeOfResult + 1 }
}

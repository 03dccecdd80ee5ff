import { DirectiveLocation, getDirectiveValues, GraphQLDirective, GraphQLEnumType, type OperationDefinitionNode } from 'graphql'

import type { VariableValues } from '../request/request-field.ts'
import type { ExplainMode } from './graph.ts'

/** `@explain(type:)` of an operation. */
export type ExplainType = ExplainMode['type']

const TYPES: readonly ExplainType[] = ['simple', 'execute', 'debug']

/** Makes the directive for one GraphQL schema. */
export function createExplainDirective(): GraphQLDirective {
  const type = new GraphQLEnumType({
    name: 'ExplainType',
    values: {
      simple: { description: 'The plan, with what each of its nodes is asked for; nothing runs.' },
      execute: { description: 'The plan with what each of its nodes has done; the operation runs, mutations as well.' },
      debug: { description: 'The nodes of the plan alone; nothing runs.' },
    } satisfies Record<ExplainType, unknown>,
  })
  return new GraphQLDirective({
    name: 'explain',
    description: 'Answers with the plan of the operation in the place of its result.',
    locations: [DirectiveLocation.QUERY, DirectiveLocation.MUTATION],
    args: { type: { type, default: { value: 'simple' } } },
  })
}

/** What an operation wants to know of its plan; `undefined` when it wants its result. */
export function explainTypeOf(
  directive: GraphQLDirective | null | undefined,
  operation: OperationDefinitionNode,
  variables: VariableValues,
): ExplainType | undefined {
  const values = directive === null || directive === undefined ? undefined : getDirectiveValues(directive, operation, variables)
  if (values === undefined) return undefined
  return TYPES.find((type) => type === values['type']) ?? 'simple'
}

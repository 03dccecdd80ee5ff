import { executeSync, Kind, type GraphQLSchema, type OperationDefinitionNode } from 'graphql'

import type { RequestOptions } from '../result.ts'
import type { ParsedRequest } from './parse-request.ts'
import type { RequestField } from './request-field.ts'

/** Answers the fields that ask for the schema itself, all with one call of the library. */
export function introspect(
  schema: GraphQLSchema,
  { document, operation, fields }: Extract<ParsedRequest, { kind: 'ready' }>,
  { variables = {} }: RequestOptions,
): (field: RequestField) => unknown {
  const nodes = fields.flatMap((field) => (field.name.startsWith('__') ? field.nodes : []))
  if (nodes.length === 0) return () => null
  const asking: OperationDefinitionNode = { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: nodes } }
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  const { data } = executeSync({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [asking, ...fragments] },
    variableValues: variables,
  })
  return ({ key }) => data?.[key] ?? null
}

import {
  getVariableValues,
  GraphQLError,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'

import { explainTypeOf, type ExplainType } from '../explain/directive.ts'
import { dialectOf } from '../dialect/spoken-in.ts'
import type { RequestOptions } from '../result.ts'
import type { ParsedText } from './parsed-texts.ts'
import type { QueryLimits } from '../limits.ts'
import { checkVariables } from './check-variables.ts'
import { collectFields, type RequestField } from './request-field.ts'
import { withKnownWords } from './validation.ts'

/** One operation, ready to be planned, or what is wrong with the request. */
export type ParsedRequest =
  | {
      readonly kind: 'ready'
      readonly operation: OperationDefinitionNode
      readonly fields: readonly RequestField[]
      readonly document: DocumentNode
      /** What is wanted is not the result but the plan. */
      readonly explain: ExplainType | undefined
    }
  | { readonly kind: 'failed'; readonly errors: readonly unknown[] }

/** Chooses the operation of a parsed text and resolves its variables. Never throws for what the request is to blame for. */
export function parseRequest(schema: GraphQLSchema, text: ParsedText, options: RequestOptions, limits: QueryLimits): ParsedRequest {
  if (text.kind === 'failed') return text
  const { document } = text
  try {
    const operation = chooseOperation(document, options.operationName)
    const type = schema.getRootType(operation.operation)
    if (type === undefined || type === null) throw new GraphQLError(`There is no ${operation.operation} here.`, { nodes: operation })
    checkVariables(options.variables ?? {}, limits)
    const variables = getVariableValues(schema, operation.variableDefinitions ?? [], options.variables ?? {})
    if (variables.errors !== undefined) return { kind: 'failed', errors: variables.errors.map((error) => withKnownWords(error, schema)) }
    const explain = explainTypeOf(schema.getDirective('explain'), operation, variables.variableValues)
    const scope = { fragments: fragmentsOf(document), variables: variables.variableValues, dialect: dialectOf(schema) }
    return { kind: 'ready', operation, document, fields: collectFields(type, [operation.selectionSet], scope), explain }
  } catch (error) {
    return { kind: 'failed', errors: [error] }
  }
}

/** The operation of this name, or the only one. @throws GraphQLError */
export function chooseOperation(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  const [first] = operations
  if (name !== undefined && name !== '') {
    const named = operations.find((operation) => operation.name?.value === name)
    if (named !== undefined) return named
    const known = operations.map((operation) => `"${operation.name?.value ?? ''}"`).join(', ')
    throw new GraphQLError(`Unknown operation named "${name}". The request has ${known}.`)
  }
  if (first === undefined) throw new GraphQLError('Must provide an operation.')
  if (operations.length > 1)
    throw new GraphQLError('Must provide operation name if query contains multiple operations.', { nodes: operations })
  return first
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  )
}

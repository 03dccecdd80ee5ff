import {
  getVariableValues,
  GraphQLError,
  Kind,
  parse,
  print,
  validate,
  visit,
  BREAK,
  type ArgumentNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'

import type { RequestOptions } from '../result.ts'
import { collectFields, type RequestField } from './request-field.ts'

/** One operation, ready to be planned, or what is wrong with the request. */
export type ParsedRequest =
  | {
      readonly kind: 'ready'
      readonly operation: OperationDefinitionNode
      readonly fields: readonly RequestField[]
      readonly document: DocumentNode
    }
  | { readonly kind: 'failed'; readonly errors: readonly unknown[] }

/** A request that creates some ten thousand documents has this many; beyond it is nonsense or an attack. */
const MOST_TOKENS = 2_000_000

/** What of an argument a message shows: enough to find it. */
const LONGEST_ARGUMENT = 200

/** Parses and validates the text, chooses the operation and resolves its variables. Never throws for what the request is to blame for. */
export function parseRequest(schema: GraphQLSchema, text: string, options: RequestOptions): ParsedRequest {
  try {
    const document = parse(text, { maxTokens: MOST_TOKENS })
    const problems = validate(schema, document)
    if (problems.length > 0) return { kind: 'failed', errors: problems.map((problem) => withArgument(problem, document)) }
    const operation = chooseOperation(document, options.operationName)
    const type = schema.getRootType(operation.operation)
    if (type === undefined || type === null) throw new GraphQLError(`there is no ${operation.operation} here`, { nodes: operation })
    const variables = getVariableValues(schema, operation.variableDefinitions ?? [], options.variables ?? {})
    if (variables.errors !== undefined) return { kind: 'failed', errors: variables.errors }
    const scope = { fragments: fragmentsOf(document), variables: variables.variableValues }
    return { kind: 'ready', operation, document, fields: collectFields(type, [operation.selectionSet], scope) }
  } catch (error) {
    return { kind: 'failed', errors: [isStackOverflow(error) ? new GraphQLError('the request is nested too deeply') : error] }
  }
}

function chooseOperation(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
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

/** Names the argument in which a value is wrong: the library's message only shows the innermost value. */
function withArgument(error: GraphQLError, document: DocumentNode): GraphQLError {
  const value = error.nodes?.[0]
  const start = value?.loc?.start
  const end = value?.loc?.end
  if (start === undefined || end === undefined || value?.kind.endsWith('Value') !== true) return error
  let argument: ArgumentNode | undefined
  visit(document, {
    Argument: (node) => {
      if ((node.loc?.start ?? end) > start || (node.loc?.end ?? 0) < end) return undefined
      argument = node
      return BREAK
    },
  })
  if (argument === undefined) return error
  const written = print(argument.value)
  const shown = written.length > LONGEST_ARGUMENT ? `${written.slice(0, LONGEST_ARGUMENT)}…` : written
  const message = `Argument "${argument.name.value}" has invalid value ${shown}. ${error.message}`
  return new GraphQLError(message, { nodes: error.nodes, originalError: error.originalError })
}

/** Engines differ in what they throw when the call stack ends; none gives it a type. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.name === 'InternalError')
}

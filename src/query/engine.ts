import { executeSync, Kind, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql'

import type { DocumentRecord } from '../document/record.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { queryCollections, type QueryCollections } from './collections.ts'
import { compileFilter } from './filter/compile-filter.ts'
import { NO_FACTS } from './filter/condition.ts'
import { buildSchema } from './graphql/build-schema.ts'
import { collectFailures } from './plan/collect-failures.ts'
import type { Execution } from './plan/execution.ts'
import { parseRequest } from './request/parse-request.ts'
import { toRequestError } from './request/request-error.ts'
import type { RequestField } from './request/request-field.ts'
import type { RequestError, RequestOptions, RequestResult } from './result.ts'
import { planRoot } from './roots/roots.ts'
import type { QuerySource } from './source.ts'

/** GraphQL over one set of collections. Made anew when the set changes; holds no state of requests. */
export interface QueryEngine {
  /** Runs one operation against `source`. Resolves with `errors` for whatever is wrong with the request; never rejects. */
  execute(request: string, source: QuerySource, options?: RequestOptions): Promise<RequestResult>
  /**
   * The predicate of a filter in the form GraphQL has it (`{ age: { _gt: 3 } }`), on stored values alone.
   *
   * @throws INVALID_REQUEST, UNSUPPORTED for a filter that asks for related documents
   */
  compileFilter(collection: CollectionVersion, filter: unknown): (record: DocumentRecord, docId: string) => boolean
}

/** The query engine of these collections; inactive versions and embedded types are not queried. */
export function createQueryEngine(versions: readonly CollectionVersion[]): QueryEngine {
  const collections = queryCollections(versions)
  // Most databases open without a request following at once, and the schema of many collections takes milliseconds.
  let schema: GraphQLSchema | undefined
  return {
    execute: async (request, source, options = {}) => {
      try {
        schema ??= buildSchema(collections)
        return await executeRequest(schema, collections, request, source, options)
      } catch (error) {
        return { data: null, errors: [toRequestError(error)] }
      }
    },
    compileFilter: (collection, filter) => {
      const condition = compileFilter(collections, collection, filter)
      if (condition.relations.length > 0) {
        const message = `this filter of "${collection.name}" asks for related documents, which only GraphQL can read; use an update or delete mutation`
        throw new DatabaseError('UNSUPPORTED', message, { feature: 'relation filters outside GraphQL' })
      }
      return (record, docId) => condition.test({ record, docId }, NO_FACTS)
    },
  }
}

async function executeRequest(
  schema: GraphQLSchema,
  collections: QueryCollections,
  text: string,
  source: QuerySource,
  options: RequestOptions,
): Promise<RequestResult> {
  const request = parseRequest(schema, text, options)
  if (request.kind === 'failed') return { data: null, errors: request.errors.map((error) => toRequestError(error)) }
  const execution: Execution = { source, collections, signal: options.signal }
  const data: Record<string, unknown> = {}
  const errors: RequestError[] = []
  const introspected = introspect(schema, request.document, request.operation, request.fields, options)
  for (const field of request.fields) {
    if (options.signal?.aborted === true) return { data: null, errors: [aborted(options.signal)] }
    const known = field.name.startsWith('__') ? introspected(field) : undefined
    if (known !== undefined) {
      data[field.key] = known.value
      continue
    }
    try {
      data[field.key] = collectFailures(await planRoot(field, collections).run(execution), field.key, errors)
    } catch (error) {
      data[field.key] = null
      errors.push({ ...toRequestError(error, [field.key]), ...locationsOf(field) })
    }
  }
  return errors.length === 0 ? { data } : { data, errors }
}

/** Answers the fields that ask for the schema itself, all with one call of the library. */
function introspect(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  fields: readonly RequestField[],
  { variables = {} }: RequestOptions,
): (field: RequestField) => { readonly value: unknown } {
  const nodes = fields.flatMap((field) => (field.name.startsWith('__') ? field.nodes : []))
  if (nodes.length === 0) return () => ({ value: null })
  const asking: OperationDefinitionNode = { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: nodes } }
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  const { data } = executeSync({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [asking, ...fragments] },
    variableValues: variables,
  })
  return ({ key }) => ({ value: data?.[key] ?? null })
}

function aborted(signal: AbortSignal): RequestError {
  return toRequestError(new DatabaseError('ABORTED', 'the request was aborted', { operation: 'a request' }, { cause: signal.reason }))
}

function locationsOf({ nodes }: RequestField): Pick<RequestError, 'locations'> {
  const start = nodes[0]?.loc?.startToken
  return start === undefined ? {} : { locations: [{ line: start.line, column: start.column }] }
}

import { isInputObjectType, OperationTypeNode, parseConstValue } from 'graphql'

import type { DocumentRecord } from '../document/record.ts'
import { DatabaseError, messageOf } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { DialectName } from '../schema/dialect-name.ts'
import { literalToValue } from '../schema/literal.ts'
import { TYPE_NAMES } from '../schema/type-names.ts'
import type { Pacing } from '../util/pacer.ts'
import { quote } from '../util/quote.ts'
import { queryCollections, type QueryCollections } from './collections.ts'
import { canonicalValue } from './dialect/canonical-value.ts'
import { DIALECTS, type Dialect } from './dialect/dialect.ts'
import { createWording } from './dialect/wording.ts'
import { compileFilter } from './filter/compile-filter.ts'
import { checkFilter } from './filter/check-filter.ts'
import { NO_FACTS, type Condition } from './filter/condition.ts'
import { buildSchema } from './graphql/build-schema.ts'
import { explainRequest } from './explain/explain-request.ts'
import { createLiveRequest, type LiveRequest } from './live/live-request.ts'
import { createSubscriptionRequest, type SubscriptionRequest } from './live/subscription-request.ts'
import type { QueryLimits } from './limits.ts'
import type { EngineParts } from './live/engine-parts.ts'
import { collectFailures } from './plan/collect-failures.ts'
import { createExecution, type Execution } from './plan/execution.ts'
import { readRows } from './plan/read-rows.ts'
import { introspect } from './request/introspect.ts'
import type { Language } from './request/language.ts'
import { failedResult, makeResult } from './request/make-result.ts'
import { chooseOperation, parseRequest, type ParsedRequest } from './request/parse-request.ts'
import { createTextParser } from './request/parsed-texts.ts'
import { toFieldError } from './request/request-error.ts'
import type { RequestField } from './request/request-field.ts'
import type { RequestError, RequestOptions, RequestResult } from './result.ts'
import { planRoot } from './roots/roots.ts'
import type { QuerySource } from './source.ts'

/** How to look for documents. */
interface FindOptions {
  readonly signal?: AbortSignal
  /** The filter is an object that the program made itself, as large as it has to be: limits are for what others ask. */
  readonly isUnlimited?: boolean
}

/** GraphQL over one set of collections. Made anew when the set changes; holds no state of requests. */
export interface QueryEngine {
  /**
   * Runs one operation against `source`. Resolves with `errors` for whatever is wrong with the request; never rejects. The fields of a mutation run one after
   * the other, and none after one that failed.
   */
  execute(request: string, source: QuerySource, options?: RequestOptions): Promise<RequestResult>
  /**
   * Whether the operation that `execute` would run reads or writes, so that the database can choose its source. A request that cannot be parsed counts as a
   * query: `execute` then says what is wrong with it.
   */
  operationKind(request: string, options?: RequestOptions): 'query' | 'mutation' | 'subscription'
  /** A query that is kept up to date. Never throws: what is wrong with the request is its first result. */
  live(request: string, options?: RequestOptions): LiveRequest
  /** A subscription. Never throws: what is wrong with the request is in what it gives. */
  subscription(request: string, options?: RequestOptions): SubscriptionRequest
  /**
   * The IDs of the documents that pass a filter, in their order. The filter is an object as GraphQL has it, in the dialect of the engine, or the same as text.
   *
   * @throws INVALID_REQUEST, ABORTED
   */
  find(collection: CollectionVersion, filter: unknown, source: QuerySource, options?: FindOptions): Promise<readonly string[]>
  /**
   * The predicate of a filter in the form GraphQL has it (`{ age: { _gt: 3 } }`), on stored values alone.
   *
   * @throws INVALID_REQUEST, UNSUPPORTED for a filter that asks for related documents
   */
  compileFilter(collection: CollectionVersion, filter: unknown): (record: DocumentRecord, docId: string) => boolean
}

/** How an engine works, whatever its collections. */
export interface EngineSettings {
  /** Default '0.19'. */
  readonly dialect?: DialectName | undefined
  readonly limits?: QueryLimits | undefined
  readonly pacing?: Pacing | undefined
}

/** The query engine of these collections, which speaks one dialect; inactive versions and embedded types are not queried. */
export function createQueryEngine(versions: readonly CollectionVersion[], settings: EngineSettings = {}): QueryEngine {
  const { limits, pacing } = settings
  const collections = queryCollections(versions, limits)
  const dialect = DIALECTS[settings.dialect ?? '0.19']
  // Most databases open without a request following at once, and the schema of many collections takes milliseconds.
  let language: Language | undefined
  const speak = (): Language => (language ??= createLanguage(collections, dialect))
  const begin = (source: QuerySource, signal?: AbortSignal): Execution => createExecution(source, collections, { signal, pacing })
  const parts: EngineParts = { speak, begin, collections }
  const compile = (collection: CollectionVersion, given: unknown): Condition => {
    if (dialect.isCanonical) return compileFilter(collections, collection, given)
    const { schema, wording } = speak()
    const type = schema.getType(TYPE_NAMES.filter(collection.name))
    const canonical = isInputObjectType(type) ? canonicalValue(dialect, type, given) : given
    try {
      return compileFilter(collections, collection, canonical)
    } catch (error) {
      throw wording.failure(error)
    }
  }
  return {
    execute: async (request, source, options = {}) => {
      try {
        return await executeRequest(speak(), request, begin(source, options.signal), options)
      } catch (error) {
        return failedResult(error)
      }
    },
    operationKind: (request, options = {}) => {
      const text = speak().parse(request)
      if (text.kind === 'failed') return OperationTypeNode.QUERY
      try {
        return chooseOperation(text.document, options.operationName).operation
      } catch {
        // Which operation is meant cannot be told; `execute` meets the same mistake and reports it.
        return OperationTypeNode.QUERY
      }
    },
    live: (request, options = {}) => createLiveRequest(parts, request, options),
    subscription: (request, options = {}) => createSubscriptionRequest(parts, request, options),
    find: async (collection, filter, source, { signal, isUnlimited = false } = {}) => {
      const condition = compile(collection, isUnlimited ? filter : readFilter(collection, filter, collections.limits))
      const rows = await readRows({ collection, showDeleted: false, filter: condition }, begin(source, signal))
      return rows.map(({ docId }) => docId)
    },
    compileFilter: (collection, filter) => {
      const condition = compile(collection, readFilter(collection, filter, collections.limits))
      if (condition.relations.length > 0) {
        const message = `this filter of "${collection.name}" asks for related documents, which are not in the record`
        throw new DatabaseError('UNSUPPORTED', message, { feature: 'relations in a predicate' })
      }
      return (record, docId) => condition.test({ record, docId }, NO_FACTS)
    },
  }
}

/** A filter within the limits; one written as text, such as `{ age: { _gt: 3 } }`, as the object it spells. */
function readFilter(collection: CollectionVersion, filter: unknown, limits: QueryLimits): unknown {
  const value = typeof filter === 'string' ? parseFilter(collection, filter, limits) : filter
  checkFilter(value, limits)
  return value
}

function parseFilter(collection: CollectionVersion, filter: string, { textTokens }: QueryLimits): unknown {
  try {
    return literalToValue(parseConstValue(filter, { maxTokens: textTokens }))
  } catch (error) {
    const message = `filter of "${collection.name}": ${quote(filter)} is no GraphQL value such as { age: { _gt: 3 } }: ${messageOf(error)}`
    throw new DatabaseError('INVALID_REQUEST', message, {}, { cause: error })
  }
}

function createLanguage(collections: QueryCollections, dialect: Dialect): Language {
  const schema = buildSchema(collections, dialect)
  return { schema, parse: createTextParser(schema, collections.limits), wording: createWording(dialect, collections.all) }
}

async function executeRequest(language: Language, text: string, execution: Execution, options: RequestOptions): Promise<RequestResult> {
  const { schema, parse } = language
  const request = parseRequest(schema, parse(text), options, execution.collections.limits)
  if (request.kind === 'failed') return failedResult(...request.errors)
  if (request.operation.operation === OperationTypeNode.SUBSCRIPTION) return failedResult(manyAnswers())
  const result =
    request.explain === undefined
      ? await runFields(language, request, execution, options)
      : await explainRequest(request.fields, request.explain, execution)
  // What is there when somebody gives up is nothing to build on.
  return options.signal?.aborted === true ? failedResult(aborted(options.signal)) : result
}

async function runFields(
  { schema, wording }: Language,
  request: Extract<ParsedRequest, { kind: 'ready' }>,
  execution: Execution,
  options: RequestOptions,
): Promise<RequestResult> {
  const introspected = introspect(schema, request, options)
  const data: Record<string, unknown> = {}
  const errors: RequestError[] = []
  for (const field of request.fields) {
    if (options.signal?.aborted === true) break
    if (field.name.startsWith('__')) data[field.key] = introspected(field)
    else if (errors.length > 0 && request.operation.operation === OperationTypeNode.MUTATION) data[field.key] = null
    else data[field.key] = await runRoot(field, execution, errors)
  }
  return makeResult(data, errors, wording)
}

async function runRoot(field: RequestField, execution: Execution, errors: RequestError[]): Promise<unknown> {
  try {
    const value = await planRoot(field, execution.collections).run(execution)
    return await collectFailures(value, field, errors, execution)
  } catch (error) {
    errors.push(toFieldError(error, field))
    return null
  }
}

function manyAnswers(): DatabaseError<'INVALID_REQUEST'> {
  return new DatabaseError(
    'INVALID_REQUEST',
    'a subscription has many results; pass it to "subscribe" and iterate over what that gives',
    {},
  )
}

function aborted(signal: AbortSignal): DatabaseError<'ABORTED'> {
  return new DatabaseError('ABORTED', 'the request was aborted', { operation: 'a request' }, { cause: signal.reason })
}

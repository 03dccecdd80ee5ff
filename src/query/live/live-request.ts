import { OperationTypeNode } from 'graphql'

import { DatabaseError } from '../../errors.ts'
import type { QueryCollections } from '../collections.ts'
import type { Wording } from '../dialect/wording.ts'
import { collectFailures } from '../plan/collect-failures.ts'
import type { Execution } from '../plan/execution.ts'
import { introspect } from '../request/introspect.ts'
import { failedResult, makeResult } from '../request/make-result.ts'
import { parseRequest, type ParsedRequest } from '../request/parse-request.ts'
import { toFieldError } from '../request/request-error.ts'
import type { RequestField } from '../request/request-field.ts'
import type { RequestError, RequestOptions, RequestResult } from '../result.ts'
import type { Root } from '../roots/root.ts'
import { planRoot } from '../roots/roots.ts'
import type { QuerySource } from '../source.ts'
import { keptAggregateRoot } from './aggregate-root.ts'
import type { EngineParts } from './engine-parts.ts'
import { refusing } from './kept-source.ts'
import type { LiveRoot, RootValue } from './live-root.ts'
import { runAgainRoot } from './run-again-root.ts'
import { orderedRoot, stagedRoot } from './select-root.ts'
import type { StoredChanges } from './stored-changes.ts'

/** A query whose result is kept up to date. It holds what it needs for that in memory, and nothing of the storage. */
export interface LiveRequest {
  /**
   * Moves on to a later state: the one that `changes` lead to from where it is, which is what `source` reads, if there is one. Without a source nothing is
   * read, and where that is not enough, the answer is `stale`: the changes are taken in, and the next call has to bring a source. The first call needs one as well.
   * Calls must not overlap. Never rejects.
   */
  advance(changes: StoredChanges, source?: QuerySource): Promise<Advanced>
  /** Whether changes of this collection can matter, as far as is known since the last call. */
  reads(collectionId: string): boolean
}

/** `same`: the result cannot have changed. A result is given whenever it may have. `isLast`: there is nothing in it that could change. */
export type Advanced =
  | { readonly kind: 'stale' | 'same' }
  | { readonly kind: 'result'; readonly result: RequestResult; readonly isLast: boolean }

/** Plans a query that is to be kept up to date. Never throws: what is wrong with the request is its only result. */
export function createLiveRequest(parts: EngineParts, text: string, options: RequestOptions): LiveRequest {
  const { collections } = parts
  try {
    const { schema, parse, wording } = parts.speak()
    const request = parseRequest(schema, parse(text), options, collections.limits)
    if (request.kind === 'failed') return onlyErrors(request.errors)
    if (request.operation.operation !== OperationTypeNode.QUERY) return onlyErrors([noQuery(request)])
    if (request.explain !== undefined) return onlyErrors([noResult()])
    const introspected = introspect(schema, request, options)
    const fields = request.fields.map((field) =>
      field.name.startsWith('__') ? constant(field, introspected(field)) : planField(field, collections),
    )
    return liveRequest(fields, parts, wording, options.signal)
  } catch (error) {
    return onlyErrors([error])
  }
}

type Outcome = ({ readonly kind: 'value' } & RootValue) | { readonly kind: 'failed'; readonly error: unknown }

interface LiveField {
  readonly field: RequestField
  /** Absent where nothing can change: what is introspected, and what cannot be planned. */
  readonly root?: LiveRoot
  outcome: Outcome
  isStale: boolean
}

function constant(field: RequestField, value: unknown): LiveField {
  return { field, outcome: { kind: 'value', value, isWhole: true }, isStale: false }
}

function planField(field: RequestField, collections: QueryCollections): LiveField {
  try {
    return {
      field,
      root: liveRoot(planRoot(field, collections)),
      outcome: { kind: 'value', value: null, isWhole: true },
      isStale: true,
    }
  } catch (error) {
    return { field, outcome: { kind: 'failed', error }, isStale: false }
  }
}

/**
 * How a root is kept up to date: from the documents of one collection where they alone decide, else by running it again. Which of them come first without an order
 * only a run can tell, and it finds them faster than all are kept.
 */
function liveRoot(root: Root): LiveRoot {
  const { parts } = root
  if (parts?.kind === 'aggregate' && parts.sources.every(({ isOfRows, plan }) => isOfRows && plan.takesFirst !== true))
    return keptAggregateRoot(parts.aggregate, parts.sources)
  if (parts?.kind !== 'select' || !parts.plan.isOfRows || parts.plan.takesFirst === true) return runAgainRoot(root)
  const { ordering } = parts.plan
  return ordering === undefined ? stagedRoot(parts.plan) : orderedRoot(parts.plan, ordering)
}

function liveRequest(
  fields: readonly LiveField[],
  { begin }: Pick<EngineParts, 'begin'>,
  wording: Wording,
  signal: AbortSignal | undefined,
): LiveRequest {
  const nothing = refusing('a live query has nothing to read here')
  const isLast = fields.every(({ outcome }) => outcome.kind === 'failed')
  let isDue = true

  async function apply(live: LiveField, root: LiveRoot, changes: StoredChanges): Promise<boolean> {
    try {
      const applied = await root.apply(changes, begin(nothing, signal))
      if (applied.kind === 'stale') live.isStale = true
      if (applied.kind !== 'changed') return false
      live.outcome = { kind: 'value', value: applied.value, isWhole: applied.isWhole }
    } catch {
      // A value that cannot be read fails here as it fails in a run; the run says how.
      live.isStale = true
      return false
    }
    return true
  }

  async function load(live: LiveField, root: LiveRoot, source: QuerySource): Promise<void> {
    try {
      live.outcome = { kind: 'value', ...(await root.load(begin(source, signal))) }
    } catch (error) {
      live.outcome = { kind: 'failed', error }
    }
    live.isStale = false
  }

  return {
    advance: async (changes, source) => {
      for (const live of fields) {
        if (live.root !== undefined && !live.isStale && (await apply(live, live.root, changes))) isDue = true
      }
      const stale = fields.filter(({ isStale }) => isStale)
      if (stale.length > 0 && source === undefined) return { kind: 'stale' }
      for (const live of stale) if (live.root !== undefined && source !== undefined) await load(live, live.root, source)
      if (!isDue && stale.length === 0) return { kind: 'same' }
      isDue = false
      return { kind: 'result', result: await resultOf(fields, wording, begin(nothing)), isLast }
    },
    reads: (collectionId) => fields.some(({ root }) => root?.reads(collectionId)),
  }
}

/** `execution` has no signal: who gives up learns of it from the result that he does not wait for. */
async function resultOf(fields: readonly LiveField[], wording: Wording, execution: Execution): Promise<RequestResult> {
  const data: Record<string, unknown> = {}
  const errors: RequestError[] = []
  for (const { field, outcome } of fields) {
    if (outcome.kind === 'value') {
      data[field.key] = outcome.isWhole ? outcome.value : await collectFailures(outcome.value, field, errors, execution)
    } else {
      data[field.key] = null
      errors.push(toFieldError(outcome.error, field))
    }
  }
  return makeResult(data, errors, wording)
}

function onlyErrors(errors: readonly unknown[]): LiveRequest {
  const result = failedResult(...errors)
  return { advance: async () => ({ kind: 'result', result, isLast: true }), reads: () => false }
}

function noQuery({ operation: { operation } }: Extract<ParsedRequest, { kind: 'ready' }>): DatabaseError<'INVALID_REQUEST'> {
  const place = operation === OperationTypeNode.MUTATION ? 'execute' : 'subscribe'
  return new DatabaseError('INVALID_REQUEST', `only a query can be watched; a ${operation} is for "${place}"`, {})
}

function noResult(): DatabaseError<'INVALID_REQUEST'> {
  return new DatabaseError(
    'INVALID_REQUEST',
    '"@explain" asks for a plan, and only a result can be watched; give the request to "execute"',
    {},
  )
}

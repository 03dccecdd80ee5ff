import { OperationTypeNode } from 'graphql'

import { DatabaseError } from '../../errors.ts'
import type { Wording } from '../dialect/wording.ts'
import { collectFailures } from '../plan/collect-failures.ts'
import { planSelect } from '../plan/plan-select.ts'
import { resolveFacts } from '../plan/read-rows.ts'
import { showGroups, type Shown } from '../plan/run-select.ts'
import type { Execution } from '../plan/execution.ts'
import type { SelectPlan } from '../plan/select-plan.ts'
import { failedResult, makeResult } from '../request/make-result.ts'
import { parseRequest } from '../request/parse-request.ts'
import { toFieldError } from '../request/request-error.ts'
import type { RequestField } from '../request/request-field.ts'
import type { RequestError, RequestOptions, RequestResult } from '../result.ts'
import { isShown } from '../row.ts'
import type { QuerySource, SourceDocument } from '../source.ts'
import type { EngineParts } from './engine-parts.ts'
import { refusing } from './kept-source.ts'

/** A subscription, planned: it says of each changed document whether it is asked for, and shows it. */
export type SubscriptionRequest =
  | {
      readonly kind: 'ready'
      readonly collectionId: string
      /** It asks for more than the changed document: `show` needs a source that has the state after the change. */
      readonly needsSource: boolean
      /** The result for a document as a change left it, or `undefined` when it does not match or is not there any more. Never rejects. */
      show(document: SourceDocument, source?: QuerySource): Promise<RequestResult | undefined>
    }
  | { readonly kind: 'failed'; readonly result: RequestResult }

/** Plans a subscription. Never throws. */
export function createSubscriptionRequest(
  { speak, begin, collections }: EngineParts,
  text: string,
  options: RequestOptions,
): SubscriptionRequest {
  try {
    const { schema, parse, wording } = speak()
    const request = parseRequest(schema, parse(text), options, collections.limits)
    if (request.kind === 'failed') return failed(request.errors)
    const { operation } = request.operation
    const [field] = request.fields
    const collection = field === undefined ? undefined : collections.named(field.name)
    if (operation !== OperationTypeNode.SUBSCRIPTION || field === undefined || collection === undefined)
      return failed([noSubscription(operation)])
    const plan = planSelect(collections, collection, field)
    return {
      kind: 'ready',
      collectionId: collection.collectionId,
      needsSource: !plan.isOfRows,
      show: (document, source = refusing('a subscription has nothing to read here')) =>
        show(field, plan, document, begin(source, options.signal), wording),
    }
  } catch (error) {
    return failed([error])
  }
}

async function show(
  field: RequestField,
  plan: SelectPlan,
  document: SourceDocument,
  execution: Execution,
  wording: Wording,
): Promise<RequestResult | undefined> {
  try {
    const shown = await select(plan, document, execution)
    if (shown.length === 0) return undefined
    const errors: RequestError[] = []
    return makeResult({ [field.key]: await collectFailures(shown, field, errors, execution) }, errors, wording)
  } catch (error) {
    return makeResult({ [field.key]: null }, [toFieldError(error, field)], wording)
  }
}

/** What a select makes of this one document. */
async function select(plan: SelectPlan, document: SourceDocument, execution: Execution): Promise<readonly Shown[]> {
  if (plan.docIds?.includes(document.docId) === false || !isShown(document.record, plan.showDeleted)) return []
  if (!plan.filter.test(document, await resolveFacts(plan.filter, execution))) return []
  const [shown = []] = await showGroups(plan, [[document]], execution)
  return shown
}

function failed(errors: readonly unknown[]): SubscriptionRequest {
  return { kind: 'failed', result: failedResult(...errors) }
}

function noSubscription(operation: string): DatabaseError<'INVALID_REQUEST'> {
  return new DatabaseError('INVALID_REQUEST', `only a subscription can be subscribed to; a ${operation} is for "execute" or "watch"`, {})
}

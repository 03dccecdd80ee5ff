import { z } from 'zod'

import { isSubscription } from '../../query/request/is-subscription.ts'
import type { RequestOptions, RequestResult } from '../../query/result.ts'
import { DatabaseError } from '../../errors.ts'
import { parseDocumentJson } from '../../document/json.ts'
import { eventStream, type StreamEvent } from '../event-stream.ts'
import { flag, route, type Call, type Route } from '../route.ts'

const request = z.object({
  query: z.string().describe('GraphQL text'),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  watch: z.boolean().optional().describe('the result again whenever it changes, as a stream of events'),
})

const result = z.object({
  data: z.record(z.string(), z.unknown()).nullable(),
  errors: z.array(z.object({ message: z.string() })).optional(),
})

export const graphqlRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/graphql',
    tag: 'graphql',
    summary: 'A query or a mutation; a subscription, or a query to watch, answers with a stream of events',
    body: request,
    answer: result,
    inTransaction: true,
    handle: (call, { query, operationName, variables, watch }) =>
      answer(call, query, watch === true, {
        ...(operationName === null || operationName === undefined || operationName === '' ? {} : { operationName }),
        ...(variables === null || variables === undefined ? {} : { variables }),
      }),
  }),
  route({
    method: 'GET',
    path: '/graphql',
    tag: 'graphql',
    summary: 'The same with the request in the address',
    parameters: [
      { name: 'query', what: 'GraphQL text', required: true },
      { name: 'operationName', what: 'the operation of the text that is to run' },
      { name: 'variables', what: 'JSON object' },
      { name: 'watch', what: 'the result again whenever it changes, as a stream of events', type: 'boolean' },
    ],
    answer: result,
    inTransaction: true,
    handle: (call) => {
      const operationName = call.query('operationName') ?? ''
      return answer(call, call.query('query') ?? '', flag(call, 'watch'), {
        ...(operationName === '' ? {} : { operationName }),
        ...parseVariables(call.query('variables')),
      })
    },
  }),
]

async function answer(call: Call, query: string, isWatched: boolean, options: RequestOptions): Promise<unknown> {
  const { requests, database, transaction, signal } = call
  if (!isWatched && !isSubscription(query, options.operationName)) return requests.execute(query, { ...options, signal })
  if (transaction !== undefined) {
    throw new DatabaseError('UNSUPPORTED', 'a transaction cannot be subscribed to or watched; leave the header x-defradb-tx out', {
      feature: 'subscriptions in transactions',
    })
  }
  const results = isWatched ? database.watch(query, { ...options, signal }) : database.subscribe(query, { ...options, signal })
  return eventStream(asEvents(results), signal)
}

async function* asEvents(results: AsyncIterable<RequestResult>): AsyncGenerator<StreamEvent, void> {
  for await (const data of results) yield { data }
}

function parseVariables(text: string | undefined): Pick<RequestOptions, 'variables'> {
  if (text === undefined || text === '') return {}
  const variables = parseDocumentJson(text)
  if (typeof variables === 'object' && variables !== null && !Array.isArray(variables)) {
    return { variables: { ...variables } }
  }
  throw new DatabaseError('INVALID_ARGUMENT', 'the query parameter variables is a JSON object', { argument: 'variables', value: text })
}

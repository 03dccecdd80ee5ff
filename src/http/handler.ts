import { Hono, type Context, type MiddlewareHandler } from 'hono'

import { jsonText } from '../document/json-text.ts'
import { parseDocumentJson } from '../document/json.ts'
import { DatabaseError, isFailure, messageOf } from '../errors.ts'
import { createOriginRules, type OriginRules } from './origins.ts'
import { createEventHub } from './event-hub.ts'
import { errorToJson } from './error-json.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { openApi } from './openapi.ts'
import { createOpenTransactions } from './open-transactions.ts'
import { readText } from './read-text.ts'
import type { Call, HttpNode, Route } from './route.ts'
import { API_PATH, TRANSACTION_HEADER } from './paths.ts'
import { ROUTES } from './routes.ts'
import { STATUS_BY_CODE } from './status.ts'
import { textResponse } from './text-response.ts'

const JSON_HEADERS = { 'content-type': 'application/json' }

export interface HandlerOptions {
  /** Origins of pages that may use the API besides those this server gives itself, such as `https://app.example`; `*` for all. */
  readonly allowedOrigins?: readonly string[]
  /** The version in the description of the API. */
  readonly version?: string
  /** Answers to what is no route: the files of a page. */
  readonly page?: MiddlewareHandler
  /** Told of errors that are this server's own fault. */
  readonly onFault?: (error: unknown, request: Request) => void
}

/** The HTTP API of a node: from a request to its answer, on any platform. */
export interface HttpHandler {
  handle(request: Request): Promise<Response>
  /** Ends all streams and transactions, and answers nothing more. */
  close(): Promise<void>
}

export function createHttpHandler(node: HttpNode, options: HandlerOptions = {}): HttpHandler {
  const transactions = createOpenTransactions()
  const hub = createEventHub()
  const ending = new AbortController()
  const origins = createOriginRules(options.allowedOrigins ?? [])
  const app = new Hono()

  app.use(async (context, next) => {
    const refusal = refusalOf(origins, context.req.raw)
    if (refusal !== undefined) return refusal
    await next()
    origins.allow(context.req.raw, context.res.headers)
    return undefined
  })
  for (const route of ROUTES) {
    app.on(route.method, API_PATH + route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) => answer(route, context))
  }
  app.get('/health-check', (context) => context.text('Healthy'))
  // Made when it is asked for: a node should not wait for it to start.
  let description: object | undefined
  app.get('/openapi.json', (context) => context.json((description ??= openApi(ROUTES, options.version ?? '0'))))
  if (options.page !== undefined) app.get('*', options.page)
  app.notFound((context) => {
    const { method, path } = context.req
    const message = `there is nothing at ${method} ${path}; GET /openapi.json tells what there is`
    return failed(new DatabaseError('NOT_FOUND', message, { what: 'route', id: `${method} ${path}` }))
  })
  app.onError((error, context) => {
    if (!isFailure(error)) options.onFault?.(error, context.req.raw)
    return failed(error)
  })

  async function answer(route: Route, context: Context): Promise<Response> {
    const { raw: request } = context.req
    const signal = AbortSignal.any([request.signal, ending.signal])
    const given = await readBody(route, request, signal)
    const database = node.database()
    const id = context.req.header(TRANSACTION_HEADER)
    if (id !== undefined && !route.inTransaction) throw notInTransaction(route)
    const transaction = id === undefined ? undefined : transactions.get(id)
    const call: Call = {
      node,
      database,
      requests: transaction ?? database,
      transaction,
      transactions,
      hub,
      request,
      signal,
      path: (name) => context.req.param(name) ?? '',
      query: (name) => context.req.query(name),
    }
    for (const { name, required = false } of route.parameters) {
      if (required && (call.query(name) ?? '') === '') {
        throw new DatabaseError('INVALID_ARGUMENT', `the query parameter ${name} is missing`, { argument: name })
      }
    }
    const result = await route.handle(call, given)
    if (result instanceof Response) return result
    if (result === undefined) return new Response(null, { status: 200 })
    return textResponse(jsonText(result), { headers: JSON_HEADERS })
  }

  return {
    handle: async (request) => app.fetch(request),
    close: async () => {
      ending.abort()
      await transactions.close()
    },
  }
}

async function readBody({ body }: Route, request: Request, signal: AbortSignal): Promise<unknown> {
  switch (body.kind) {
    case 'none':
    case 'stream':
      return undefined
    case 'text':
      return readText(request, MAX_BODY_BYTES, signal)
    case 'json':
      return parseJson(await readText(request, MAX_BODY_BYTES, signal))
  }
}

function parseJson(text: string): unknown {
  try {
    return parseDocumentJson(text)
  } catch (error) {
    throw new DatabaseError('INVALID_ARGUMENT', messageOf(error).replace('the document is no JSON', 'the body is no JSON'), {
      argument: 'body',
    })
  }
}

function notInTransaction({ method, path }: Route): DatabaseError {
  return new DatabaseError('UNSUPPORTED', `${method} ${path} cannot be part of a transaction; leave the header ${TRANSACTION_HEADER} out`, {
    feature: `${method} ${path} in a transaction`,
  })
}

/** The answer to a request that comes from a page which may not ask, or only asks whether it may. */
function refusalOf(origins: OriginRules, request: Request): Response | undefined {
  const verdict = origins.judge(request)
  switch (verdict.kind) {
    case 'allowed':
      return undefined
    case 'preflight':
      return verdict.response
    case 'refused':
      return failed(new DatabaseError('FORBIDDEN', verdict.reason, { what: 'origin' }))
  }
}

function failed(error: unknown): Response {
  const status = isFailure(error) ? STATUS_BY_CODE[error.code] : 500
  return textResponse(jsonText(errorToJson(error)), { status, headers: JSON_HEADERS })
}

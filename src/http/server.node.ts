import { createServer, type RequestListener, ServerResponse, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { getRequestListener } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { MiddlewareHandler } from 'hono'

import { DatabaseError, messageOf } from '../errors.ts'
import { createHttpHandler, type HandlerOptions } from './handler.ts'
import { HEADERS_TIMEOUT, IDLE_TIMEOUT, MAX_CONNECTIONS, REQUEST_TIMEOUT, STALLED_TIMEOUT, STOP_TIMEOUT } from './limits.ts'
import type { HttpNode } from './route.ts'
import { wholeText } from './text-response.ts'

export interface ServerOptions extends Omit<HandlerOptions, 'page'> {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** PEM. With it the server speaks HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Folder with the page that is served beside the API. */
  readonly page?: string
  /** What the page asks for as `relay.json`. */
  readonly offer?: () => object
}

export interface HttpServer {
  readonly url: string
  /** Ends streams, waits a little for what is under way, and closes. */
  close(): Promise<void>
}

const SWEEP_INTERVAL = 20

/** Serves the API of a node. @throws INVALID_ARGUMENT when the address is taken, or is none of this machine, or the certificate is none */
export async function serveHttp(node: HttpNode, options: ServerOptions): Promise<HttpServer> {
  const { host, port, tls, page, offer, ...handling } = options
  const pages = page === undefined ? {} : { page: pageFrom(page, offer) }
  const handler = createHttpHandler(node, { ...handling, ...pages })
  const respond = getRequestListener(async (request, { outgoing }) => sent(await handler.handle(request), outgoing), {
    overrideGlobalObjects: false,
  })
  const listener: RequestListener = (incoming, outgoing) => void respond(incoming, outgoing)
  const limits = { headersTimeout: HEADERS_TIMEOUT, requestTimeout: REQUEST_TIMEOUT, keepAliveTimeout: IDLE_TIMEOUT }
  const server = tls === undefined ? createServer(limits, listener) : createSecure({ ...limits, ...tls }, listener)
  // A client that takes nothing of its answer any more.
  server.timeout = STALLED_TIMEOUT
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, host, port)
  const { port: taken } = server.address() as AddressInfo
  const shown = host.includes(':') ? `[${host}]` : host

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    await handler.close()
    // A connection that is kept for a next request is idle only once its answer has left.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_INTERVAL)
    const cut = setTimeout(() => server.closeAllConnections(), STOP_TIMEOUT)
    await closed
    clearInterval(sweep)
    clearTimeout(cut)
  }

  let closing: Promise<void> | undefined
  return { url: `${tls === undefined ? 'http' : 'https'}://${shown}:${taken}`, close: () => (closing ??= close()) }
}

/** Sends a text in one go. Anything else is left to the listener, which follows the stream at the pace of the client. */
function sent(response: Response, outgoing: object): Response {
  const text = wholeText(response)
  if (text === undefined || !(outgoing instanceof ServerResponse)) return response
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), 'content-length': Buffer.byteLength(text) }).end(text)
  return RESPONSE_ALREADY_SENT
}

function createSecure(options: Parameters<typeof createTlsServer>[0], listener: RequestListener): Server {
  try {
    return createTlsServer(options, listener)
  } catch (error) {
    const message = `the key and the certificate cannot be used: ${messageOf(error)}; both are PEM files, and belong together`
    throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'tls' }, { cause: error })
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new DatabaseError(
          'INVALID_ARGUMENT',
          `cannot listen on ${host}:${port}: ${reasonOf(error)}`,
          { argument: 'url', value: `${host}:${port}` },
          { cause: error },
        ),
      )
    })
    server.listen({ host, port }, resolve)
  })
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'something listens there already; stop it, or take another port with --url'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'that is no address of this machine'
    case 'EACCES':
      return 'ports below 1024 are for the administrator'
    case undefined:
    default:
      return messageOf(error)
  }
}

/** The files of the page, and what it asks for first. */
function pageFrom(folder: string, offer: (() => object) | undefined): MiddlewareHandler {
  const files = serveStatic({ root: folder })
  return async (context, next) => {
    if (offer !== undefined && context.req.path === '/relay.json') return context.json(offer(), 200, { 'cache-control': 'no-store' })
    return files(context, next)
  }
}

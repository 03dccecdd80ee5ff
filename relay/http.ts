import { createServer, type RequestListener } from 'node:http'

import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'

import { METRICS_TYPE, printMetrics } from './metrics.ts'
import { HTTP_TIMEOUT, MAX_HTTP_CONNECTIONS } from './options.ts'
import { checkPort, portError } from './ports.ts'
import type { RelayReport } from './report.ts'
import { PAGE_POLICY, statusPage } from './status-page.ts'

export interface HttpServer {
  readonly url: string
  close(): Promise<void>
}

export interface HttpServerOptions {
  readonly host: string
  readonly port: number
  readonly showDetails: boolean
  /** What stands for all interfaces in the URL. */
  readonly shownHost: string
}

/** The routes, without a server: `/`, `/health`, `/metrics`. */
function createPages(report: () => Promise<RelayReport>, showDetails: boolean): Hono {
  const pages = new Hono()
  pages.use(async (context, next) => {
    await next()
    context.header('content-security-policy', PAGE_POLICY)
    context.header('x-content-type-options', 'nosniff')
    context.header('referrer-policy', 'no-referrer')
    context.header('cache-control', 'no-store')
  })
  pages.get('/', async (context) => context.html(await statusPage(await report(), showDetails)))
  pages.get('/health', (context) => context.text('ok\n'))
  pages.get('/metrics', async (context) => context.body(printMetrics(await report()), 200, { 'content-type': METRICS_TYPE }))
  return pages
}

/** @throws IN_USE, INVALID_ARGUMENT */
export async function serveHttp(report: () => Promise<RelayReport>, options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, showDetails, shownHost } = options
  checkPort('http.port', port)
  const respond = getRequestListener(createPages(report, showDetails).fetch, { overrideGlobalObjects: false })
  const listener: RequestListener = (incoming, outgoing) => void respond(incoming, outgoing)
  const server = createServer({ headersTimeout: HTTP_TIMEOUT, requestTimeout: HTTP_TIMEOUT, keepAliveTimeout: HTTP_TIMEOUT }, listener)
  server.maxConnections = MAX_HTTP_CONNECTIONS
  // Whoever takes nothing of his answer.
  server.timeout = 2 * HTTP_TIMEOUT
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portError(error, { host, port, option: '--http-port' })))
    server.listen({ host, port }, resolve)
  })
  const address = server.address()
  const shown = host === '0.0.0.0' || host === '::' ? shownHost : host
  const taken = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${taken}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

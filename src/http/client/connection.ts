import { jsonText } from '../../document/json-text.ts'
import { parseDocumentJson } from '../../document/json.ts'
import { DatabaseError, messageOf, throwIfAborted } from '../../errors.ts'
import { quote } from '../../util/quote.ts'
import { errorFromJson } from '../error-json.ts'
import { readEventStream, type StreamEvent } from '../event-stream.ts'
import { API_PATH, DEFAULT_API_PORT, TRANSACTION_HEADER } from '../paths.ts'
import type { HttpOptions } from '../client.ts'

export interface Asked {
  readonly query?: Readonly<Record<string, string | undefined>>
  /** Sent as JSON; a text as it is. */
  readonly body?: unknown
  /** Sent as it comes, instead of `body`. */
  readonly stream?: ReadableStream<Uint8Array>
  readonly accept?: string
  readonly signal?: AbortSignal | undefined
  /** Called when a stream of events has begun. */
  readonly onOpen?: () => void
}

/** The server, or a transaction there. What it answers with an error is thrown as the `DatabaseError` it was there. */
export interface Connection {
  readonly url: string
  /** Fires when the client closes. */
  readonly signal: AbortSignal
  /** @throws UNREACHABLE when no server answers, ABORTED, CLOSED, and what the server says */
  send(method: string, path: readonly string[], asked?: Asked): Promise<Response>
  /** The caller's word for what the server answers, which is what its description says. */
  json<T>(method: string, path: readonly string[], asked?: Asked): Promise<T>
  events(method: string, path: readonly string[], asked?: Asked): AsyncGenerator<StreamEvent, void>
  /** The same inside a transaction. */
  within(transaction: string): Connection
  close(): void
}

export function connectTo(options: HttpOptions): Connection {
  const url = parseUrl(options.url ?? `127.0.0.1:${DEFAULT_API_PORT}`)
  const closing = new AbortController()
  const ending = options.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, options.signal])
  return connection({ url, fetch: options.fetch ?? fetch, ending, close: () => closing.abort() })
}

interface Parts {
  readonly url: string
  readonly fetch: typeof fetch
  readonly ending: AbortSignal
  readonly transaction?: string
  close(): void
}

function connection(parts: Parts): Connection {
  // Called by its name and never as a method: that of a browser takes no other `this` than its window.
  const { url, fetch, ending, transaction, close } = parts

  async function send(method: string, path: readonly string[], asked: Asked = {}): Promise<Response> {
    const operation = `${method} ${path.join('/')}`
    if (ending.aborted) throw new DatabaseError('CLOSED', `this client of ${url} is closed; open it again`, { what: `client of ${url}` })
    throwIfAborted(asked.signal, operation)
    const signal = asked.signal === undefined ? ending : AbortSignal.any([ending, asked.signal])
    const request = requestOf(method, asked, transaction)
    let response: Response
    try {
      response = await fetch(addressOf(url, path, asked.query), { ...request, signal })
    } catch (error) {
      throw failureOf(error, url, operation, ending, asked.signal)
    }
    if (response.ok) return response
    throw errorFromJson(await errorBody(response), response.status, url)
  }

  return {
    url,
    signal: ending,
    send,
    json: async <T>(method: string, path: readonly string[], asked?: Asked) => {
      const response = await send(method, path, asked)
      try {
        return parseDocumentJson(await response.text()) as T
      } catch (error) {
        throw failureOf(error, url, `${method} ${path.join('/')}`, ending, asked?.signal)
      }
    },
    events: async function* (method, path, asked = {}) {
      const response = await send(method, path, { ...asked, accept: 'text/event-stream' })
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
      if (!isStream) {
        // What is wrong with a request is one answer.
        yield { data: parseDocumentJson(await response.text()) }
        return
      }
      asked.onOpen?.()
      if (response.body === null) return
      try {
        for await (const event of readEventStream(response.body)) {
          if (event.event === 'error') throw errorFromJson(event.data, response.status, url)
          yield event
        }
      } catch (error) {
        // Whoever ends a stream on purpose is not told that it broke.
        if (ending.aborted || asked.signal?.aborted === true) return
        throw error instanceof DatabaseError ? error : failureOf(error, url, `${method} ${path.join('/')}`, ending, asked.signal)
      }
    },
    within: (id) => connection({ ...parts, transaction: id }),
    close,
  }
}

function requestOf(method: string, { body, stream, accept }: Asked, transaction: string | undefined): RequestInit {
  const headers: Record<string, string> = {
    ...(accept === undefined ? {} : { accept }),
    ...(transaction === undefined ? {} : { [TRANSACTION_HEADER]: transaction }),
  }
  // A stream can only be sent while nothing is awaited of the answer (https://fetch.spec.whatwg.org/#dom-requestinit-duplex).
  if (stream !== undefined) {
    const request: RequestInit & { readonly duplex: 'half' } = { method, headers, body: stream, duplex: 'half' }
    return request
  }
  if (body === undefined) return { method, headers }
  if (typeof body === 'string') return { method, headers: { ...headers, 'content-type': 'text/plain' }, body }
  return { method, headers: { ...headers, 'content-type': 'application/json' }, body: jsonText(body) }
}

function addressOf(url: string, path: readonly string[], query: Asked['query'] = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
  return `${url}${API_PATH}/${path.map(encodeURIComponent).join('/')}${search}`
}

async function errorBody(response: Response): Promise<unknown> {
  try {
    return parseDocumentJson(await response.text())
  } catch {
    // A proxy in between answers in its own words; the status says enough.
    return undefined
  }
}

function failureOf(error: unknown, url: string, operation: string, ending: AbortSignal, signal: AbortSignal | undefined): DatabaseError {
  if (ending.aborted) return new DatabaseError('CLOSED', `this client of ${url} was closed meanwhile`, { what: `client of ${url}` })
  if (signal?.aborted === true) return new DatabaseError('ABORTED', `${operation} was aborted`, { operation }, { cause: signal.reason })
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const message = `no WarrenDB node answers at ${url} (${messageOf(cause) || 'the connection failed'}); ${adviceFor(cause, url)}`
  return new DatabaseError('UNREACHABLE', message, { peer: url }, { cause: error })
}

/** Node says by these codes that it does not trust a certificate (https://nodejs.org/api/tls.html#x509-certificate-error-codes). Browsers say nothing. */
const UNTRUSTED = /CERT|UNABLE_TO_VERIFY/

function adviceFor(cause: unknown, url: string): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (UNTRUSTED.test(code)) return 'name the certificate, or that of its authority, in NODE_EXTRA_CA_CERTS to trust it'
  if (code === 'UND_ERR_SOCKET' && url.startsWith('http:')) return 'if it serves HTTPS, give its address with https://'
  return 'start one with "warrendb start", or give the address of another with --url'
}

/** @throws INVALID_ARGUMENT */
function parseUrl(given: string): string {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(given) ? given : `http://${given}`
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    const message = `${quote(given)} is no address of a node; one looks like "127.0.0.1:${DEFAULT_API_PORT}" or "https://db.example"`
    throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'url', value: given })
  }
  return url.origin + url.pathname.replace(/\/$/, '')
}

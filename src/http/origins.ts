import { PREFLIGHT_SECONDS } from './limits.ts'

/**
 * Which pages may use the API. A browser sends the requests of any page anywhere, and only keeps the answers from it; so those of pages that may not ask are refused
 * before they do anything.
 *
 * - Programs that are no browsers send no `Origin` and no `Sec-Fetch-Site`: allowed.
 * - Pages of this server: allowed. A page counts as one only where the name in its address is an IP address or `localhost`, or was allowed by name: a foreign domain that
 *   points to this machine (DNS rebinding) would pass for one otherwise.
 * - Pages of allowed origins: allowed, and told so (https://fetch.spec.whatwg.org/#http-cors-protocol).
 */
export interface OriginRules {
  judge(
    request: Request,
  ):
    | { readonly kind: 'allowed' }
    | { readonly kind: 'preflight'; readonly response: Response }
    | { readonly kind: 'refused'; readonly reason: string }
  /** Adds to an answer what lets the page read it. */
  allow(request: Request, headers: Headers): void
}

export function createOriginRules(allowedOrigins: readonly string[]): OriginRules {
  const allowed = new Set(allowedOrigins.map((origin) => origin.trim().replace(/\/$/, '').toLowerCase()))
  const isListed = (origin: string): boolean => allowed.has('*') || allowed.has(origin.toLowerCase())

  /** The origin that is to be told that it may read the answer. */
  function listedOrigin(request: Request): string | undefined {
    const origin = request.headers.get('origin')
    return origin !== null && isListed(origin) ? origin : undefined
  }

  return {
    judge: (request) => {
      const { headers, method } = request
      const origin = headers.get('origin')
      const site = headers.get('sec-fetch-site')
      if (origin === null && site === null) return { kind: 'allowed' }
      if (listedOrigin(request) !== undefined) {
        const isPreflight = method === 'OPTIONS' && headers.has('access-control-request-method')
        return isPreflight ? { kind: 'preflight', response: preflight(request, origin ?? '') } : { kind: 'allowed' }
      }
      const own = new URL(request.url)
      if (isForeignName(own.hostname) && !isListed(own.origin)) {
        return {
          kind: 'refused',
          reason: `this server does not know itself as ${own.origin}; start it with --allowed-origins ${own.origin} if that is its address`,
        }
      }
      // A link to the page itself may stand anywhere; nothing but the page is behind it.
      const isVisit = headers.get('sec-fetch-mode') === 'navigate' && method === 'GET' && !own.pathname.startsWith('/api/')
      if (origin === null ? site === 'same-origin' || site === 'none' || isVisit : origin === own.origin) return { kind: 'allowed' }
      const who = origin ?? 'another site'
      return {
        kind: 'refused',
        reason: `pages of ${who} may not use this API; start the node with --allowed-origins ${origin ?? '<origin>'} to allow it`,
      }
    },
    allow: (request, headers) => {
      const origin = listedOrigin(request)
      if (origin === undefined) return
      headers.set('access-control-allow-origin', origin)
      headers.append('vary', 'Origin')
    },
  }
}

function preflight(request: Request, origin: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
      'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '',
      // Chromium asks for this before a public page may reach a private address.
      ...(request.headers.has('access-control-request-private-network') ? { 'access-control-allow-private-network': 'true' } : {}),
      'access-control-max-age': String(PREFLIGHT_SECONDS),
      vary: 'Origin',
    },
  })
}

/** A name that somebody else's name server answers for. */
function isForeignName(hostname: string): boolean {
  return !(hostname === 'localhost' || hostname.endsWith('.localhost') || hostname.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(hostname))
}

/** Whoever looks at another tab for a moment comes back to a page that has missed nothing. */
const HIDDEN_MS = 3000

/**
 * `fetch` for a page among several of one node. Browsers open six connections to a server that speaks HTTP/1.1, for all tabs together, and a stream of events holds
 * one for as long as it goes: a few tabs, and nothing else would get through. So a hidden page lets go of it, and asks again when it is shown.
 */
export function listeningFetch(page: Document): typeof fetch {
  let listening = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  page.addEventListener('visibilitychange', () => {
    clearTimeout(timer)
    if (page.hidden) timer = setTimeout(() => listening.abort(), HIDDEN_MS)
  })

  return async (input, init = {}) => {
    if (!isForEvents(input, init)) return fetch(input, init)
    await untilShown(page)
    listening = new AbortController()
    const signals = [listening.signal, ...(init.signal instanceof AbortSignal ? [init.signal] : [])]
    return fetch(input, { ...init, signal: AbortSignal.any(signals) })
  }
}

/** The streams of requests, which are posted, go on: what is watched should be so also behind other tabs. */
function isForEvents(input: Parameters<typeof fetch>[0], { method, headers }: RequestInit): boolean {
  const { pathname } = new URL(input instanceof Request ? input.url : input)
  return method === 'GET' && pathname.endsWith('/events') && new Headers(headers).get('accept') === 'text/event-stream'
}

function untilShown(page: Document): Promise<void> {
  if (!page.hidden) return Promise.resolve()
  return new Promise((resolve) => {
    page.addEventListener('visibilitychange', () => resolve(), { once: true })
  })
}

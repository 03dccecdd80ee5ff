/** What the address of the page asks for, in its fragment: `#relay=<multiaddr>&schema=<SDL>&storage=memory`, or `#invite=…`, an invitation of another node. */
export interface PageAddress {
  /** Multiaddr of the relay; empty for none. Absent: whatever the server of the page offers. */
  readonly relay?: string
  /** Types beyond the page's own, so that a link brings a node with the same collections. */
  readonly schema?: string
  /** What stands behind `invite=`. */
  readonly invite?: string
  /** Keep nothing: for windows without storage. */
  readonly storage?: 'memory'
}

export function parsePageAddress(fragment: string): PageAddress {
  const asked = new URLSearchParams(fragment.replace(/^#/, '').replaceAll('+', '%2B'))
  const relay = asked.get('relay')
  const schema = asked.get('schema')
  const invite = asked.get('invite')?.trim() ?? ''
  return {
    ...(relay === null ? {} : { relay: relay.trim() }),
    ...(schema === null || schema.trim() === '' ? {} : { schema }),
    ...(invite === '' ? {} : { invite }),
    ...(asked.get('storage') === 'memory' ? { storage: 'memory' } : {}),
  }
}

/** The fragment with its `#`, or the empty string when nothing is asked for. Slashes stay readable. */
export function printPageAddress(address: PageAddress): string {
  const parts = Object.entries(address).map(([name, value]) => `${name}=${encodeURIComponent(String(value)).replaceAll('%2F', '/')}`)
  return parts.length === 0 ? '' : `#${parts.join('&')}`
}

/** The invitation that the address holds, as the database takes it. */
export function invitationOf({ invite }: PageAddress): string | undefined {
  return invite === undefined ? undefined : `#invite=${invite}`
}

/** A server that answers slower than this has nothing to offer. */
const OFFER_MS = 3000

/** What the server of the page offers in `relay.json`. */
export interface Offer {
  /** Multiaddr of a relay. */
  readonly relay?: string
  /** It is a node itself, which the page can show over its HTTP API. */
  readonly isNode: boolean
}

export async function serverOffer(): Promise<Offer> {
  try {
    const response = await fetch('./relay.json', { signal: AbortSignal.timeout(OFFER_MS), cache: 'no-store' })
    return response.ok ? parseOffer(await response.json()) : { isNode: false }
  } catch {
    // No such file, no JSON, no server any more: the page works without a relay, and says that it has none.
    return { isNode: false }
  }
}

/** `{ "addresses": [multiaddr, …], "isNode": true }`: the addresses are all of one relay, the one nearest to the page first. */
function parseOffer(offer: unknown): Offer {
  if (typeof offer !== 'object' || offer === null) return { isNode: false }
  const isNode = 'isNode' in offer && offer.isNode === true
  const addresses: readonly unknown[] = 'addresses' in offer && Array.isArray(offer.addresses) ? offer.addresses : []
  const [first] = addresses
  return typeof first === 'string' ? { relay: first, isNode } : { isNode }
}

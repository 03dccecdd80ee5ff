import { multiaddr } from '@multiformats/multiaddr'

/** What to give to somebody who is to come to the relay. */
export interface Invitation {
  /** The relay's address that most can reach. `undefined` for a relay that listens nowhere. */
  readonly address: string | undefined
  /** The page with that address; `undefined` without a page. */
  readonly link: string | undefined
  /** What a QR code says: the link, or else the address. */
  readonly text: string | undefined
}

/** The best address is the first announced one, since the owner has chosen it, or else that which the most can reach. */
export function invite(addresses: readonly string[], isAnnounced: boolean, pageUrl: string | undefined): Invitation {
  const [address] = isAnnounced ? addresses : bestFirst(addresses)
  // Slashes stay readable, as in the page's own links.
  const fragment = address === undefined ? '' : `#relay=${encodeURIComponent(address).replaceAll('%2F', '/')}`
  const link = pageUrl === undefined || address === undefined ? undefined : `${pageUrl.replace(/#.*$/, '')}${fragment}`
  return { address, link, text: link ?? address }
}

/** Those that others reach before those of this machine: names, the internet, the local network, other networks of this machine, itself. */
export function bestFirst(addresses: readonly string[]): readonly string[] {
  return addresses.toSorted((a, b) => rankOf(a) - rankOf(b))
}

/** The IPv4 address of this machine at which others reach it, or at least itself. */
export function hostForOthers(addresses: readonly string[]): string {
  const hosts = bestFirst(addresses).map((address) => multiaddr(address).getComponents()[0])
  return hosts.find((host) => host?.name === 'ip4')?.value ?? '127.0.0.1'
}

const REACH = ['name', 'internet', 'home', 'internal', 'link', 'loopback'] as const
type Reach = (typeof REACH)[number]

function rankOf(address: string): number {
  const components = multiaddr(address).getComponents()
  const names = new Set(components.map(({ name }) => name))
  const [host] = components
  const reach = reachOf(host?.name ?? '', host?.value ?? '')
  return REACH.indexOf(reach) * 10 + transportRank(names, reach)
}

/** A page on https reaches TLS under a name and WebRTC-direct anywhere; for an IP address no certificate is valid. Firefox reaches no WebRTC-direct on the loopback. */
function transportRank(names: ReadonlySet<string>, reach: Reach): number {
  const isTls = names.has('tls') || names.has('wss')
  if (isTls) return reach === 'name' ? 0 : 3
  if (names.has('webrtc-direct')) return reach === 'loopback' ? 2 : 1
  return reach === 'loopback' ? 1 : 2
}

function reachOf(kind: string, host: string): Reach {
  if (kind.startsWith('dns')) return host === 'localhost' ? 'loopback' : 'name'
  if (kind === 'ip6') {
    if (host === '::1') return 'loopback'
    if (/^fe[89ab]/i.test(host)) return 'link'
    return /^f[cd]/i.test(host) ? 'internal' : 'internet'
  }
  const [first = 0, second = 0] = host.split('.').map(Number)
  if (first === 127) return 'loopback'
  if (first === 169 && second === 254) return 'link'
  if (first === 10 || (first === 192 && second === 168)) return 'home'
  // Where containers and providers have their inner networks.
  return (first === 172 && second >= 16 && second < 32) || (first === 100 && second >= 64 && second < 128) ? 'internal' : 'internet'
}

import { multiaddr } from '@multiformats/multiaddr'

import { reachOf, type Reach } from '../src/network/address-reach.ts'

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

const RANK_BY_REACH: Readonly<Record<Reach, number>> = { name: 0, internet: 1, home: 2, internal: 3, carrier: 3, link: 4, loopback: 5 }

function rankOf(text: string): number {
  const address = multiaddr(text)
  const names = new Set(address.getComponents().map(({ name }) => name))
  const reach = reachOf(address)
  return RANK_BY_REACH[reach] * 10 + transportRank(names, reach)
}

/** A page on https reaches TLS under a name and WebRTC-direct anywhere; for an IP address no certificate is valid. Firefox reaches no WebRTC-direct on the loopback. */
function transportRank(names: ReadonlySet<string>, reach: Reach): number {
  const isTls = names.has('tls') || names.has('wss')
  if (isTls) return reach === 'name' ? 0 : 3
  if (names.has('webrtc-direct')) return reach === 'loopback' ? 2 : 1
  return reach === 'loopback' ? 1 : 2
}

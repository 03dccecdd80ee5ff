import type { Multiaddr } from '@multiformats/multiaddr'

import { isLoopback } from './addresses.ts'
import { MAX_STUN_SERVERS } from './limits.ts'

/** The STUN and TURN servers a node asks: those it was given, or else the STUN services of the relays it is connected to, which come and go. */
export interface IceServers {
  /** For a connection with a peer that is made now. */
  forPeers(): readonly RTCIceServer[]
  /** For WebRTC-direct, which needs no STUN: the listener has a known address, and the dialler's is found by asking nobody. */
  forDirect(): readonly RTCIceServer[]
  /** A relay says on which port it answers STUN requests; 0 for none. */
  learn(relay: Multiaddr, stunPort: number): void
  /** A relay is gone. */
  forget(relay: Multiaddr): void
}

/** With `given`, even when it is empty, relays are not asked. */
export function createIceServers(given: readonly RTCIceServer[] | undefined): IceServers {
  const urlByRelay = new Map<string, string>()
  return {
    forPeers: () => given ?? [...new Set(urlByRelay.values())].slice(0, MAX_STUN_SERVERS).map((urls) => ({ urls })),
    forDirect: () => given ?? [],
    learn: (relay, stunPort) => {
      const url = stunUrl(relay, stunPort)
      if (url === undefined) urlByRelay.delete(relay.toString())
      else urlByRelay.set(relay.toString(), url)
    },
    forget: (relay) => void urlByRelay.delete(relay.toString()),
  }
}

/**
 * The STUN service at the host of a relay's address (RFC 7064). `undefined` where there is none, and for a relay on this very machine: it sees only the loopback
 * address, which helps nobody.
 */
export function stunUrl(relay: Multiaddr, port: number): string | undefined {
  const [host] = relay.getComponents()
  if (port === 0 || host?.value === undefined || isLoopback(relay)) return undefined
  switch (host.name) {
    case 'ip6':
      return `stun:[${host.value}]:${port}`
    case 'ip4':
    case 'dns':
    case 'dns4':
    case 'dns6':
      return `stun:${host.value}:${port}`
    default:
      return undefined
  }
}

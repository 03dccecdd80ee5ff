import type { Link } from '../../src/index.node.ts'
import type { Router } from './namespaces.ts'

/** Two browsers, what is between them, and what is to come of it. */
export interface NatCell {
  readonly name: string
  /** The routers of the two; one for both is one network. */
  readonly routers: readonly [Router] | readonly [Router, Router]
  /** Where the relay is: a machine in the internet, or one more in the first network. */
  readonly relay: 'internet' | 'lan'
  readonly link: Link
  /** What `p2p.explain` finds of the direct way on each side. Where there is none, only who has tried knows why: the keys of the two decide who is the first. */
  readonly finds: readonly [RegExp, RegExp]
}

const CONE: Router = { nat: 'cone', udp: 'open' }
const SYMMETRIC: Router = { nat: 'symmetric', udp: 'open' }
const UDP_BLOCKED: Router = { nat: 'cone', udp: 'blocked' }
const OFFLINE: Router = { nat: 'offline', udp: 'open' }

/** Either may show as one that the other side saw first (RFC 8445, 7.3.1.3): the packet is faster than the word of it through the relay. */
const WITHIN_THE_LAN = /^the direct way is from (an address of the machine|an address that showed on the way) here/
/** A STUN service in the same LAN shows addresses of the LAN; else it is those of the routers. */
const AS_STUN_SEES =
  /^the direct way is from (the address that the STUN server sees|an address that showed on the way|an address of the machine) here/
const STRICT_NAT = /^no direct way was found, though both sides know their public addresses: one of them is behind a NAT/
const BLOCKED_HERE = /^no direct way was found: the STUN server did not answer this node, so UDP seems to be blocked here/
const BLOCKED_THERE =
  /^no direct way was found: the peer sent only addresses of its own network, so it has no STUN server, or UDP is blocked there/

export const NAT_CELLS: readonly NatCell[] = [
  { name: 'the same LAN', routers: [CONE], relay: 'internet', link: 'webrtc', finds: [WITHIN_THE_LAN, WITHIN_THE_LAN] },
  { name: 'two cone NATs', routers: [CONE, CONE], relay: 'internet', link: 'webrtc', finds: [AS_STUN_SEES, AS_STUN_SEES] },
  { name: 'a symmetric and a cone NAT', routers: [SYMMETRIC, CONE], relay: 'internet', link: 'relayed', finds: [STRICT_NAT, STRICT_NAT] },
  { name: 'two symmetric NATs', routers: [SYMMETRIC, SYMMETRIC], relay: 'internet', link: 'relayed', finds: [STRICT_NAT, STRICT_NAT] },
  {
    name: 'UDP blocked on one side',
    routers: [UDP_BLOCKED, CONE],
    relay: 'internet',
    link: 'relayed',
    finds: [BLOCKED_HERE, BLOCKED_THERE],
  },
  {
    name: 'UDP blocked on both sides',
    routers: [UDP_BLOCKED, UDP_BLOCKED],
    relay: 'internet',
    link: 'relayed',
    finds: [BLOCKED_HERE, BLOCKED_HERE],
  },
  { name: 'a relay in the LAN, no internet', routers: [OFFLINE], relay: 'lan', link: 'webrtc', finds: [AS_STUN_SEES, AS_STUN_SEES] },
]

/** What was measured in a cell, in milliseconds from the moment both pages open their databases. */
export interface NatFigures {
  readonly link: Link
  /** Until both sides have the link. */
  readonly connected: number
  /** Until both sides have a document of the other one, which comes through the relay where that is earlier. */
  readonly firstDocument: number
}

import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'

import type { Link } from '../database/database.ts'
import { DatabaseError, messageOf } from '../errors.ts'
import { quote } from '../util/quote.ts'
import { reachOf, type Reach } from './address-reach.ts'

/** The address of somebody whose identity is part of it. */
export interface PeerAddress {
  readonly address: Multiaddr
  readonly peerId: PeerId
  /** The peer ID as text. */
  readonly peer: string
}

/** The address of a relay, and where else it can be dialled. */
export interface RelayAddress extends PeerAddress {
  readonly others: readonly Multiaddr[]
}

const EXAMPLE = '"/ip4/192.168.1.5/tcp/9191/ws/p2p/12D3KooW…"'

/** @throws INVALID_ADDRESS when the text is no multiaddr that ends with a peer ID */
export function parsePeerAddress(text: string): PeerAddress {
  const address = parseAddress(text)
  const last = address.getComponents().at(-1)
  if (last?.name !== 'p2p' || last.value === undefined) {
    throw invalid(text, `does not end with "/p2p/<peer ID>"; copy the whole address that the other side prints, such as ${EXAMPLE}`)
  }
  try {
    const peerId = peerIdFromString(last.value)
    return { address, peerId, peer: peerId.toString() }
  } catch (error) {
    throw invalid(text, `has no valid peer ID at its end: ${messageOf(error)}`, error)
  }
}

/** The one spelling of a peer ID. @throws INVALID_ADDRESS */
export function parsePeerId(text: string): string {
  try {
    return peerIdFromString(text).toString()
  } catch (error) {
    throw new DatabaseError(
      'INVALID_ADDRESS',
      `${quote(text)} is no peer ID and no address of one; p2p.info() of the other side gives both`,
      { address: text },
      { cause: error },
    )
  }
}

/** The peer ID that a relay names; `undefined` when it says nonsense. */
export function peerIdOf(text: string): PeerId | undefined {
  try {
    return peerIdFromString(text)
  } catch {
    return undefined // Nobody can be dialled by it.
  }
}

/** @throws INVALID_ADDRESS when the text is not the address of a relay */
export function parseRelayAddress(text: string): PeerAddress {
  const relay = parsePeerAddress(text)
  if (namesOf(relay.address).has('p2p-circuit')) {
    throw invalid(text, 'leads through a relay to a node; give the address of the relay itself, the part before "/p2p-circuit"')
  }
  return relay
}

/** Each relay once, however many addresses of it there are. */
export function relaysOf(addresses: readonly PeerAddress[]): readonly RelayAddress[] {
  return [...Map.groupBy(addresses, ({ peer }) => peer).values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return []
    const others = new Map(rest.map(({ address }) => [address.toString(), address]))
    others.delete(first.address.toString())
    return { ...first, others: [...others.values()] }
  })
}

/** For sorting: what others reach most likely first. A page that was loaded over HTTPS dials TLS and WebRTC-direct only; an address of the loopback interface is of use on this machine alone. */
export function byReach(a: Multiaddr, b: Multiaddr): number {
  return scopeOf(a) - scopeOf(b) || transportRank(a) - transportRank(b)
}

export function isLoopback(address: Multiaddr): boolean {
  return reachOf(address) === 'loopback'
}

/** 0 for the whole net, 1 for a local one, 2 for this machine. A host behind the NAT of its provider looks like one of the net. */
function scopeOf(address: Multiaddr): number {
  return SCOPES[reachOf(address)]
}

const SCOPES: Readonly<Record<Reach, number>> = { name: 0, internet: 0, carrier: 0, home: 1, internal: 1, link: 1, loopback: 2 }

function transportRank(address: Multiaddr): number {
  const names = namesOf(address)
  if (names.has('wss') || (names.has('ws') && names.has('tls'))) return 0
  if (names.has('webrtc-direct')) return 1
  return names.has('ws') ? 2 : 3
}

/** @throws INVALID_ADDRESS when the text is no address to listen on */
export function parseListenAddress(text: string): Multiaddr {
  return parseAddress(text)
}

/** The relay's address of a node, for a direct WebRTC connection or for one through the relay. */
export function addressThrough(relay: Multiaddr, peer: string, link: 'webrtc' | 'relayed'): Multiaddr {
  return relay.encapsulate(link === 'webrtc' ? `/p2p-circuit/webrtc/p2p/${peer}` : `/p2p-circuit/p2p/${peer}`)
}

/** How a connection with this remote address is made. */
export function linkOf(address: Multiaddr): Link {
  const names = namesOf(address)
  if (names.has('webrtc')) return 'webrtc'
  // Before the rest, which says how the relay is reached.
  if (names.has('p2p-circuit')) return 'relayed'
  if (names.has('webrtc-direct')) return 'webrtc-direct'
  if (names.has('ws') || names.has('wss')) return 'websocket'
  return 'tcp'
}

function namesOf(address: Multiaddr): ReadonlySet<string> {
  return new Set(address.getComponents().map(({ name }) => name))
}

function parseAddress(text: string): Multiaddr {
  if (text === '') throw invalid(text, `is no address; one looks like ${EXAMPLE}`)
  try {
    return multiaddr(text)
  } catch (error) {
    throw invalid(text, `is no multiaddr (${messageOf(error)}); one looks like ${EXAMPLE}`, error)
  }
}

function invalid(address: string, advice: string, cause?: unknown): DatabaseError {
  return new DatabaseError('INVALID_ADDRESS', `"${address}" ${advice}`, { address }, cause === undefined ? {} : { cause })
}

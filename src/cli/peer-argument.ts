import { DatabaseError } from '../errors.ts'
import { quote } from '../util/quote.ts'
import { isObject, parseJson } from './read-input.ts'

/** A peer as the command line names it. The node judges whether its ID and addresses are any. */
export interface PeerArgument {
  readonly id: string
  /** What leads there: complete multiaddrs, or the ID when there are none. */
  readonly addresses: readonly [string, ...string[]]
}

const FORMS = 'give a peer ID, a multiaddr that ends with /p2p/<peer ID>, or {"ID": …, "Addrs": […]} as "client p2p info" prints it'

/** Reads a peer: its ID, its multiaddr, or its ID and addresses as JSON. @throws INVALID_ADDRESS */
export function parsePeerArgument(text: string): PeerArgument {
  const trimmed = text.trim()
  if (trimmed.startsWith('{')) return parseAddressInfo(trimmed)
  if (!trimmed.startsWith('/')) return { id: trimmed, addresses: [trimmed] }
  const id = /\/p2p\/([^/]+)$/.exec(trimmed)?.[1]
  if (id === undefined) throw invalid(trimmed, 'does not end with "/p2p/<peer ID>"')
  return { id, addresses: [trimmed] }
}

/** The form of go-libp2p's `AddrInfo`, whose addresses may do without the ID. */
function parseAddressInfo(text: string): PeerArgument {
  const info = parseJson(text, 'the peer')
  const id = isObject(info) ? info['ID'] : undefined
  const listed: unknown = isObject(info) ? (info['Addrs'] ?? []) : undefined
  if (typeof id !== 'string' || !Array.isArray(listed)) throw invalid(text, 'has no "ID" with a list of "Addrs"')
  const given: readonly unknown[] = listed
  const [first, ...more] = given.map((address) => {
    if (typeof address !== 'string') throw invalid(text, `has an address that is no text: ${quote(address)}`)
    return address.endsWith(`/p2p/${id}`) ? address : `${address}/p2p/${id}`
  })
  return { id, addresses: first === undefined ? [id] : [first, ...more] }
}

function invalid(address: string, fault: string): DatabaseError {
  return new DatabaseError('INVALID_ADDRESS', `${quote(address)} ${fault}; ${FORMS}`, { address })
}

/** Names or IDs given as several arguments, or with commas as DefraDB takes them. */
export function splitNames(given: readonly string[]): readonly string[] {
  return given
    .flatMap((one) => one.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

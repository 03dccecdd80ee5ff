import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'

import { DatabaseError, messageOf } from '../errors.ts'

/** What a node can listen on by itself: the names in an address. */
const TRANSPORT_BY_SHAPE: ReadonlyMap<string, 'tcp' | 'udp'> = new Map([
  ['ip4/tcp', 'tcp'],
  ['ip6/tcp', 'tcp'],
  ['ip4/tcp/ws', 'tcp'],
  ['ip6/tcp/ws', 'tcp'],
  ['ip4/udp/webrtc-direct', 'udp'],
  ['ip6/udp/webrtc-direct', 'udp'],
])

const EXAMPLES = ['/ip4/127.0.0.1/tcp/4001', '/ip4/127.0.0.1/tcp/4002/ws', '/ip4/127.0.0.1/udp/4001/webrtc-direct']

/** See `lasting-webrtc-direct.node.ts`. */
const TAKEN_BY = {
  tcp: 'perhaps by another database',
  udp: 'perhaps by another database, or by one that this very process has closed: it keeps the port to its end',
}

/** Where an address of this machine ends. */
interface Endpoint {
  readonly address: Multiaddr
  readonly transport: 'tcp' | 'udp'
  readonly host: string
  readonly port: number
}

/** A port that was taken for a moment. */
type Tried =
  | { readonly kind: 'free'; readonly endpoint: Endpoint; readonly port: number; release(): Promise<void> }
  | { readonly kind: 'failed'; readonly endpoint: Endpoint; readonly error: unknown }

/** Whether an address needs the certificate of the node. */
export function isWebRtcDirect(address: Multiaddr): boolean {
  return shapeOf(address).endsWith('/webrtc-direct')
}

/**
 * Tries what the caller wants to listen on before libp2p does, which passes over what it cannot listen on without a word, and never lets go of a WebRTC port that it has
 * failed on. Gives the addresses that can be listened on: a laptop is away from the network that one of them is of. Those through a relay are left to the relay's time.
 * @throws INVALID_ADDRESS for what no node listens on, for a port that is taken, and when none of them works
 */
export async function usableListenAddresses(addresses: readonly Multiaddr[]): Promise<readonly Multiaddr[]> {
  const reserved = addresses.filter(isReservation)
  const endpoints = addresses.filter((address) => !isReservation(address)).map(endpointOf)
  // All are held together, so that two that want the same port are found out.
  const tried: Tried[] = []
  try {
    for (const endpoint of endpoints) tried.push(await attempt(endpoint))
  } finally {
    for (const one of tried) if (one.kind === 'free') await one.release()
  }
  const failed = tried.filter((one) => one.kind === 'failed')
  const taken = failed.find(({ error }) => codeOf(error) === 'EADDRINUSE')
  const fatal = taken ?? (failed.length === tried.length ? failed[0] : undefined)
  if (fatal !== undefined) throw cannotListen(fatal.endpoint, fatal.error)
  return [...reserved, ...tried.flatMap((one) => (one.kind === 'free' ? boundAddress(one) : []))]
}

function isReservation(address: Multiaddr): boolean {
  const names = address.getComponents().map(({ name }) => name)
  return names.includes('p2p-circuit') || names.includes('webrtc')
}

function endpointOf(address: Multiaddr): Endpoint {
  const [network, transport] = address.getComponents()
  const kind = TRANSPORT_BY_SHAPE.get(shapeOf(address))
  if (kind === undefined || network?.value === undefined || transport?.value === undefined) {
    throw invalid(address, `is nothing that a node can listen on; give addresses such as ${EXAMPLES.join(', ')}`)
  }
  return { address, transport: kind, host: network.value, port: Number(transport.value) }
}

function shapeOf(address: Multiaddr): string {
  return address
    .getComponents()
    .map(({ name }) => name)
    .join('/')
}

async function attempt(endpoint: Endpoint): Promise<Tried> {
  try {
    return { kind: 'free', endpoint, ...(await (endpoint.transport === 'tcp' ? holdTcp(endpoint) : holdUdp(endpoint))) }
  } catch (error) {
    return { kind: 'failed', endpoint, error }
  }
}

interface Held {
  readonly port: number
  release(): Promise<void>
}

function holdTcp({ host, port }: Endpoint): Promise<Held> {
  const server = createServer()
  const release = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, ipv6Only: host.includes(':') }, () => resolve({ port, release }))
  })
}

function holdUdp({ host, port }: Endpoint): Promise<Held> {
  const socket = host.includes(':') ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4')
  const release = (): Promise<void> => new Promise((resolve) => void socket.close(() => resolve()))
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ address: host, port }, () => resolve({ port: socket.address().port, release }))
  })
}

/** With the port that was found where any would do: for WebRTC the library looks for one that is free for TCP. */
function boundAddress({ endpoint: { address, transport, port: wanted }, port }: Extract<Tried, { kind: 'free' }>): Multiaddr {
  if (transport === 'tcp' || wanted !== 0) return address
  return multiaddr(address.toString().replace('/udp/0/', `/udp/${port}/`))
}

function cannotListen({ address, transport, host, port }: Endpoint, error: unknown): DatabaseError {
  const where = `${transport.toUpperCase()} port ${port}`
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return invalid(
        address,
        `cannot be listened on: ${where} is taken, ${TAKEN_BY[transport]}; choose another, or 0 for a free one`,
        error,
      )
    case 'EADDRNOTAVAIL':
      return invalid(address, `cannot be listened on: ${host} is no address of this machine; 0.0.0.0 stands for all it has`, error)
    case 'EACCES':
      return invalid(address, `cannot be listened on: ${where} is for privileged processes; choose one above 1023`, error)
    default:
      return invalid(address, `cannot be listened on: ${messageOf(error)}`, error)
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function invalid(address: Multiaddr, advice: string, cause?: unknown): DatabaseError {
  return new DatabaseError(
    'INVALID_ADDRESS',
    `"${address.toString()}" ${advice}`,
    { address: address.toString() },
    cause === undefined ? {} : { cause },
  )
}

import { createServer } from 'node:net'

import { circuitRelayServer, type CircuitRelayService } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'

import { createLibp2p } from 'libp2p'

import { DatabaseError, messageOf } from '../src/errors.ts'
import { parseListenAddress } from '../src/network/addresses.ts'
import { repairedYamux } from '../src/network/stream-muxer.ts'
import { repairedWebSockets } from '../src/network/web-sockets.ts'
import { loadIdentity } from './identity.ts'
import {
  CONNECTIONS_PER_SECOND_PER_ADDRESS,
  DEFAULT_HOST,
  DEFAULT_PORT,
  MAX_CONNECTIONS,
  MAX_HOP_STREAMS,
  MAX_PENDING_CONNECTIONS,
  MAX_RESERVATIONS,
  RELAYED_BYTES,
  RELAYED_DURATION,
  RESERVATION_TTL,
} from './options.ts'
import { serveWho } from './who.ts'

export interface RelayOptions {
  /** TCP port of the WebSocket listener; 0 takes a free one. */
  readonly port?: number
  /** Interface to listen on, as an IP address. */
  readonly host?: string
  /** Folder that keeps the relay's key. Without it the relay has a new identity at each start. */
  readonly directory?: string
  /** Multiaddrs to tell others instead of the ones listened on, for a relay behind a proxy or a NAT. */
  readonly announce?: readonly string[]
}

export interface RelayStats {
  /** Nodes connected to the relay now. */
  readonly connections: number
  readonly reservations: number
  /** Topics somebody is in, and how many nodes are in any. */
  readonly topics: number
  readonly members: number
  /** Messages that were dropped because they broke a rule. */
  readonly dropped: number
}

export interface Relay {
  readonly peerId: string
  /** Multiaddrs with the peer ID: what goes into `p2p.relays`. */
  readonly addresses: readonly string[]
  stats(): RelayStats
  close(): Promise<void>
}

/** Starts a relay. @throws IN_USE when the port is taken, INVALID_ADDRESS for a wrong `announce`, INVALID_ARGUMENT for a host or port that cannot be listened on */
export async function startRelay(options: RelayOptions = {}): Promise<Relay> {
  const { port = DEFAULT_PORT, host = DEFAULT_HOST, directory, announce = [] } = options
  for (const address of announce) parseListenAddress(address)
  await checkPort(host, port)
  const node = await createLibp2p({
    ...(directory === undefined ? {} : { privateKey: await loadIdentity(directory) }),
    addresses: { listen: [`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}/ws`], announce: [...announce] },
    // WebRTC-direct will stand beside this. Its certificate must keep the default life of 14 days, or be one of our own: beyond 25.8 days the library
    // renews it in a tight loop and no dial succeeds.
    transports: [repairedWebSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [repairedYamux()],
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND_PER_ADDRESS,
      maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS,
    },
    // Yamux pings each connection every 30 s and closes the dead ones; a stream for each ping is not needed.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping(),
      // No gossipsub: nodes find each other through the who-protocol and talk to each other directly; the relay has no part in what they say.
      circuit: circuitRelayServer({
        maxInboundHopStreams: MAX_HOP_STREAMS,
        reservations: {
          maxReservations: MAX_RESERVATIONS,
          reservationTtl: RESERVATION_TTL,
          defaultDataLimit: RELAYED_BYTES,
          defaultDurationLimit: RELAYED_DURATION,
        },
      }),
    },
  })
  const who = await serveWho(node)
  const { circuit } = node.services

  // The library keeps the reservation of a node that has left until its end, and so fills up with tabs that were reloaded.
  node.addEventListener('peer:disconnect', ({ detail }) => freeReservation(circuit, detail))

  return {
    peerId: node.peerId.toString(),
    addresses: node.getMultiaddrs().map(String),
    stats: () => ({ connections: node.getPeers().length, reservations: circuit.reservations.size, ...who.stats() }),
    close: async () => {
      await who.close()
      await node.stop()
    },
  }
}

function freeReservation({ reservations }: CircuitRelayService, peer: Parameters<CircuitRelayService['reservations']['get']>[0]): void {
  // Its timer would otherwise end the reservation that the node makes when it comes back.
  reservations.get(peer)?.signal.clear()
  reservations.delete(peer)
}

/** Asks for the port before libp2p does, whose error names neither the port nor the reason. */
async function checkPort(host: string, port: number): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new DatabaseError('INVALID_ARGUMENT', `"${port}" is no port; give a number from 0 to 65535, 0 for a free one`, {
      argument: 'port',
      value: port,
    })
  }
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, resolve)
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      const advice = `port ${port} is in use, perhaps by another relay; stop that one or choose another port with --port`
      throw new DatabaseError('IN_USE', advice, { name: `port ${port}` }, { cause: error })
    }
    const advice = `cannot listen on "${host}" port ${port} (${messageOf(error)}); give an IP address of this machine and a port above 1023`
    throw new DatabaseError('INVALID_ARGUMENT', advice, { argument: 'host', value: host }, { cause: error })
  } finally {
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
  }
}

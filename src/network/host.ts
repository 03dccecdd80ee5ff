import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { gossipsub, type GossipSub } from '@libp2p/gossipsub'
import { identify, type Identify } from '@libp2p/identify'
import { FaultTolerance, type Libp2p, type PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping, type Ping } from '@libp2p/ping'
import { webRTC, type WebRTCTransportDirectInit } from '@libp2p/webrtc'

import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2pOptions } from 'libp2p'

import type { Replica } from '../database/replica.ts'
import { DATA_CHANNEL, DIRECT_DATA_CHANNEL } from './data-channels.ts'
import type { IceServers } from './ice-servers.ts'
import type { CandidateKind, Surroundings } from './explain/facts.ts'
import { ADDRESS_DIAL_TIMEOUT, MAX_GOSSIP_BACKLOG_BYTES, MAX_GOSSIP_BYTES, MAX_PEERS } from './limits.ts'
import { repairedYamux } from './stream-muxer.ts'
import { repairedWebSockets } from './web-sockets.ts'

/** The libp2p services every node runs. */
export interface HostServices extends Record<string, unknown> {
  readonly identify: Identify
  readonly ping: Ping
  readonly gossip: GossipSub
  readonly listeners: Listeners
}

/** What starts to listen at more addresses. */
interface Listeners {
  listen(addresses: readonly Multiaddr[]): Promise<void>
}

/** A started libp2p node, and what its surroundings tell it. */
export interface Host {
  readonly node: Libp2p<HostServices>
  /** Asks the next relay that is connected for a reservation: for one that was not counted in `HostParts.relays`. */
  reserveAnother(): Promise<void>
  /** Why this platform cannot reach an address, and what to do; `undefined` when it knows of nothing. */
  adviceFor(address: Multiaddr): string | undefined
  /** Where this node runs, as the platform says. */
  surroundings(): Promise<Surroundings>
  /** Kinds of candidates of the WebRTC connection that was given these, as far as the platform tells. */
  localCandidates(remote: readonly string[]): readonly CandidateKind[] | undefined
  /** Tells when the node is back: online again, visible again, restored, or awake after a sleep. Returns the function that ends it. */
  onWake(listener: () => void): () => void
  /** Tells when the page goes away; only what is sent synchronously still leaves. Returns the function that ends it. */
  onLeave(listener: () => void): () => void
}

export interface HostParts {
  readonly privateKey: PrivateKey
  /** How many relays to hold a reservation on. */
  readonly relays: number
  /** What the platform listens on by itself is used where this is absent. */
  readonly listen?: readonly Multiaddr[]
  /** Asked for each connection, in either direction. */
  readonly iceServers: Pick<IceServers, 'forPeers' | 'forDirect'>
  /** Where a platform keeps what makes its addresses. */
  readonly settings: Pick<Replica, 'setting' | 'setSetting'>
  /** Asked before a connection is made or taken. */
  readonly isRefused: (peer: string) => boolean
}

/** Makes and starts the libp2p node of this platform. */
export type HostFactory = (parts: HostParts) => Promise<Host>

type Transports = NonNullable<Libp2pOptions['transports']>

/** What differs between platforms. */
export interface Platform {
  readonly transports: Transports
  readonly listen: readonly string[]
  readonly webRtcDirect: (init: WebRTCTransportDirectInit) => Transports[number]
}

/** Starts a node with everything that is the same on all platforms. */
export async function startNode(parts: HostParts, platform: Platform): Promise<Pick<Host, 'node' | 'reserveAnother'>> {
  const { relays, isRefused, iceServers } = parts
  // Always our own list: without one the library asks four public STUN servers.
  const forPeers = (): RTCConfiguration => ({ iceServers: [...iceServers.forPeers()] })
  const forDirect = (): RTCConfiguration => ({ iceServers: [...iceServers.forDirect()] })
  // `/p2p-circuit`, once for each relay, keeps a reservation wherever a relay is connected. With a relay's own address instead, the node would not start while
  // that relay is down, and would not come back to it.
  const reservations = relays === 0 ? [] : [...Array.from({ length: relays }, () => '/p2p-circuit'), '/webrtc']
  const node = await createLibp2p<HostServices>({
    privateKey: parts.privateKey,
    addresses: { listen: [...reservations, ...(parts.listen?.map(String) ?? platform.listen)] },
    // A relay that cannot be reached must not keep the database from opening. What the platform listens on by itself it has tried before.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    transports: [
      repairedWebSockets(),
      webRTC({ rtcConfiguration: forPeers, dataChannel: DATA_CHANNEL }),
      // Both come in one module, so there is nothing to gain by loading this one when it is wanted.
      platform.webRtcDirect({ rtcConfiguration: forDirect, dataChannel: DIRECT_DATA_CHANNEL }),
      circuitRelayTransport(),
      ...platform.transports,
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [repairedYamux()],
    connectionGater: {
      // Libp2p refuses private and insecure addresses in browsers; a relay at home has no other.
      denyDialMultiaddr: () => false,
      denyDialPeer: (peer) => isRefused(peer.toString()),
      denyOutboundUpgradedConnection: (peer) => isRefused(peer.toString()),
      denyInboundEncryptedConnection: (peer) => isRefused(peer.toString()),
      denyInboundUpgradedConnection: (peer) => isRefused(peer.toString()),
    },
    connectionManager: {
      // Several connections to one peer exist while they are made and replaced.
      maxConnections: 4 * MAX_PEERS,
      // The tabs of an office, or of a test, come from one address.
      inboundConnectionThreshold: MAX_PEERS,
      maxIncomingPendingConnections: MAX_PEERS,
      addressDialTimeout: ADDRESS_DIAL_TIMEOUT,
      // Libp2p gives a keep-alive peer one attempt only where a WebSocket fails with an event that is no error; `relay-links.ts` and `dialer.ts` redial.
      reconnectRetries: 0,
    },
    // It opens a stream for each ping, some of which get stuck in browsers, and then cuts the connection. The sync and who streams ping themselves.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping(),
      listeners: ({ transportManager }) => ({ listen: (addresses) => transportManager.listen([...addresses]) }),
      gossip: gossipsub({
        // Commits are checked by their hashes; a signature for each message would double the time and quintuple the work of a message.
        globalSignaturePolicy: 'StrictNoSign',
        // The tabs behind one NAT have one address: the default score would silence the eleventh for an hour.
        scoreParams: { IPColocationFactorWeight: 0 },
        allowPublishToZeroTopicPeers: true,
        // In small groups the sync streams reach everyone; gossip is for crowds, where a node should not send to all.
        floodPublish: false,
        fallbackToFloodsub: false,
        doPX: false,
        tagMeshPeers: false,
        maxInboundDataLength: 4 * MAX_GOSSIP_BYTES,
        maxOutboundBufferSize: MAX_GOSSIP_BACKLOG_BYTES,
        // Not on connections through a relay: it would stay there when a direct one comes, and fall silent when the relayed one closes.
        runOnLimitedConnection: false,
      }),
    },
  })
  let hasRelay = relays > 0
  return {
    node,
    reserveAnother: async () => {
      const more = hasRelay ? ['/p2p-circuit'] : ['/p2p-circuit', '/webrtc']
      hasRelay = true
      await node.services.listeners.listen(more.map((address) => multiaddr(address)))
    },
  }
}

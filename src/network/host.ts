import type { GossipSub } from '@libp2p/gossipsub'
import type { Identify } from '@libp2p/identify'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import type { Ping } from '@libp2p/ping'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The libp2p services every node runs. */
export interface HostServices extends Record<string, unknown> {
  readonly identify: Identify
  readonly ping: Ping
  readonly gossip: GossipSub
}

/** A started libp2p node, and what its surroundings tell it. */
export interface Host {
  readonly node: Libp2p<HostServices>
  /** Tells when the page is back: online again, visible again, restored. Returns the function that ends it. */
  onWake(listener: () => void): () => void
  /** Tells when the page goes away; only what is sent synchronously still leaves. Returns the function that ends it. */
  onLeave(listener: () => void): () => void
}

export interface HostParts {
  readonly privateKey: PrivateKey
  /** How many relays to hold a reservation on. */
  readonly relays: number
  readonly listen: readonly Multiaddr[]
  readonly iceServers: readonly RTCIceServer[]
}

/** Makes and starts the libp2p node of this platform. */
export type HostFactory = (parts: HostParts) => Promise<Host>

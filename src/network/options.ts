import type { PeerKey } from './peer-key.ts'

/** How a node takes part in the network. Without relays, peers or listen addresses it waits for `p2p.connect`. */
export interface P2POptions {
  /** Multiaddrs of relays to keep a reservation on, each with `/p2p/<peer ID>`. All nodes at one relay that share a collection find each other. */
  readonly relays?: readonly string[]
  /**
   * An invitation of another node, as `p2p.invite()` makes it, or a whole URL that ends with it. Its relays are used beside `relays`, its room secret where `room` is not given; its types are
   * added, its collections subscribed to, and who invites is dialled.
   */
  readonly invite?: string
  /** Multiaddrs of peers to dial at the start and to keep dialling. */
  readonly peers?: readonly string[]
  /**
   * Node only: multiaddrs to listen on, for TCP, WebSockets (`/ip4/127.0.0.1/tcp/4002/ws`) and WebRTC-direct (`/ip4/127.0.0.1/udp/4001/webrtc-direct`), which pages can dial
   * without a relay. Opening fails when a port is taken, or none of them works; one that is not of this machine is passed over beside others. `p2p.info()` has them as
   * others dial them: that of WebRTC-direct ends with the hash of a certificate, which the database keeps. A process has
   * the UDP port to its end, also when the database is closed. Default: a free TCP port on the loopback interface.
   */
  readonly listen?: readonly string[]
  /**
   * STUN and TURN servers, with which nodes behind different routers connect directly. Default: the STUN services of `relays`, and nothing of a third party. What is given
   * replaces them; an empty list asks nobody.
   */
  readonly iceServers?: readonly RTCIceServer[]
  /** May data flow through a relay, end-to-end encrypted, when no direct connection can be made? Default true. */
  readonly relayedData?: boolean
  /**
   * Collections to subscribe to, by name, as `p2p.collections.add` does it; 'all' for every collection there is and will be. Default none: what others have comes only
   * when it is asked for.
   */
  readonly subscribe?: readonly string[] | 'all'
  /** Seconds between attempts to reach the target of a replicator; the last one repeats. Default 30, 60, 120, 240, 480, 960, 1920. */
  readonly replicatorRetryIntervals?: readonly number[]
  /**
   * The Ed25519 private key that is this node: its seed of 32 bytes, or 64, the seed and the public key; or a function that gives it and is told the one which the database has
   * kept until now, if any. It is not kept in the database. Default: one that is made once and kept there.
   */
  readonly peerKey?: PeerKey
  /**
   * IDs of the only peers this node has to do with; relays need not be named. All others are not dialled, not taken and told nothing, and nothing of theirs is merged. Default:
   * everybody. An empty list lets nobody in.
   */
  readonly allow?: readonly string[]
  /** IDs of peers that are treated so, beside those that `p2p.block` has blocked. */
  readonly block?: readonly string[]
  /** A secret that nodes must share to find each other: it is mixed into the topics. */
  readonly room?: string
}

import { generateKeyPairFromSeed, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'

/** Who a node is: the same in every simulation. */
export interface Identity {
  readonly peerId: PeerId
  readonly peer: string
  readonly address: Multiaddr
  /** The private key, as a node keeps it. */
  readonly key: Uint8Array
}

/** So many of them. */
export function identities(count: number): Promise<readonly Identity[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const key = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(index + 1))
      const peerId = peerIdFromPrivateKey(key)
      const peer = peerId.toString()
      return { peerId, peer, address: multiaddr(`/ip4/10.0.0.${index + 1}/tcp/9191/p2p/${peer}`), key: privateKeyToProtobuf(key) }
    }),
  )
}

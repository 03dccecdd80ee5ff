import type { IdentifyResult, Libp2p, Peer, PeerId } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'

import { pause, type Clock } from '../util/clock.ts'
import { linkOf } from './addresses.ts'

/** A peer says what it listens on within a round trip or two of being connected; a busy machine takes longer. */
const IDENTIFY_TIMEOUT = 5000

type Node = Pick<Libp2p, 'getConnections' | 'peerStore' | 'addEventListener' | 'removeEventListener'>

/**
 * An address at which a peer that is connected now can be dialled another time: the one at which it was, or the first that it tells to listen on. A tab has none; it is found at
 * its relay.
 */
export async function dialableAddress(node: Node, peerId: PeerId, clock: Clock): Promise<Multiaddr | undefined> {
  const connections = node.getConnections(peerId)
  if (connections.length === 0) return undefined
  const dialled = connections.filter(({ direction }) => direction === 'outbound').map(({ remoteAddr }) => remoteAddr)
  const known = await storedPeer(node, peerId)
  // Its protocols may be known from the streams that were opened; identify also brings the name of its software.
  const told = addressesOf(known?.metadata.has('AgentVersion') === true ? known : await identifiedPeer(node, peerId, clock))
  const address = [...dialled, ...told].find(isOwn)
  if (address === undefined) return undefined
  return address.getComponents().at(-1)?.name === 'p2p' ? address : address.encapsulate(`/p2p/${peerId.toString()}`)
}

async function identifiedPeer(node: Node, peerId: PeerId, clock: Clock): Promise<Peer | undefined> {
  const identified = new AbortController()
  const onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    if (detail.peerId.equals(peerId)) identified.abort()
  }
  node.addEventListener('peer:identify', onIdentify)
  await pause(clock, IDENTIFY_TIMEOUT, identified.signal)
  node.removeEventListener('peer:identify', onIdentify)
  return storedPeer(node, peerId)
}

async function storedPeer({ peerStore }: Node, peerId: PeerId): Promise<Peer | undefined> {
  try {
    return await peerStore.get(peerId)
  } catch {
    // The store throws for a peer that it does not know.
    return undefined
  }
}

function addressesOf(peer: Peer | undefined): readonly Multiaddr[] {
  // The store has its own copy of the class.
  return peer?.addresses.map((entry) => multiaddr(entry.multiaddr.toString())) ?? []
}

/** Whether it leads to the peer by itself. */
function isOwn(address: Multiaddr): boolean {
  const link = linkOf(address)
  return link !== 'relayed' && link !== 'webrtc'
}

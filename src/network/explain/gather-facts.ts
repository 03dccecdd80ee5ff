import type { Multiaddr } from '@multiformats/multiaddr'

import type { RefusedPeer } from '../../database/database.ts'
import { candidatePair } from '../candidate-pair.ts'
import type { P2PParts } from '../p2p-api.ts'
import { isLocalAddress, isLoopbackAddress } from './local-address.ts'
import type { Facts } from './facts.ts'

type Parts = Pick<P2PParts, 'host' | 'links' | 'relayLinks' | 'offences' | 'admission' | 'statusOf' | 'iceServers' | 'relayedData'>

/** Asks every part of the network what it knows of the way to a peer. */
export async function factsOf(parts: Parts, peer: string): Promise<Facts> {
  const { host, links, relayLinks, offences, admission, statusOf, iceServers, relayedData } = parts
  const way = links.wayTo(peer)
  const session = links.sessions().find((candidate) => candidate.peer === peer)
  const status = session === undefined ? undefined : statusOf(session)
  const known = new Set(relayLinks.whereIs(peer).map(({ relay }) => relay.toString()))
  return {
    peer,
    isSelf: peer === host.node.peerId.toString(),
    refusal: admission.refusalOf(peer) ?? cutOffReason(offences.cutOff(), peer),
    isParted: way.isParted,
    dials: way.dials,
    relayedData,
    session:
      status === undefined
        ? undefined
        : { link: status.link, roundTrip: status.roundTrip, inSync: status.inSync, collections: status.collections },
    surroundings: await host.surroundings(),
    relays: relayLinks.statuses().map((relay) => ({
      status: relay,
      knowsPeer: known.has(relay.address),
      isLocal: isLocalAddress(relay.address),
      isLoopback: isLoopbackAddress(relay.address),
    })),
    addresses: way.addresses.map((address: Multiaddr) => ({ address: address.toString(), advice: host.adviceFor(address) })),
    attempt: way.attempt,
    iceServers: iceServers(),
    pair: session === undefined ? undefined : await candidatePair(session.connection),
  }
}

function cutOffReason(refused: readonly RefusedPeer[], peer: string): string | undefined {
  const found = refused.find(({ id }) => id === peer)
  return found === undefined ? undefined : `broke the protocol: ${found.reason}`
}

import type { Multiaddr } from '@multiformats/multiaddr'

import type { Replica } from '../database/replica.ts'
import { DatabaseError } from '../errors.ts'
import { collectionSdl, connectedCollections, isSpelledIn } from '../schema/collection-sdl.ts'
import { byReach, isLoopback, parseRelayAddress, type PeerAddress, type RelayAddress } from './addresses.ts'
import type { Host } from './host.ts'
import { namedCollection, type Interests } from './interests.ts'
import { parseInvitation, printInvitation, type Invitation } from './invitation.ts'
import { MAX_INVITED_ADDRESSES, MAX_INVITED_RELAY_ADDRESSES } from './limits.ts'
import type { PeerLinks } from './peer-links-contract.ts'
import type { RelayLinks } from './relay-links.ts'
import type { Subscriptions } from './subscriptions.ts'

/** Invites others, and takes what others invite to. */
export interface Invitations {
  /** See `P2PApi.invite`. */
  invite(collections: readonly string[] | undefined): Promise<string>
  /** Adds types, subscriptions and relays. @throws INVALID_ARGUMENT when it is of another room, ALREADY_EXISTS */
  take(invitation: Invitation): Promise<void>
  /** Keeps who invites dialled, where this platform can dial it; elsewhere a relay tells of it. */
  dial(invitation: Invitation): Promise<void>
  /** Resolves when who invites is connected. */
  meet(invitation: Invitation, signal: AbortSignal): Promise<void>
}

export interface InvitationsParts {
  readonly host: Host
  readonly replica: Pick<Replica, 'versions' | 'addTypes'>
  readonly interests: Interests
  readonly subscriptions: Pick<Subscriptions, 'addCollections'>
  readonly relayLinks: Pick<RelayLinks, 'all' | 'add'>
  readonly links: Pick<PeerLinks, 'keepDialling' | 'connect' | 'expect'>
  readonly room: string
}

export function createInvitations(parts: InvitationsParts): Invitations {
  const { host, replica, interests, relayLinks, links, room } = parts
  const { node } = host
  const self = node.peerId.toString()

  async function relayAddresses(): Promise<readonly Multiaddr[]> {
    const relays = await Promise.all(relayLinks.all().map(addressesOf))
    // Of each the best, before the second best of any.
    const most = Math.max(0, ...relays.map(({ length }) => length))
    const ranked = Array.from({ length: most }, (_, rank) => relays.flatMap((addresses) => addresses[rank] ?? [])).flat()
    return ranked.slice(0, MAX_INVITED_RELAY_ADDRESSES)
  }

  /** Those this node was given, which are known to work, and what the relay tells of itself. */
  async function addressesOf({ address, others, peer, peerId }: RelayAddress): Promise<readonly Multiaddr[]> {
    const told = (await node.peerStore.has(peerId)) ? (await node.peerStore.get(peerId)).addresses : []
    const complete = told.flatMap(({ multiaddr }) => completeRelayAddress(multiaddr, peer))
    return forOthers([...[address, ...others].toSorted(byReach), ...complete.toSorted(byReach)]).slice(0, MOST_OF_ONE_RELAY)
  }

  async function dialable({ addresses, peer }: Invitation): Promise<readonly PeerAddress[]> {
    if (peer === self) return []
    const can = await Promise.all(addresses.map(({ address }) => node.isDialable(address)))
    return addresses.filter((_, index) => can[index])
  }

  return {
    invite: async (named) => {
      const collections = (named?.map((name) => namedCollection(interests, name)) ?? interests.all()).map(({ name }) => name)
      const versions = replica.versions()
      const dialect = isSpelledIn('0.19', connectedCollections(versions, collections)) ? '0.19' : '1.0'
      const printed = printInvitation({
        relays: await relayAddresses(),
        peer: self,
        addresses: forOthers(node.getMultiaddrs().filter(isOwnDirect).toSorted(byReach)).slice(0, MAX_INVITED_ADDRESSES),
        room,
        dialect,
        // Line breaks in texts are escaped.
        sdl: collectionSdl(versions, collections, { dialect }).replaceAll(/\s*\n\s*/g, ' '),
        collections,
      })
      checkTypes(parseInvitation(printed), interests)
      return printed
    },
    take: async (invitation) => {
      checkRoom(invitation, room, 'open another database with p2p: { invite }')
      if (invitation.peer === self) {
        throw new DatabaseError('INVALID_ARGUMENT', 'the invitation is of this node itself; give it to another one', { argument: 'invite' })
      }
      await takeTypes(invitation, parts)
      await Promise.all(invitation.relays.map((relay) => relayLinks.add(relay)))
    },
    dial: async (invitation) => {
      for (const address of await dialable(invitation)) links.keepDialling(address)
    },
    meet: async (invitation, signal) => {
      const addresses = await dialable(invitation)
      const ways = addresses.map((address) => links.connect(address, signal))
      if (invitation.relays.length > 0) ways.push(links.expect(invitation.peer, signal))
      if (ways.length === 0) throw new Error('it has no relay, and no address that can be dialled from here')
      await Promise.any(ways)
    },
  }
}

/** The addresses of one relay that an invitation may hold: for pages, for pages in the local network, and one more. */
const MOST_OF_ONE_RELAY = 3

/** Adds the types of an invitation and subscribes to its collections. @throws ALREADY_EXISTS */
export async function takeTypes(
  { sdl, dialect, versions, collections }: Invitation,
  { replica, subscriptions }: Pick<InvitationsParts, 'replica' | 'subscriptions'>,
): Promise<void> {
  if (sdl !== '') await replica.addTypes(sdl, dialect)
  const ids = versions.filter(({ name }) => collections.includes(name)).map(({ collectionId }) => collectionId)
  if (ids.length > 0) await subscriptions.addCollections(ids)
}

/** Nodes find each other, and know what they talk of, within one room. @throws INVALID_ARGUMENT */
export function checkRoom(invitation: Invitation, room: string, advice: string): void {
  if (invitation.room === room) return
  throw new DatabaseError(
    'INVALID_ARGUMENT',
    `the invitation is of ${invitation.room === '' ? 'no room' : 'a room'}, and this node is in ${room === '' ? 'none' : 'another'}; a node is in one room: ${advice}`,
    { argument: 'invite' },
  )
}

/** What others would make of the text has to be what is here. @throws UNSUPPORTED */
function checkTypes({ versions, collections }: Invitation, interests: Interests): void {
  const other = versions.find(({ name, collectionId }) => collections.includes(name) && interests.byId(collectionId)?.name !== name)
  if (other === undefined) return
  throw new DatabaseError('UNSUPPORTED', `no schema text makes the collection "${other.name}" again, so nobody can be invited to it`, {
    feature: `inviting to "${other.name}"`,
  })
}

/** Each address once; those of this machine only when there are no others. */
function forOthers(addresses: readonly Multiaddr[]): readonly Multiaddr[] {
  const unique = [...new Map(addresses.map((address) => [address.toString(), address])).values()]
  const reachable = unique.filter((address) => !isLoopback(address))
  return reachable.length > 0 ? reachable : unique
}

function completeRelayAddress(address: Multiaddr, peer: string): readonly Multiaddr[] {
  const names = new Set(address.getComponents().map(({ name }) => name))
  if (names.has('p2p-circuit')) return []
  const complete = names.has('p2p') ? address : address.encapsulate(`/p2p/${peer}`)
  try {
    return [parseRelayAddress(complete.toString()).address]
  } catch {
    return [] // The relay says nonsense; what this node was given stays.
  }
}

/** Whether an address leads to this node without a relay. */
function isOwnDirect(address: Multiaddr): boolean {
  return address.getComponents().every(({ name }) => name !== 'p2p-circuit' && name !== 'webrtc')
}

import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

import type { Host, HostFactory, HostServices } from '../host.ts'
import type { Identity } from './identities.testkit.ts'
import type { Life } from './machine.testkit.ts'
import { createDialling } from './dialling.testkit.ts'
import type { SimulatedConnection } from './simulated-connection.testkit.ts'
import { createSimulatedGossip } from './simulated-gossip.testkit.ts'
import type { Endpoint, StreamHandler, World } from './world.testkit.ts'

export interface SimulatedHostParts {
  readonly world: World
  readonly index: number
  readonly identities: readonly Identity[]
  readonly life: Life
}

/** The host of one process, with what happens to its machine. */
export interface SimulatedHost {
  readonly create: HostFactory
  /** The page comes back: the machine was asleep, or has another network. */
  onWoken(): void
  /** The page goes away, or is hidden. */
  onLeft(): void
}

/** What libp2p takes when a stream may be opened so often at most that nobody says. */
const MOST_INBOUND = 32

/** libp2p as the network uses it, in memory: everything between the process and the net, and nothing else. */
export function createSimulatedHost({ world, index, identities, life }: SimulatedHostParts): SimulatedHost {
  const onWake = new Set<() => void>()
  const onLeave = new Set<() => void>()

  const create: HostFactory = async ({ isRefused }) => {
    const own = identities[index]
    if (own === undefined) throw new RangeError(`there is no identity ${index}`)
    const events = new EventTarget()
    const endpoint: Endpoint = {
      index,
      peerId: own.peerId,
      life,
      connections: new Set(),
      handlers: new Map(),
      onGossip: (connection, message) => gossip.onMessage(connection, message),
      isRefused: (peer) => isRefused(peer.toString()),
      onConnection: (connection, event) => {
        world.trace.note(`connection:${event}`, index, connection.id, connection.direction)
        if (event === 'open') {
          gossip.onOpen(connection)
          identify(connection)
        } else gossip.onClose(connection)
        events.dispatchEvent(new CustomEvent(`connection:${event}`, { detail: connection }))
      },
    }
    const gossip = createSimulatedGossip(world, endpoint)
    const dialling = createDialling(world, endpoint, identities)

    /** Each side learns what the other speaks, after a round trip. */
    function identify(connection: SimulatedConnection): void {
      const roundTrip = world.internet.delay(index, connection.other.endpoint.index) * 2
      life.after(roundTrip, () => {
        if (connection.status !== 'open') return
        const detail = { peerId: connection.remotePeer, protocols: [...connection.other.endpoint.handlers.keys()], connection }
        events.dispatchEvent(new CustomEvent('peer:identify', { detail }))
      })
    }

    async function stop(): Promise<void> {
      world.endpoints.delete(index)
      dialling.stop()
      await Promise.allSettled([...endpoint.connections].map((connection) => connection.close()))
      for (const connection of endpoint.connections) connection.abort(new Error('the node stops'))
      gossip.stop()
    }

    const node: NarrowLibp2p = {
      peerId: own.peerId,
      services: { gossip: gossip.service },
      getConnections: (peer) => [...endpoint.connections].filter(({ remotePeer }) => peer === undefined || remotePeer.equals(peer)),
      getMultiaddrs: () => [own.address],
      dial: dialling.dial,
      handle: async (protocol, handler, { maxInboundStreams = MOST_INBOUND } = {}) => {
        endpoint.handlers.set(protocol, { handler, mostInbound: maxInboundStreams })
      },
      addEventListener: (name, listener) => events.addEventListener(name, listener),
      removeEventListener: (name, listener) => events.removeEventListener(name, listener),
      stop,
    }
    // It can be reached while it is still starting.
    world.endpoints.set(index, endpoint)
    if (world.habits.startup > 0) await new Promise<void>((resolve) => life.after(world.habits.startup, resolve))
    const host: Host = {
      node: asLibp2p(node),
      reserveAnother: async () => {},
      adviceFor: () => undefined,
      surroundings: async () => ({ isOnline: true }),
      localCandidates: () => undefined,
      onWake: listening(onWake),
      onLeave: listening(onLeave),
    }
    return host
  }

  return {
    create,
    onWoken: () => {
      for (const listener of onWake) listener()
    },
    onLeft: () => {
      for (const listener of onLeave) listener()
    },
  }
}

/** What the network uses of libp2p's node. */
interface NarrowLibp2p {
  readonly peerId: PeerId
  readonly services: { readonly gossip: object }
  getConnections(peer?: PeerId): readonly SimulatedConnection[]
  getMultiaddrs(): readonly Multiaddr[]
  dial(target: Multiaddr | readonly Multiaddr[], options?: { readonly signal?: AbortSignal }): Promise<SimulatedConnection>
  handle(protocol: string, handler: StreamHandler, options?: { readonly maxInboundStreams?: number }): Promise<void>
  addEventListener(name: string, listener: EventListener): void
  removeEventListener(name: string, listener: EventListener): void
  stop(): Promise<void>
}

/** The network sees a node of libp2p, of which it never uses more than is there. */
function asLibp2p(node: NarrowLibp2p): Libp2p<HostServices> {
  return node as unknown as Libp2p<HostServices>
}

function listening(listeners: Set<() => void>): (listener: () => void) => () => void {
  return (listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
}

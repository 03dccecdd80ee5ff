import { TopicValidatorResult, type GossipSub, type Message } from '@libp2p/gossipsub'

import type { ListedStream, SimulatedConnection } from './simulated-connection.testkit.ts'
import { checksum } from './trace.testkit.ts'
import type { Endpoint, GossipPacket, World } from './world.testkit.ts'

/** The part of gossipsub that the network uses. */
export type NarrowGossip = Pick<GossipSub, 'topicValidators' | 'subscribe' | 'unsubscribe' | 'publish' | 'getSubscribers'>

export interface SimulatedGossip {
  readonly service: NarrowGossip
  onOpen(connection: SimulatedConnection): void
  onClose(connection: SimulatedConnection): void
  onMessage(connection: SimulatedConnection, message: GossipPacket): void
  stop(): void
}

/** Whom gossipsub passes a message on to, at most. */
const MESH = 6
/** Share of messages that come again so late that gossipsub has forgotten them. */
const FORGOTTEN = 0.1

interface Neighbour {
  /** The connection with the stream to it. As gossipsub does, it opens only one: when that closes while another connection stays, it falls silent. */
  readonly connection: SimulatedConnection
  stream: (ListedStream & { status: string }) | undefined
  topics: readonly string[]
}

/** Gossip whose messages get lost, come twice and overtake each other. */
export function createSimulatedGossip(world: World, endpoint: Endpoint): SimulatedGossip {
  const { life, index, connections } = endpoint
  const { internet, chance, trace, traffic } = world
  const neighbours = new Map<number, Neighbour>()
  const followed = new Set<string>()
  const seen = new Set<string>()
  const topicValidators: NarrowGossip['topicValidators'] = new Map()

  function openStream(other: number, neighbour: Neighbour): void {
    const { connection } = neighbour
    if (connection.status !== 'open' || neighbours.get(other) !== neighbour) return
    neighbour.stream = { direction: 'outbound', protocol: '/meshsub/1.2.0', status: 'open' }
    connection.list(neighbour.stream)
    tellTopics(neighbour)
  }

  function tellTopics({ connection, stream }: Neighbour): void {
    if (stream?.status === 'open') {
      internet.once(index, connection.other.endpoint.index, () => arrive(connection, { kind: 'topics', topics: [...followed] }))
    }
  }

  function arrive({ other }: SimulatedConnection, message: GossipPacket): void {
    other.endpoint.life.run(() => {
      if (other.status === 'open') other.endpoint.onGossip(other, message)
    })
  }

  /** Sends a message to some who follow its topic. */
  function spread(topic: string, data: Uint8Array, except: number | undefined): readonly Neighbour[] {
    const reached = [...neighbours].filter(
      ([other, { stream, topics }]) => other !== except && stream?.status === 'open' && topics.includes(topic),
    )
    const chosen = chance.shuffled(reached).slice(0, MESH)
    for (const [other, { connection }] of chosen) {
      traffic.gossiped()
      trace.note('gossip', index, other, data.length, checksum(data))
      internet.datagram(index, other, () => arrive(connection, { kind: 'message', topic, data }))
    }
    return chosen.map(([, neighbour]) => neighbour)
  }

  async function take(connection: SimulatedConnection, topic: string, data: Uint8Array): Promise<void> {
    const validate = topicValidators.get(topic)
    const name = nameOf(topic, data)
    const isKnown = seen.has(name)
    if (!followed.has(topic) || validate === undefined || (isKnown && !chance.happens(FORGOTTEN))) return
    seen.add(name)
    const message: Message = { type: 'unsigned', topic, data }
    // As gossipsub does with a message that nobody could judge.
    const verdict = await Promise.resolve(validate(connection.remotePeer, message)).catch(() => TopicValidatorResult.Ignore)
    if (verdict === TopicValidatorResult.Accept && !isKnown) spread(topic, data, connection.other.endpoint.index)
  }

  return {
    service: {
      topicValidators,
      subscribe: (topic) => {
        followed.add(topic)
        for (const neighbour of neighbours.values()) tellTopics(neighbour)
      },
      unsubscribe: (topic) => {
        followed.delete(topic)
        for (const neighbour of neighbours.values()) tellTopics(neighbour)
      },
      publish: async (topic, data) => {
        const bytes = data ?? new Uint8Array(0)
        const name = nameOf(topic, bytes)
        if (seen.has(name)) throw new Error('PublishError.Duplicate')
        seen.add(name)
        return { recipients: spread(topic, bytes, undefined).map(({ connection }) => connection.remotePeer) }
      },
      getSubscribers: (topic) =>
        [...neighbours.values()].filter(({ topics }) => topics.includes(topic)).map(({ connection }) => connection.remotePeer),
    },
    onOpen: (connection) => {
      const other = connection.other.endpoint.index
      if (neighbours.has(other)) return
      const neighbour: Neighbour = { connection, stream: undefined, topics: [] }
      neighbours.set(other, neighbour)
      // After both sides have told each other what they speak.
      life.after(4 * internet.delay(index, other), () => openStream(other, neighbour))
    },
    onClose: (connection) => {
      const other = connection.other.endpoint.index
      const neighbour = neighbours.get(other)
      if (neighbour?.connection === connection && neighbour.stream !== undefined) neighbour.stream.status = 'closed'
      if ([...connections].every((left) => left.other.endpoint.index !== other)) neighbours.delete(other)
    },
    onMessage: (connection, message) => {
      if (message.kind === 'message') {
        void take(connection, message.topic, message.data)
        return
      }
      const neighbour = neighbours.get(connection.other.endpoint.index)
      if (neighbour !== undefined) neighbour.topics = message.topics
    },
    stop: () => neighbours.clear(),
  }
}

function nameOf(topic: string, data: Uint8Array): string {
  return `${topic} ${data.length} ${checksum(data)}`
}

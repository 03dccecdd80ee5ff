import type { Message, TopicValidatorFn } from '@libp2p/gossipsub'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'

import type { Clock } from '../util/clock.ts'
import type { HostServices } from './host.ts'
import { createInterests } from './interests.ts'
import { SESSION_BYTES } from './messages.ts'
import { createOffences, type Offences } from './offences.ts'
import { createMemoryReplica, type MemoryReplica, type MemoryReplicaOptions } from './replica.testkit.ts'
import { FakeStream } from './stream.testkit.ts'
import { loadSubscriptions } from './subscriptions.ts'
import { createSync } from './sync.ts'
import { gossipTopic, topicOf } from './topics.ts'

/** All that keeps a node in sync, over a replica in memory and without a network: streams in memory lead to it. */
export interface SyncNode {
  readonly replica: MemoryReplica
  /** Its one collection, and the topic of this. */
  readonly note: string
  readonly topic: Uint8Array
  readonly offences: Offences
  /** Why messages of peers were dropped. */
  readonly dropped: readonly string[]
  /** Starts a session with a peer; `onSend` is handed what the node sends. A peer that is cut off loses all its streams. */
  open(peer: string, onSend?: (data: Uint8Array) => void): FakeStream
  /** Hands a gossip message of a peer to the node, which says whether it is to be passed on. */
  gossip(peer: string, data: Uint8Array): Promise<unknown>
  close(): void
}

export interface SyncNodeOptions extends MemoryReplicaOptions {
  readonly clock: Clock
  /** How many collections it has besides. */
  readonly more?: number
  /** Documents it subscribes to instead of its collection. */
  readonly followed?: readonly string[]
}

export async function aSyncNode({ clock, more = 0, followed = [], ...options }: SyncNodeOptions): Promise<SyncNode> {
  const replica = createMemoryReplica(options)
  const note = replica.addCollection('Note')
  for (let index = 0; index < more; index++) replica.addCollection(`Note${index}`)
  const topic = topicOf(note, '')
  const subscriptions = await loadSubscriptions({ replica, everything: followed.length === 0 })
  await subscriptions.addDocuments(followed)
  const validators = new Map<string, TopicValidatorFn>()
  const streams = new Map<string, Set<FakeStream>>()
  const dropped: string[] = []
  const offences = createOffences({
    clock,
    onDropped: (_peer, reason) => dropped.push(reason),
    onCutOff: ({ id }) => {
      for (const stream of streams.get(id) ?? []) stream.abort(new Error('cut off'))
    },
  })
  const sync = createSync({
    node: aHost(validators),
    replica,
    interests: createInterests(replica, subscriptions, ''),
    subscriptions,
    pushes: () => false,
    isRefused: () => false,
    isReplicated: () => false,
    run: crypto.getRandomValues(new Uint8Array(SESSION_BYTES)),
    clock,
    onReady: () => {},
    onChange: () => {},
    onStanding: () => {},
    onRest: () => {},
    onBye: (session) => session.close(),
    onClose: () => {},
    onOffence: offences.note,
  })
  return {
    replica,
    note,
    topic,
    offences,
    dropped,
    open: (peer, onSend) => {
      const stream = new FakeStream(onSend)
      streams.set(peer, (streams.get(peer) ?? new Set()).add(stream))
      stream.addEventListener('close', () => streams.get(peer)?.delete(stream))
      sync.open(stream.asStream(), aConnection(peer, stream))
      return stream
    },
    gossip: async (peer, data) => validators.get(gossipTopic(topic))?.(aPeerId(peer), { data } as Message),
    close: () => {
      for (const open of streams.values()) for (const stream of open) stream.abort(new Error('closed'))
      sync.close()
    },
  }
}

function aHost(topicValidators: Map<string, TopicValidatorFn>): Libp2p<HostServices> {
  const gossip = { topicValidators, subscribe: () => {}, unsubscribe: () => {}, getSubscribers: () => [], publish: async () => {} }
  return { services: { gossip }, getConnections: () => [] } as unknown as Libp2p<HostServices>
}

function aPeerId(name: string): PeerId {
  return { toString: () => name } as PeerId
}

function aConnection(peer: string, stream: FakeStream): Connection {
  return { remotePeer: aPeerId(peer), status: 'open', abort: (error: Error) => stream.abort(error) } as unknown as Connection
}

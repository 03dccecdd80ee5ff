import { TopicValidatorResult, type GossipSub, type Message } from '@libp2p/gossipsub'
import type { Libp2p, PeerId } from '@libp2p/interface'

import { cidFromBytes } from '../block/cid.ts'
import { documentOf, type ReplicatedCommit } from '../block/replicated-commit.ts'
import type { DocumentHeads, Replica } from '../database/replica.ts'
import { isDocId } from '../document/document-id.ts'
import { messageOf } from '../errors.ts'
import { openCommits } from './commit-receiver.ts'
import type { SharedCollection } from './interests.ts'
import { MAX_GOSSIP_BYTES } from './limits.ts'
import { decodeMessage, encodeMessage, GOSSIP_MESSAGES, type GossipMessage } from './messages.ts'
import type { Offence } from './offences.ts'
import type { SyncSession } from './sync-session.ts'
import { gossipTopic } from './topics.ts'

/**
 * Live commits in a crowd, where a node does not send to everyone: gossipsub passes them on in a mesh. What it loses (it has no back-pressure, and falls
 * silent towards a peer whose connection was replaced) the sync streams find.
 */
export interface Gossip {
  /** Follows the topics of exactly these collections, those that this node subscribes to. */
  follow(collections: readonly SharedCollection[]): void
  /** Whether a message on the collection's topic can get to a peer on gossip streams. */
  reaches(peer: string, collection: SharedCollection): boolean
  /** Publishes commits, or only their names when they are too large. */
  publish(collection: SharedCollection, commits: readonly ReplicatedCommit[], packed: readonly Uint8Array[]): void
}

export interface GossipOptions {
  readonly node: Libp2p
  readonly gossipsub: GossipSub
  readonly replica: Pick<Replica, 'lacking' | 'forged'>
  readonly sessionOf: (peer: string) => SyncSession | undefined
  readonly onOffence: (peer: string, offence: Offence, reason: string) => void
}

export function createGossip({ node, gossipsub, replica, sessionOf, onOffence }: GossipOptions): Gossip {
  const followed = new Map<string, SharedCollection>()

  /** Decides whether a message is passed on, and takes what is in it: nothing unchecked is forwarded. */
  async function validate(collection: SharedCollection, source: PeerId, { data }: Message): Promise<TopicValidatorResult> {
    const session = sessionOf(source.toString())
    // Without a session it cannot be attributed to somebody who shares the collection.
    if (session === undefined || !session.shares(collection)) return TopicValidatorResult.Ignore
    const offences: string[] = []
    const take = (offence: Offence, reason: string): void => {
      offences.push(reason)
      onOffence(session.peer, offence, `on a gossip topic: ${reason}`)
    }
    let message: GossipMessage
    try {
      message = decodeMessage(GOSSIP_MESSAGES, data)
    } catch (error) {
      take('garbage', messageOf(error))
      return TopicValidatorResult.Reject
    }
    switch (message.type) {
      case 'commits': {
        const commits = openCommits(message.commits, take)
        if (commits.length > 0) session.receiver.receive(collection.collectionId, commits, 0, 'gossip')
        // Counted where they are merged. Those behind us would take it for an offence of ours.
        const forged = await replica.forged(collection.collectionId, commits)
        offences.push(...forged.map(({ reason }) => reason))
        break
      }
      case 'announce': {
        const documents = parseAnnounced(message.documents, take)
        const lacking = await replica.lacking(collection.collectionId, documents)
        session.fetch(
          collection,
          lacking.map(({ docId }) => docId),
        )
        break
      }
      default:
        message satisfies never
    }
    return offences.length === 0 ? TopicValidatorResult.Accept : TopicValidatorResult.Reject
  }

  return {
    follow: (collections) => {
      const wanted = new Map(collections.map((collection) => [gossipTopic(collection.topic), collection]))
      for (const topic of followed.keys()) {
        if (wanted.has(topic)) continue
        gossipsub.unsubscribe(topic)
        gossipsub.topicValidators.delete(topic)
        followed.delete(topic)
      }
      for (const [topic, collection] of wanted) {
        if (followed.has(topic)) continue
        followed.set(topic, collection)
        gossipsub.topicValidators.set(topic, (source, message) => validate(collection, source, message))
        gossipsub.subscribe(topic)
      }
    },
    reaches: (peer, { topic }) => {
      const subscriber = gossipsub.getSubscribers(gossipTopic(topic)).find((candidate) => candidate.toString() === peer)
      if (subscriber === undefined) return false
      // Gossipsub keeps a peer as subscriber when the connection with its stream closes while another stays, and never opens a new stream: look for it.
      return node.getConnections(subscriber).some((connection) => connection.streams.some(isGossipStream))
    },
    publish: ({ topic }, commits, packed) => {
      const size = packed.reduce((sum, { length }) => sum + length, 0)
      const message: GossipMessage =
        size > MAX_GOSSIP_BYTES ? { type: 'announce', documents: namesOf(commits) } : { type: 'commits', commits: packed }
      gossipsub.publish(gossipTopic(topic), encodeMessage(GOSSIP_MESSAGES, message)).catch(() => {
        // Sent before, or nobody there to take it: the roots tell of what did not arrive.
      })
    },
  }
}

function isGossipStream({
  direction,
  protocol,
  status,
}: {
  readonly direction: string
  readonly protocol: string
  readonly status: string
}): boolean {
  return direction === 'outbound' && protocol.startsWith('/meshsub/') && status === 'open'
}

function namesOf(commits: readonly ReplicatedCommit[]): { readonly docId: string; readonly cids: readonly Uint8Array[] }[] {
  const byDocument = Map.groupBy(commits, documentOf)
  return [...byDocument].map(([docId, group]) => ({ docId, cids: group.map(({ composite }) => composite.cid) }))
}

function parseAnnounced(
  documents: readonly { readonly docId: string; readonly cids: readonly Uint8Array[] }[],
  onOffence: (offence: Offence, reason: string) => void,
): readonly DocumentHeads[] {
  return documents.flatMap(({ docId, cids }) => {
    try {
      if (isDocId(docId)) return { docId, heads: cids.map(cidFromBytes) }
      onOffence('garbage', 'it names something that is no document ID')
    } catch (error) {
      onOffence('garbage', messageOf(error))
    }
    return []
  })
}

import { DatabaseError } from '../errors.ts'
import { didYouMean } from '../util/did-you-mean.ts'
import { quote } from '../util/quote.ts'
import type { Replica } from '../database/replica.ts'
import type { Subscriptions } from './subscriptions.ts'
import { topicKey, topicOf } from './topics.ts'

/** A collection of this node, and the topic under which nodes that have it find each other. */
export interface SharedCollection {
  readonly collectionId: string
  readonly name: string
  /** This node subscribes to it. */
  readonly isWanted: boolean
  readonly topic: Uint8Array
  /** The topic as the key of a map. */
  readonly key: string
}

/** What this node is interested in: its collections, whether it subscribes to them or only has them to give. */
export interface Interests {
  all(): readonly SharedCollection[]
  byTopic(topic: Uint8Array): SharedCollection | undefined
  byId(collectionId: string): SharedCollection | undefined
  /** Looks at the collections and subscriptions again. */
  refresh(): void
}

export function createInterests(
  replica: Pick<Replica, 'collectionIds' | 'collectionName'>,
  subscriptions: Pick<Subscriptions, 'hasCollection'>,
  room: string,
): Interests {
  let byKey = new Map<string, SharedCollection>()
  let byId = new Map<string, SharedCollection>()

  function refresh(): void {
    const collections = replica.collectionIds().map((collectionId): SharedCollection => {
      const topic = byId.get(collectionId)?.topic ?? topicOf(collectionId, room)
      const name = replica.collectionName(collectionId) ?? collectionId
      return { collectionId, name, isWanted: subscriptions.hasCollection(collectionId), topic, key: topicKey(topic) }
    })
    byKey = new Map(collections.map((collection) => [collection.key, collection]))
    byId = new Map(collections.map((collection) => [collection.collectionId, collection]))
  }

  refresh()
  return {
    all: () => [...byKey.values()],
    byTopic: (topic) => byKey.get(topicKey(topic)),
    byId: (collectionId) => byId.get(collectionId),
    refresh,
  }
}

/** The collection with this name or ID. @throws NOT_FOUND */
export function namedCollection(interests: Interests, name: string): SharedCollection {
  const all = interests.all()
  const found = all.find((collection) => collection.name === name || collection.collectionId === name)
  if (found !== undefined) return found
  const similar = didYouMean(
    name,
    all.map((collection) => collection.name),
  )
  throw new DatabaseError(
    'NOT_FOUND',
    `collection not found: ${quote(name)} is neither the name nor the ID of one${similar}; db.schema.add makes it known`,
    { what: 'collection', id: name },
  )
}

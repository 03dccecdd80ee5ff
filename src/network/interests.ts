import type { Replica } from '../database/replica.ts'
import { topicKey, topicOf } from './topics.ts'

/** A collection of this node, and the topic under which nodes that have it find each other. */
export interface SharedCollection {
  readonly collectionId: string
  readonly name: string
  readonly topic: Uint8Array
  /** The topic as the key of a map. */
  readonly key: string
}

/** What this node is interested in: its collections. */
export interface Interests {
  all(): readonly SharedCollection[]
  byTopic(topic: Uint8Array): SharedCollection | undefined
  byId(collectionId: string): SharedCollection | undefined
  /** Looks at the collections again. */
  refresh(): void
}

export function createInterests(replica: Pick<Replica, 'collectionIds' | 'collectionName'>, room: string): Interests {
  let byKey = new Map<string, SharedCollection>()
  let byId = new Map<string, SharedCollection>()

  function refresh(): void {
    const collections = replica.collectionIds().map((collectionId): SharedCollection => {
      const topic = byId.get(collectionId)?.topic ?? topicOf(collectionId, room)
      return { collectionId, name: replica.collectionName(collectionId) ?? collectionId, topic, key: topicKey(topic) }
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

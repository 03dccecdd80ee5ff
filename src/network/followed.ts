import { isDocId } from '../document/document-id.ts'
import { DOCUMENTS_PER_PAGE, MAX_FOLLOWED_DOCUMENTS } from './limits.ts'
import type { SyncBodies } from './messages.ts'
import type { Offence } from './offences.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { SyncChannel } from './sync-channel.ts'

/** The documents that two nodes follow at each other one by one. */
export interface Followed {
  /** Whether the peer follows a document. */
  has(docId: string): boolean
  isEmpty(): boolean
  /** Tells the peer how this node's subscriptions have changed since it was last told. Returns the documents that are new. */
  tell(): readonly string[]
  onFollow(message: SyncBodies['follow']): void
}

export interface FollowedOptions {
  readonly channel: Pick<SyncChannel, 'send'>
  readonly subscriptions: Pick<Subscriptions, 'documents'>
  readonly onOffence: (offence: Offence, reason: string) => void
}

export function createFollowed({ channel, subscriptions, onOffence }: FollowedOptions): Followed {
  const theirs = new Set<string>()
  let told: ReadonlySet<string> = new Set()

  return {
    has: (docId) => theirs.has(docId),
    isEmpty: () => theirs.size === 0,
    tell: () => {
      const now = new Set(subscriptions.documents())
      const added = [...now.difference(told)]
      const removed = [...told.difference(now)]
      told = now
      for (let from = 0; from < Math.max(added.length, removed.length); from += DOCUMENTS_PER_PAGE) {
        const page = <T>(items: readonly T[]): readonly T[] => items.slice(from, from + DOCUMENTS_PER_PAGE)
        channel.send({ type: 'follow', added: page(added), removed: page(removed) })
      }
      return added
    },
    onFollow: ({ added, removed }) => {
      if (![...added, ...removed].every(isDocId)) return onOffence('garbage', 'it follows something that is no document')
      for (const docId of removed) theirs.delete(docId)
      for (const docId of added) theirs.add(docId)
      if (theirs.size <= MAX_FOLLOWED_DOCUMENTS) return
      theirs.clear()
      onOffence('flood', `it follows more than ${MAX_FOLLOWED_DOCUMENTS} documents one by one`)
    },
  }
}

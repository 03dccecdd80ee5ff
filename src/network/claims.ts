/**
 * Which documents are being fetched, from whomever: a node that meets two peers with the same news asks each for a part of it, not both for all.
 */
export interface Claims {
  /** Takes those of the documents that nobody fetches now. `others` resolves when the fetches of the rest have ended, however they end. */
  take(collectionId: string, docIds: readonly string[]): Claim
}

export interface Claim {
  readonly docIds: ReadonlySet<string>
  readonly others: Promise<void> | undefined
  /** The fetch has ended. */
  release(): void
}

export function createClaims(): Claims {
  const fetching = new Map<string, Promise<void>>()

  return {
    take: (collectionId, docIds) => {
      const keyOf = (docId: string): string => `${collectionId}/${docId}`
      const taken = new Set<string>()
      const others = new Set<Promise<void>>()
      const { promise, resolve } = Promise.withResolvers<void>()
      for (const docId of docIds) {
        const running = fetching.get(keyOf(docId))
        if (running === undefined) {
          taken.add(docId)
          fetching.set(keyOf(docId), promise)
        } else if (running !== promise) others.add(running)
      }
      return {
        docIds: taken,
        others: others.size === 0 ? undefined : untilAll(others),
        release: () => {
          for (const docId of taken) fetching.delete(keyOf(docId))
          resolve()
        },
      }
    },
  }
}

async function untilAll(promises: ReadonlySet<Promise<void>>): Promise<void> {
  await Promise.all(promises)
}

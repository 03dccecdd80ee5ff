import type { SharedCollection } from './interests.ts'
import type { SyncSession } from './sync-session.ts'

export interface DocumentSyncParts {
  readonly sessions: () => readonly SyncSession[]
  /** Tells of peers that have come, or have other collections now. Returns the function that ends it. */
  readonly onArrival: (listener: () => void) => () => void
}

/**
 * Asks every connected peer that has a collection for some documents, once, and those who come meanwhile. Resolves once each document was found and all who were asked
 * have answered, or when the signal fires; to those that nobody had.
 */
export function syncDocuments(
  { sessions, onArrival }: DocumentSyncParts,
  collection: SharedCollection,
  docIds: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const missing = new Set(docIds)
    const asked = new Set<SyncSession>()
    let open = 0

    function end(): void {
      stop()
      signal.removeEventListener('abort', end)
      resolve([...missing])
    }

    async function ask(session: SyncSession): Promise<void> {
      asked.add(session)
      open += 1
      try {
        for (const docId of await session.pullNamed(collection, docIds)) missing.delete(docId)
      } catch {
        // It left, is too slow, or said nonsense and is dealt with: another peer may have the documents.
      }
      open -= 1
      if (open === 0 && missing.size === 0) end()
    }

    function askAll(): void {
      for (const session of sessions()) if (!asked.has(session) && session.shares(collection)) void ask(session)
    }

    const stop = onArrival(askAll)
    signal.addEventListener('abort', end)
    if (signal.aborted || docIds.length === 0) end()
    else askAll()
  })
}

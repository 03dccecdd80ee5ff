import type { Progress } from '../database/database.ts'
import type { SharedCollection } from './interests.ts'
import type { SyncSession } from './sync-session.ts'

/** What is asked of a peer. */
export type AskedSession = Pick<SyncSession, 'shares' | 'pullNamed'>

export interface DocumentSyncParts {
  readonly sessions: () => readonly AskedSession[]
  /** Tells of peers that have come, or have other collections now. Returns the function that ends it. */
  readonly onArrival: (listener: () => void) => () => void
}

export interface DocumentSyncOptions {
  readonly signal: AbortSignal
  /** Called whenever more documents are here, and at least once. What it throws ends the sync. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * Asks every connected peer that has a collection for some documents, once, and those who come meanwhile. Resolves once each document was found and all who were asked
 * have answered, or when the signal fires; to those that nobody had.
 */
export function syncDocuments(
  { sessions, onArrival }: DocumentSyncParts,
  collection: SharedCollection,
  docIds: readonly string[],
  { signal, onProgress = () => {} }: DocumentSyncOptions,
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const total = docIds.length
    const missing = new Set(docIds)
    const asked = new Set<AskedSession>()
    let open = 0
    let told = -1
    let isOver = false

    function end(): void {
      stop()
      signal.removeEventListener('abort', end)
      if (told < 0) tell()
      isOver = true
      resolve([...missing])
    }

    function tell(): void {
      const done = total - missing.size
      if (done === told || isOver) return
      told = done
      try {
        onProgress({ done, total })
      } catch (error) {
        isOver = true
        reject(error)
        end()
      }
    }

    function note(found: readonly string[]): void {
      for (const docId of found) missing.delete(docId)
      if (missing.size < total) tell()
    }

    async function ask(session: AskedSession): Promise<void> {
      asked.add(session)
      open += 1
      try {
        note(await session.pullNamed(collection, docIds, note))
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

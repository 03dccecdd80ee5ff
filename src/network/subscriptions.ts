import type { Replica } from '../database/replica.ts'
import { docIdFromBytes, docIdToBytes, parseDocId } from '../document/document-id.ts'
import { DatabaseError } from '../errors.ts'
import { concatBytes, decodeText, encodeText } from '../util/bytes.ts'
import { createListeners } from '../util/listeners.ts'
import { MAX_FOLLOWED_DOCUMENTS } from './limits.ts'

/** What this node takes from every peer without being asked again: whole collections, and single documents. Kept among the database's settings. */
export interface Subscriptions {
  /** Every collection counts as subscribed to, also those that are added later. */
  readonly everything: boolean
  hasCollection(collectionId: string): boolean
  /** IDs, in the order in which they were added; without those that `everything` stands for. */
  collections(): readonly string[]
  addCollections(collectionIds: readonly string[]): Promise<void>
  removeCollections(collectionIds: readonly string[]): Promise<void>
  follows(docId: string): boolean
  documents(): readonly string[]
  /** @throws LIMIT_EXCEEDED when there would be more than a node may follow */
  addDocuments(docIds: readonly string[]): Promise<void>
  removeDocuments(docIds: readonly string[]): Promise<void>
  /** Tells of every change once it is kept. Returns the function that ends it. */
  onChange(listener: () => void): () => void
}

export interface SubscriptionsOptions {
  readonly replica: Pick<Replica, 'setting' | 'setSetting'>
  readonly everything: boolean
}

const COLLECTIONS = 'subscribed-collections'
const DOCUMENTS = 'followed-documents'
const UUID_BYTES = 16

export async function loadSubscriptions({ replica, everything }: SubscriptionsOptions): Promise<Subscriptions> {
  const changed = createListeners<void>()
  let collections: ReadonlySet<string> = new Set(decodeLines(await replica.setting(COLLECTIONS)))
  let documents: ReadonlySet<string> = new Set(decodeIds(await replica.setting(DOCUMENTS)))
  /** Changes take turns, so that each is made of the one before. */
  let last: Promise<void> = Promise.resolve()

  function change(make: () => Promise<void>): Promise<void> {
    const made = last.then(make)
    last = made.catch(() => {})
    return made
  }

  const setCollections = (next: (now: ReadonlySet<string>) => ReadonlySet<string>): Promise<void> =>
    change(async () => {
      const wanted = next(collections)
      // First kept, then followed: what was acknowledged outlives a crash.
      await replica.setSetting(COLLECTIONS, wanted.size === 0 ? undefined : encodeText([...wanted].join('\n')))
      collections = wanted
      changed.tell()
    })

  const setDocuments = (next: (now: ReadonlySet<string>) => ReadonlySet<string>): Promise<void> =>
    change(async () => {
      const wanted = next(documents)
      if (wanted.size > MAX_FOLLOWED_DOCUMENTS) {
        throw new DatabaseError(
          'LIMIT_EXCEEDED',
          `${wanted.size} documents would be subscribed to one by one, and ${MAX_FOLLOWED_DOCUMENTS} are allowed; subscribe to their collection instead`,
          { limit: 'documents', allowed: MAX_FOLLOWED_DOCUMENTS, found: wanted.size },
        )
      }
      await replica.setSetting(DOCUMENTS, wanted.size === 0 ? undefined : encodeIds([...wanted]))
      documents = wanted
      changed.tell()
    })

  return {
    everything,
    hasCollection: (collectionId) => everything || collections.has(collectionId),
    collections: () => [...collections],
    addCollections: (collectionIds) => setCollections((now) => new Set([...now, ...collectionIds])),
    removeCollections: (collectionIds) => setCollections((now) => now.difference(new Set(collectionIds))),
    follows: (docId) => documents.has(docId),
    documents: () => [...documents],
    addDocuments: (docIds) => setDocuments((now) => new Set([...now, ...docIds])),
    removeDocuments: (docIds) => setDocuments((now) => now.difference(new Set(docIds))),
    onChange: changed.add,
  }
}

function decodeLines(bytes: Uint8Array | undefined): readonly string[] {
  return bytes === undefined ? [] : decodeText(bytes).split('\n')
}

function encodeIds(docIds: readonly string[]): Uint8Array {
  return concatBytes(...docIds.map((docId) => docIdToBytes(parseDocId(docId))))
}

function decodeIds(bytes: Uint8Array = new Uint8Array(0)): readonly string[] {
  return Array.from({ length: bytes.length / UUID_BYTES }, (_, index) =>
    docIdFromBytes(bytes.subarray(index * UUID_BYTES, (index + 1) * UUID_BYTES)),
  )
}

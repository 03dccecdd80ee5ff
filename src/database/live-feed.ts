import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import type { DocumentRecord } from '../document/record.ts'
import type { StoredChanges } from '../query/live/stored-changes.ts'
import type { Change } from '../storage/store.ts'
import { bytesToMapKey } from '../util/bytes.ts'
import { orAborted } from '../util/ending-iterable.ts'
import type { Catalog } from './catalog.ts'
import type { EngineCore } from './engine.ts'

/** Collects what is stored between two looks of a live query: of each document only the last state. */
export interface LiveFeed {
  /** What was stored since the last call. */
  take(): TakenChanges
  /** From now on only changes of these collections are of interest. All are, from each `take` until it is said again. */
  limitTo(isOfInterest: (collectionId: string) => boolean): void
  /** Resolves when there is something to take, or when the signal fires. */
  changed(): Promise<void>
  close(): void
}

export interface TakenChanges {
  readonly changes: StoredChanges
  /** Not everything could be kept, or the collections changed: what was known before has to be read again. */
  readonly isGap: boolean
}

/** Some megabytes: what is kept for a reader who does not come. Beyond that reading everything again is the smaller work. */
const MOST_WAITING = 10_000

/** Opens a feed of everything that is stored from now on. It ends when it is closed, or when the signal fires. */
export function openLiveFeed(core: EngineCore, signal: AbortSignal): LiveFeed {
  let documents = new Map<string, Map<string, DocumentRecord | undefined>>()
  let histories = new Set<string>()
  let count = 0
  let isGap = false
  let isOfInterest: (collectionId: string) => boolean = () => true
  let waiting: PromiseWithResolvers<void> | undefined
  let keyed: KeyedCollections | undefined

  function clear(): void {
    documents = new Map()
    histories = new Set()
    count = 0
  }

  function hasChanges(): boolean {
    return isGap || count > 0 || histories.size > 0
  }

  function wake(): void {
    if (!hasChanges()) return
    waiting?.resolve()
    waiting = undefined
  }

  function addDocument(collectionId: string, { key, value }: Change): void {
    const docId = keys.docIdOf(key)
    const changed = documents.get(collectionId) ?? new Map<string, DocumentRecord | undefined>()
    documents.set(collectionId, changed)
    if (!changed.has(docId)) count += 1
    changed.set(docId, value === undefined ? undefined : decodeRecord(value))
    if (count <= MOST_WAITING) return
    clear()
    isGap = true
  }

  const unlisten = core.onStored((changes) => {
    if (keyed?.catalog !== core.catalog()) keyed = keyedCollections(core.catalog())
    for (const change of changes) {
      // A gap is read over: there is no use in collecting behind it.
      if (isGap) break
      const place = keyed.placeOf(change.key)
      if (place === undefined || !isOfInterest(place.collectionId)) continue
      if (place.kind === 'history') histories.add(place.collectionId)
      else addDocument(place.collectionId, change)
    }
    wake()
  })
  const replaced = (): void => {
    clear()
    isGap = true
    wake()
  }
  core.events.target.addEventListener('schema', replaced)

  function close(): void {
    unlisten()
    core.events.target.removeEventListener('schema', replaced)
    signal.removeEventListener('abort', close)
    clear()
  }
  // Not every reader comes back to be told of the end.
  signal.addEventListener('abort', close)

  return {
    take: () => {
      const taken = { changes: { documents, histories }, isGap }
      clear()
      isGap = false
      isOfInterest = () => true
      return taken
    },
    limitTo: (limit) => {
      isOfInterest = limit
      for (const collectionId of [...documents.keys()].filter((id) => !limit(id))) {
        count -= documents.get(collectionId)?.size ?? 0
        documents.delete(collectionId)
      }
      for (const collectionId of [...histories].filter((id) => !limit(id))) histories.delete(collectionId)
    },
    changed: async () => {
      if (hasChanges()) return
      waiting ??= Promise.withResolvers<void>()
      await orAborted(waiting.promise, signal)
    },
    close,
  }
}

/** The collections of a catalog by how the keys of their documents and histories begin. */
interface KeyedCollections {
  readonly catalog: Catalog
  /** What a key is of: a document, or the heads of a collection's own history. */
  placeOf(key: Uint8Array): { readonly kind: 'document' | 'history'; readonly collectionId: string } | undefined
}

function keyedCollections(catalog: Catalog): KeyedCollections {
  const places = new Map<string, { readonly kind: 'document' | 'history'; readonly collectionId: string }>()
  let length = 0
  for (const { collectionId } of catalog.active()) {
    const documents = keys.documentsOf(collectionId).from
    const history = keys.collectionHeads(collectionId)
    // Both are a byte and the collection.
    length = history.length
    if (documents !== undefined) places.set(bytesToMapKey(documents), { kind: 'document', collectionId })
    places.set(bytesToMapKey(history), { kind: 'history', collectionId })
  }
  return { catalog, placeOf: (key) => places.get(bytesToMapKey(key.subarray(0, length))) }
}

import type { Store } from '../storage/store.ts'
import { createEmitter, type Emitter } from '../util/typed-event-target.ts'
import { addTypes, createCatalog, loadCatalog, missingTypes, storeTypes, type Catalog } from './catalog.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { DatabaseEvents } from './database.ts'
import type { CommitBatch } from './replica.ts'
import { changeOf, type WrittenCommit } from './write-documents.ts'
import { createWriter, type WriteJob, type Writer } from './writer.ts'

/** What the parts of the database share: the storage, the writers' queue, the collections, and those who listen. */
export interface EngineCore {
  readonly store: Store
  readonly writer: Writer
  readonly events: Emitter<DatabaseEvents>
  catalog(): Catalog
  /** Runs a write and, once it is stored, tells the listeners of its commits. */
  write(job: Omit<WriteJob<readonly WrittenCommit[]>, 'stored'>, signal?: AbortSignal): Promise<readonly WrittenCommit[]>
  /** Tells the listeners of commits that are stored now. `peer` is set for merged ones. */
  announce(written: readonly WrittenCommit[], peer?: string): void
  onCommits(listener: (batch: CommitBatch) => void): () => void
  /** Adds the types of an SDL text; with `known: 'skip'` those that are there already are passed over. */
  addSchema(sdl: string, known: 'refuse' | 'skip'): Promise<readonly CollectionVersion[]>
}

/** Opens the engine over a store, which it then owns. */
export async function openEngineCore(store: Store): Promise<EngineCore> {
  let catalog = await loadCatalog(store)
  const writer = createWriter(store)
  const events = createEmitter<DatabaseEvents>()
  const listeners = new Set<(batch: CommitBatch) => void>()

  function announce(written: readonly WrittenCommit[], peer?: string): void {
    for (const [collection, commits] of groupByCollection(written)) {
      const batch = { collectionId: collection.collectionId, commits, ...(peer === undefined ? {} : { peer }) }
      for (const listener of listeners) listener(batch)
    }
    for (const commit of written) {
      if (peer === undefined) events.emit('update', changeOf(commit))
      else events.emit('merge', { ...changeOf(commit), peer })
    }
  }

  return {
    store,
    writer,
    events,
    catalog: () => catalog,
    write: (job, signal) => writer.run({ ...job, stored: (written) => announce(written) }, signal),
    announce,
    onCommits: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    addSchema: (sdl, known) =>
      writer.run({
        name: 'schema.add',
        body: async (view) => {
          const added = known === 'skip' ? missingTypes(catalog, sdl) : addTypes(catalog, sdl)
          storeTypes(view, added)
          return added
        },
        stored: (added) => {
          if (added.length === 0) return
          catalog = createCatalog([...catalog.versions, ...added])
          events.emit('schema', { collections: catalog.active().map((version) => version.name) })
        },
      }),
  }
}

function groupByCollection(written: readonly WrittenCommit[]): ReadonlyMap<CollectionVersion, readonly WrittenCommit['commit'][]> {
  const grouped = Map.groupBy(written, ({ collection }) => collection)
  return new Map([...grouped].map(([collection, commits]) => [collection, commits.map(({ commit }) => commit)]))
}

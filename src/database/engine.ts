import { isDocumentCommit, type ReplicatedCommit } from '../block/replicated-commit.ts'
import { throwIfAborted } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { EngineSettings } from '../query/engine.ts'
import type { Change, Store } from '../storage/store.ts'
import { createListeners } from '../util/listeners.ts'
import { createPacer, forEachPaced, type Pacer } from '../util/pacer.ts'
import { systemRandomness, type Randomness } from '../util/randomness.ts'
import { createEmitter, type Emitter } from '../util/typed-event-target.ts'
import { syncIndexes } from './build-indexes.ts'
import { loadCatalog, type Catalog } from './catalog.ts'
import type { DatabaseEvents } from './database.ts'
import { createEmbedder, type Embedder, type EmbedderOptions } from './embedding/embedder.ts'
import type { CommitBatch } from './replica.ts'
import { loadKeptFingerprints, type KeptFingerprints } from './kept-fingerprints.ts'
import { loadIndexOverflows, type IndexOverflows } from './index-overflows.ts'
import { createSnapshots, type Snapshots } from './snapshot.ts'
import { changeOf, type WrittenCommit } from './write-documents.ts'
import { createWriter, type Writer } from './writer.ts'

/** What the parts of the database share: the storage, the writers' queue, the collections, and those who listen. */
export interface EngineCore {
  readonly store: Store
  readonly writer: Writer
  readonly snapshots: Snapshots
  readonly events: Emitter<DatabaseEvents>
  readonly overflows: IndexOverflows
  readonly fingerprints: KeptFingerprints
  /** Makes the vectors of `@embedding` for local writes. */
  readonly embedder: Embedder
  readonly randomness: Randomness
  catalog(): Catalog
  /** Paces work that begins now, and ends it when the signal fires: ABORTED. `operation` names it: "create of Note". */
  pacer(operation: string, signal?: AbortSignal): Pacer
  /** Puts the collections that are stored now in the place of the old ones, and tells of it. */
  setCatalog(catalog: Catalog): void
  /** Tells the listeners of commits that are stored now. `peer` is set for merged ones. */
  announce(written: readonly WrittenCommit[], peer?: string): Promise<void>
  /** The same for documents of others that can be read now: the network has had their commits all along. */
  announceOpened(opened: readonly WrittenCommit[]): void
  onCommits(listener: (batch: CommitBatch) => void): () => void
  /**
   * Tells of each write of the API, each transaction and each merge, with its commits, directly after it was stored: a snapshot that is opened in the listener, without an
   * await before, shows the state they led to.
   */
  onWritten(listener: (written: readonly WrittenCommit[]) => void): () => void
  /** Tells of each set of changes directly after it was stored, in order. Every such set leads from one state that existed to the next. */
  onStored(listener: (changes: readonly Change[]) => void): () => void
}

/** Opens the engine over a store, which it then owns. */
export async function openEngineCore(
  store: Store,
  settings: EngineSettings & { readonly embedding?: EmbedderOptions | undefined; readonly randomness?: Randomness | undefined } = {},
): Promise<EngineCore> {
  let catalog = await loadCatalog(store, settings)
  const overflows = await loadIndexOverflows(store)
  const onCommits = createListeners<CommitBatch>()
  const onWritten = createListeners<readonly WrittenCommit[]>()
  const onStored = createListeners<readonly Change[]>()
  const snapshots = createSnapshots(store, () => catalog, { told: onStored.tell, pacing: settings.pacing })
  const fingerprints = await loadKeptFingerprints(store, (job, signal) => writer.run(job, signal), settings.pacing)
  const apply: Snapshots['apply'] = async (changes, stored) => {
    overflows.note(changes)
    const marks = fingerprints.marksFor(changes)
    const all = marks.length === 0 ? changes : [...changes, ...marks]
    await snapshots.apply(all, stored)
    fingerprints.note(all)
  }
  const writer: Writer = createWriter(store, apply, settings.pacing)
  await writer.run({
    name: 'building indexes',
    body: async (view) => {
      // None is missing unless another version of this program made the database.
      const pacer = createPacer(undefined, settings.pacing)
      for (const collection of catalog.active()) if (collection.indexes.length > 0) await syncIndexes(view, collection, pacer)
    },
  })
  const events = createEmitter<DatabaseEvents>()
  let telling = Promise.resolve()

  return {
    store,
    writer,
    snapshots,
    events,
    overflows,
    fingerprints,
    embedder: createEmbedder(settings.embedding),
    randomness: settings.randomness ?? systemRandomness,
    catalog: () => catalog,
    pacer: (operation, signal) => createPacer(() => throwIfAborted(signal, operation), settings.pacing),
    setCatalog: (next) => {
      catalog = next
      events.emit('schema', { collections: next.active().map((version) => version.name) })
    },
    announce: async (written, peer) => {
      for (const [{ collectionId }, commits] of groupByCollection(written)) {
        onCommits.tell({ collectionId, commits, ...(peer === undefined ? {} : { peer }) })
      }
      onWritten.tell(written)
      const shown = written.filter(({ commit, isHidden }) => isDocumentCommit(commit) && isHidden !== true)
      // One write after the other: a long one rests in between.
      telling = telling.then(() =>
        forEachPaced(shown, createPacer(undefined, settings.pacing), (commit) => {
          if (peer === undefined) events.emit('update', changeOf(commit))
          else events.emit('merge', { ...changeOf(commit), peer })
        }),
      )
      await telling
    },
    announceOpened: (opened) => {
      onWritten.tell(opened)
      // Whoever shows documents has not had them, though the network has.
      for (const commit of opened) events.emit('merge', changeOf(commit))
    },
    onCommits: onCommits.add,
    onWritten: onWritten.add,
    onStored: onStored.add,
  }
}

function groupByCollection(written: readonly WrittenCommit[]): ReadonlyMap<CollectionVersion, readonly ReplicatedCommit[]> {
  const grouped = Map.groupBy(written, ({ collection }) => collection)
  return new Map([...grouped].map(([collection, commits]) => [collection, commits.map(({ commit }) => commit)]))
}

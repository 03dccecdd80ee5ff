import { keys } from '../document/keys.ts'
import { DatabaseError } from '../errors.ts'
import type { KeyRange } from '../storage/store.ts'
import { forEachPaced } from '../util/pacer.ts'
import type { Randomness } from '../util/randomness.ts'
import type { Catalog } from './catalog.ts'
import { NO_VECTORS, withVectors, type Vectors } from './embedding/vectors.ts'
import type { EngineCore } from './engine.ts'
import type { IndexOverflows } from './index-overflows.ts'
import { isInside, makeChange, overlay, type View, type WriteView } from './view.ts'
import type { WrittenCommit } from './write-documents.ts'

/** Where the API reads and writes: the database itself, or one transaction. The API above it does not know which. */
export interface Session {
  catalog(): Catalog
  pacer: EngineCore['pacer']
  readonly randomness: Randomness
  /** Each call sees one state, two calls may see two. */
  readonly view: View
  readonly overflows: Pick<IndexOverflows, 'has'>
  /** A read that sees one state over all its calls, and the collections of that state. */
  read<T>(body: (view: View, catalog: Catalog) => Promise<T>): Promise<T>
  /** Stores the writes of `body`, all or none, and tells the listeners of its commits; in a transaction both wait for its commit. */
  write(job: SessionJob<readonly WrittenCommit[]>, signal?: AbortSignal): Promise<readonly WrittenCommit[]>
  /** The same for a change of the collections: `body` gives the catalog that holds once its writes are stored. */
  changeSchema<T>(job: SessionJob<{ readonly catalog: Catalog; readonly result: T }>): Promise<T>
}

export interface SessionJob<T> {
  readonly name: string
  readonly reads?: readonly Uint8Array[]
  /** May run several times, until the vectors are made that it asks for; only the last run counts. */
  readonly body: (view: WriteView, catalog: Catalog, vectors: Vectors) => Promise<T>
}

/** The session of the database itself: each write is stored at once. */
export function databaseSession(core: EngineCore): Session {
  return {
    catalog: core.catalog,
    pacer: core.pacer,
    randomness: core.randomness,
    view: core.store,
    overflows: core.overflows,
    read: async (body) => {
      const snapshot = await core.snapshots.open()
      try {
        return await body(snapshot, snapshot.catalog)
      } finally {
        snapshot.release()
      }
    },
    write: (job, signal) => {
      const attempt = (vectors: Vectors): Promise<readonly WrittenCommit[]> => {
        const body = (view: WriteView): Promise<readonly WrittenCommit[]> => vectors.settle(() => job.body(view, core.catalog(), vectors))
        return core.writer.run({ ...job, body, stored: (written) => core.announce(written) }, signal)
      }
      return withVectors(core.embedder, attempt, signal)
    },
    changeSchema: async (job) => {
      // Alone: two changes of one batch would both start from the catalog before them.
      const { result } = await core.writer.run({
        ...job,
        isAlone: true,
        body: (view) => job.body(view, core.catalog(), NO_VECTORS),
        stored: ({ catalog }) => {
          if (catalog !== core.catalog()) core.setCatalog(catalog)
        },
      })
      return result
    },
  }
}

/** A session whose writes wait for `commit`. */
export interface TransactionSession extends Session {
  readonly isReadOnly: boolean
  /** Stores everything, or throws CONFLICT when something that was read here has changed since. Ends the transaction either way. */
  commit(): Promise<void>
  discard(): void
}

export async function transactionSession(core: EngineCore, isReadOnly: boolean): Promise<TransactionSession> {
  const snapshot = await core.snapshots.open()
  const pending = overlay(snapshot)
  const written: WrittenCommit[] = []
  const before = snapshot.catalog
  let catalog = before
  let isOver = false
  let turn: Promise<unknown> = Promise.resolve()

  function openOnly(): void {
    if (!isOver) return
    throw new DatabaseError('CLOSED', 'the transaction is over: it was committed or discarded; begin another one', { what: 'transaction' })
  }

  function end(): void {
    isOver = true
    snapshot.release()
  }

  /** Runs writes one after another, each over an overlay of its own that counts only when it succeeds. */
  function write<T>(job: SessionJob<T>, signal?: AbortSignal): Promise<T> {
    const attempt = async (vectors: Vectors): Promise<T> => {
      openOnly()
      if (isReadOnly) throw new DatabaseError('INVALID_REQUEST', `${job.name}: the transaction is read-only; begin it without readOnly`, {})
      const own = overlay(pending)
      const result = await vectors.settle(() => job.body(own, catalog, vectors))
      core.overflows.note(own.changes())
      for (const change of own.changes()) makeChange(pending, change)
      return result
    }
    // Vectors are made in this transaction's own turn, which nobody else waits for.
    const result = turn.then(() => withVectors(core.embedder, attempt, signal))
    turn = result.catch(() => {})
    return result
  }

  return {
    isReadOnly,
    catalog: () => catalog,
    pacer: core.pacer,
    randomness: core.randomness,
    view: pending,
    overflows: core.overflows,
    read: async (body) => {
      openOnly()
      return body(pending, catalog)
    },
    write: async (job, signal) => {
      const commits = await write(job, signal)
      for (const commit of commits) written.push(commit)
      return commits
    },
    changeSchema: async (job) => {
      const { catalog: next, result } = await write(job)
      catalog = next
      return result
    },
    commit: async () => {
      await turn
      openOnly()
      const changes = pending.changes()
      try {
        if (changes.length > 0) await core.writer.run({ name: 'a commit', isAlone: true, body: store, stored: announce })
      } finally {
        end()
      }
    },
    discard: end,
  }

  async function store(view: WriteView): Promise<void> {
    const changes = pending.changes()
    // What follows from all documents of a collection, such as the entries of a new index, is wrong when there is one more; and so is one that was written by
    // another description of its collection.
    const key = snapshot.conflict(changes, documentsOf(changedCollections(before, catalog)))
    const outdated = documentsOf(changedCollections(before, core.catalog()))
    const isOutdated = outdated.some((range) => changes.some((change) => isInside(change.key, range)))
    if (key !== undefined || isOutdated || (catalog !== before && core.catalog() !== before)) {
      throw new DatabaseError(
        'CONFLICT',
        'transaction conflict. Please retry: what it read was changed by somebody else before it was committed',
        {},
      )
    }
    await forEachPaced(changes, core.pacer('a commit'), (change) => makeChange(view, change))
  }

  function announce(): Promise<void> {
    if (catalog !== before) core.setCatalog(catalog)
    return core.announce(written)
  }
}

/** The collections whose active versions differ. */
function changedCollections(before: Catalog, after: Catalog): readonly string[] {
  if (before === after) return []
  const ids = new Set([...before.active(), ...after.active()].map(({ collectionId }) => collectionId))
  return [...ids].filter((id) => before.byId(id) !== after.byId(id))
}

function documentsOf(collectionIds: readonly string[]): readonly KeyRange[] {
  return collectionIds.map((id) => keys.documentsOf(id))
}

import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { isShown } from '../row.ts'
import type { QuerySource, SourceDocument } from '../source.ts'
import { createOrderedRows, type OrderedRow, type OrderedRows } from './ordered-rows.ts'
import type { StoredChanges } from './stored-changes.ts'

/**
 * What a request has read, so that changes of anything else can be passed over; and the documents among it, so that the request can be run again over them. The value
 * of a request follows from what it read, so while nothing of that changes, it cannot either.
 */
export interface KeptSource {
  /** Reads from `source`, each document once, and keeps what it gives. Forgets what was kept before. */
  over(source: QuerySource): QuerySource
  /** Reads what is kept alone. `misses` tells whether it was asked for anything else; then nothing that came of it counts. */
  alone(): { readonly source: QuerySource; misses(): boolean }
  /** Takes changes in. False when nothing that was read has changed. */
  apply(changes: StoredChanges): boolean
  /** Whether anything of this collection was read, or of a history that might be of it. */
  reads(collectionId: string): boolean
}

/** Documents of all collections together; as for kept rows, what a page may hold for one live query. */
const MOST_KEPT = 100_000

/** What was read of one collection. */
interface KeptCollection {
  /** The documents that are known, deleted ones as well. */
  documents: OrderedRows<never>
  /** IDs that were asked for by name. */
  readonly named: Set<string>
  /** Everything was asked for: any change matters. */
  isAllAsked: boolean
  /** Everything was read to the end. */
  isWhole: boolean
  /** Everything up to this ID was read, and then no more was wanted. */
  readTo: string
}

export function createKeptSource(mostKept: number = MOST_KEPT): KeptSource {
  const collections = new Map<string, KeptCollection>()
  /** Documents and collections whose history was read. */
  const histories = new Set<string>()
  let isKeeping = true

  function keptOf({ collectionId }: CollectionVersion): KeptCollection {
    const known = collections.get(collectionId)
    if (known !== undefined) return known
    const kept: KeptCollection = {
      documents: createOrderedRows<never>([]),
      named: new Set<string>(),
      isAllAsked: false,
      isWhole: false,
      readTo: '',
    }
    collections.set(collectionId, kept)
    return kept
  }

  function keep(kept: KeptCollection, documents: readonly SourceDocument[]): void {
    if (!isKeeping) return
    kept.documents.change(documents.map(unordered), [])
    let count = 0
    for (const { documents: all } of collections.values()) count += all.size
    if (count <= mostKept) return
    isKeeping = false
    for (const other of collections.values()) other.documents = createOrderedRows<never>([])
  }

  /** The kept documents that are asked for, or `undefined` when not all of them are known. */
  function recall(collection: CollectionVersion, docIds: readonly string[] | undefined): readonly SourceDocument[] | undefined {
    const kept = collections.get(collection.collectionId)
    if (kept === undefined || !isKeeping) return undefined
    if (docIds === undefined) return kept.isWhole ? kept.documents.slice(0).flatMap(copyOf) : undefined
    if (!kept.isWhole && !docIds.every((docId) => kept.named.has(docId))) return undefined
    return [...new Set(docIds)].toSorted().flatMap((docId) => copyOf(kept.documents.get(docId)))
  }

  async function* readAndKeep(
    source: QuerySource,
    collection: CollectionVersion,
    options: Parameters<QuerySource['documents']>[1],
  ): AsyncGenerator<readonly SourceDocument[]> {
    const kept = keptOf(collection)
    const { docIds } = options
    const shown = (documents: readonly SourceDocument[]): readonly SourceDocument[] =>
      documents.filter(({ record }) => isShown(record, options.showDeleted))
    const recalled = recall(collection, docIds)
    if (recalled !== undefined) {
      yield shown(recalled)
      return
    }
    const batches = source.documents(collection, { ...options, showDeleted: true })
    if (docIds !== undefined) {
      for (const docId of docIds) kept.named.add(docId)
      for await (const batch of batches) {
        keep(kept, batch)
        yield shown(batch)
      }
      return
    }
    // Until it is known where reading ends, and also when it fails, any change matters.
    const { isAllAsked } = kept
    kept.isAllAsked = true
    let last = ''
    for await (const batch of batches) {
      keep(kept, batch)
      last = batch.at(-1)?.docId ?? last
      let hasEnough = true
      try {
        yield shown(batch)
        hasEnough = false
      } finally {
        if (hasEnough) {
          kept.isAllAsked = isAllAsked
          if (last > kept.readTo) kept.readTo = last
        }
      }
    }
    kept.isWhole = true
  }

  return {
    over: (source) => {
      collections.clear()
      histories.clear()
      isKeeping = true
      return {
        ...refusing('a live query cannot write'),
        documents: (collection, options) => readAndKeep(source, collection, options),
        // Which entries were looked at is not kept: any change of a document can bring or take one.
        indexEntries: (collection, index, options) => {
          keptOf(collection).isAllAsked = true
          return source.indexEntries(collection, index, options)
        },
        isComplete: (collection, index) => source.isComplete(collection, index),
        commits: (docId, cids) => {
          histories.add(docId)
          return source.commits(docId, cids)
        },
        history: (docId) => {
          histories.add(docId)
          return source.history(docId)
        },
        collectionHistory: (collection) => {
          histories.add(collection.collectionId)
          return source.collectionHistory(collection)
        },
      }
    },
    alone: () => {
      let isMissed = false
      const miss = async (): Promise<never> => {
        isMissed = true
        throw notKept()
      }
      return {
        source: {
          ...refusing('a live query cannot write'),
          // Documents are found without an index. Only its entries tell which are the first in its order, and none are kept.
          isComplete: (_, __, takesFirst = false) => takesFirst,
          indexEntries: async function* () {
            yield await miss()
          },
          documents: async function* (collection, { docIds, showDeleted }) {
            const recalled = recall(collection, docIds)
            yield recalled === undefined ? await miss() : recalled.filter(({ record }) => isShown(record, showDeleted))
          },
          commits: miss,
          history: miss,
          collectionHistory: miss,
        },
        misses: () => isMissed,
      }
    },
    apply: ({ documents, histories: grown }) => {
      let isTouched = [...grown].some((collectionId) => histories.has(collectionId))
      for (const [collectionId, changed] of documents) {
        const kept = collections.get(collectionId)
        const known: OrderedRow<never>[] = []
        const gone: string[] = []
        for (const [docId, record] of changed) {
          if (histories.has(docId)) isTouched = true
          if (kept === undefined || !(kept.isAllAsked || docId <= kept.readTo || kept.named.has(docId))) continue
          isTouched = true
          if (record === undefined || record.secrecy === 'sealed') gone.push(docId)
          else known.push(unordered({ docId, record }))
        }
        if (isKeeping) kept?.documents.change(known, gone)
      }
      return isTouched
    },
    // The history of a document is known by its ID alone, and whose it is not asked.
    reads: (collectionId) => collections.has(collectionId) || histories.size > 0,
  }
}

/** A source for whatever must not read or write. */
export function refusing(reason: string): QuerySource {
  const refuse = async (): Promise<never> => {
    throw new DatabaseError('INVALID_REQUEST', reason, {})
  }
  return {
    documents: async function* () {
      yield await refuse()
    },
    indexEntries: async function* () {
      yield await refuse()
    },
    isComplete: () => false,
    commits: refuse,
    history: refuse,
    collectionHistory: refuse,
    create: refuse,
    update: refuse,
    delete: refuse,
  }
}

/** A row of its own for each run: what is computed of rows is kept by row, and may have been of another state. */
function copyOf(kept: OrderedRow<never> | undefined): readonly SourceDocument[] {
  return kept === undefined ? [] : [{ docId: kept.row.docId, record: kept.row.record }]
}

function unordered(row: SourceDocument): OrderedRow<never> {
  return { row, keys: [], cell: undefined }
}

function notKept(): DatabaseError<'INVALID_REQUEST'> {
  return new DatabaseError('INVALID_REQUEST', 'a live query reads more than it keeps', {})
}

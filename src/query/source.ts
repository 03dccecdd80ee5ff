import type { Commit } from '../block/block.ts'
import type { Cid } from '../block/cid.ts'
import type { CollectionCommit } from '../block/replicated-commit.ts'
import type { FieldValues } from '../document/field-values.ts'
import type { DocumentRecord } from '../document/record.ts'
import type { CollectionVersion, IndexDescription } from '../schema/collection-version.ts'
import type { KeyRange } from '../storage/store.ts'

/**
 * What the query engine reads from and writes to: the database gives one to every request. Reads of one request see one state as far as the source can
 * promise it; a mutation sees what the mutations before it in the same request wrote.
 */
export interface QuerySource {
  /**
   * Documents of a collection in the order of their IDs, in batches; with `docIds` only these (unknown ones are left out). Deleted ones only with `showDeleted`.
   * A consumer that has enough stops iterating.
   */
  documents(
    collection: CollectionVersion,
    options: { readonly docIds?: readonly string[]; readonly showDeleted: boolean; readonly signal?: AbortSignal },
  ): AsyncIterable<readonly SourceDocument[]>
  /**
   * Entry keys of an index within the ranges, range after range, each in key order (or reversed: then the ranges are walked from the last), in batches, the first small
   * and growing.
   */
  indexEntries(
    collection: CollectionVersion,
    index: IndexDescription,
    options: { readonly ranges: readonly KeyRange[]; readonly reverse?: boolean; readonly signal?: AbortSignal },
  ): AsyncIterable<readonly Uint8Array[]>
  /** Whether the index holds every shown document, so that a query may rely on it. With `takesFirst` the order in which it has them decides the result. */
  isComplete(collection: CollectionVersion, index: IndexDescription, takesFirst?: boolean): boolean
  /** The commits of these composites of one document; what is not there is left out. */
  commits(docId: string, cids: readonly Cid[]): Promise<readonly Commit[]>
  /** Every commit of one document that is here, in no particular order. */
  history(docId: string): Promise<readonly Commit[]>
  /** The DAG of a branchable collection: its heads, and all of its commits in no particular order. Empty for another collection. */
  collectionHistory(collection: CollectionVersion): Promise<CollectionHistory>
  /** Values are checked already (`parseDocument`); missing fields take their defaults in here. @returns the document IDs in order */
  create(collection: CollectionVersion, documents: readonly FieldValues[]): Promise<readonly string[]>
  /** Applies one patch to each of the documents, atomically. */
  update(collection: CollectionVersion, docIds: readonly string[], patch: FieldValues): Promise<void>
  /** @returns the IDs that were there and are deleted now */
  delete(collection: CollectionVersion, docIds: readonly string[]): Promise<readonly string[]>
}

export interface CollectionHistory {
  readonly heads: readonly Cid[]
  readonly commits: readonly CollectionCommit[]
}

export interface SourceDocument {
  readonly docId: string
  readonly record: DocumentRecord
}

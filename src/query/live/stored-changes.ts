import type { DocumentRecord } from '../../document/record.ts'

/** What was stored since a live query last looked: the way from one state of the database to a later one, whatever lay between. */
export interface StoredChanges {
  /** The new states, by document ID, by collection ID. */
  readonly documents: ReadonlyMap<string, ChangedDocuments>
  /** IDs of the collections whose own history has grown. */
  readonly histories: ReadonlySet<string>
}

/** New states by document ID; `undefined` for what is no longer stored. */
export type ChangedDocuments = ReadonlyMap<string, DocumentRecord | undefined>

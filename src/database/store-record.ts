import { encodeRecord } from '../document/record-codec.ts'
import { keys } from '../document/keys.ts'
import type { DocumentRecord } from '../document/record.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { maintainedIndexes } from './maintained-indexes.ts'
import { replaceEntries, type Origin } from './index-entries.ts'
import type { IndexViolation } from './database.ts'
import type { WriteView } from './view.ts'

/**
 * Puts the state of a document and what the collection's indexes hold of it: the one way that a record gets into the store. `before` is the state that is stored now;
 * without indexes nobody looks at it.
 *
 * @returns what violates a unique index, which only a merge may do @throws NOT_UNIQUE, INVALID_DOCUMENT for too many entries, both for local writes alone
 */
export async function putRecord(
  view: WriteView,
  collection: CollectionVersion,
  docId: string,
  before: DocumentRecord | undefined,
  after: DocumentRecord,
  origin: Origin,
): Promise<readonly IndexViolation[]> {
  view.put(keys.document(collection.collectionId, docId), encodeRecord(after))
  const violations: IndexViolation[] = []
  for (const index of maintainedIndexes(collection)) {
    violations.push(...(await replaceEntries(view, index, docId, before, after, origin)))
  }
  return violations
}

import { STATUS_DELETED } from '../block/block.ts'
import { entriesOfDocument, MAX_ENTRIES, type EntriesOfDocument, type IndexEntry } from '../document/index-entries.ts'
import { keys } from '../document/keys.ts'
import type { DocumentRecord } from '../document/record.ts'
import { DatabaseError } from '../errors.ts'
import { bytesToMapKey, equalBytes } from '../util/bytes.ts'
import type { IndexViolation } from './database.ts'
import type { MaintainedIndex } from './maintained-indexes.ts'
import { releaseClaim, takeClaim } from './unique-claims.ts'
import type { WriteView } from './view.ts'

/** A local write can be refused. What was merged elsewhere cannot: it is history. */
export type Origin = 'local' | 'merge'

const NONE: EntriesOfDocument = { kind: 'whole', entries: [] }
const EMPTY = new Uint8Array()

/**
 * Makes of the entries that one index has of a document those it should have, writing only what differs.
 *
 * A document with too many is not in the index, which is marked as incomplete; a local write may not make one so, but may leave it so.
 */
export async function replaceEntries(
  view: WriteView,
  index: MaintainedIndex,
  docId: string,
  before: DocumentRecord | undefined,
  after: DocumentRecord,
  origin: Origin,
): Promise<readonly IndexViolation[]> {
  const { layout, description } = index
  if (before !== undefined && isSame(index, before, after)) return []
  const old = before === undefined ? NONE : entriesOfDocument(layout, docId, before)
  const now = entriesOfDocument(layout, docId, after)
  if (now.kind === 'too many') {
    if (origin === 'local' && old.kind === 'whole') throw tooMany(index, docId, now.count)
    view.put(keys.indexOverflow(layout.collectionId, layout.id, docId), EMPTY)
  } else if (old.kind === 'too many') {
    view.delete(keys.indexOverflow(layout.collectionId, layout.id, docId))
  }
  const [oldEntries, nowEntries] = [entriesByKey(old), entriesByKey(now)]
  for (const [name, { key, isShared }] of oldEntries) {
    if (nowEntries.has(name)) continue
    view.delete(key)
    if (description.unique && !isShared) await releaseClaim(view, key, docId)
  }
  const others = new Set<string>()
  let isTwice = false
  for (const [name, { key, isShared }] of nowEntries) {
    if (oldEntries.has(name)) continue
    view.put(key, EMPTY)
    const taken = description.unique && !isShared ? await takeClaim(view, index, key, docId, origin) : undefined
    if (taken === undefined) continue
    isTwice = true
    if (taken.other !== undefined) others.add(taken.other)
  }
  // One for each document, however many of its values others have: peers decide that.
  return isTwice ? [{ collection: index.collection.name, index: description.name, docIDs: [...others, docId] }] : []
}

/** Whether an index holds the same of two states, told without taking values apart. */
function isSame({ layout }: MaintainedIndex, before: DocumentRecord, after: DocumentRecord): boolean {
  if (isShown(before) !== isShown(after)) return false
  return layout.parts.every(({ field }) => {
    const [left, right] = [before.fields.get(field)?.data, after.fields.get(field)?.data]
    return left === undefined || right === undefined ? left === right : equalBytes(left, right)
  })
}

function isShown({ status, secrecy }: DocumentRecord): boolean {
  return status !== STATUS_DELETED && secrecy !== 'sealed'
}

function entriesByKey(found: EntriesOfDocument): ReadonlyMap<string, IndexEntry> {
  return new Map(found.kind === 'whole' ? found.entries.map((entry) => [bytesToMapKey(entry.key), entry]) : [])
}

function tooMany({ collection, description }: MaintainedIndex, docId: string, count: number): DatabaseError {
  const message =
    `${collection.name} "${docId}" would have ${count} entries or more in index "${description.name}"; the most is ${MAX_ENTRIES}; ` +
    'make its lists or JSON values shorter, or drop the index'
  return new DatabaseError('INVALID_DOCUMENT', message, { collection: collection.name })
}

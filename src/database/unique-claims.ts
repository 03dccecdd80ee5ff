import { entriesOfDocument } from '../document/index-entries.ts'
import { entryDocId, entryPrefix, readEntry } from '../document/index-key.ts'
import { docIdFromBytes, docIdToBytes, parseDocId } from '../document/document-id.ts'
import { keys } from '../document/keys.ts'
import type { DocumentRecord } from '../document/record.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { concatBytes, prefixRange } from '../util/bytes.ts'
import { quote } from '../util/quote.ts'
import type { Origin } from './index-entries.ts'
import { maintainedIndexes, type MaintainedIndex } from './maintained-indexes.ts'
import type { View, WriteView } from './view.ts'

/**
 * How many documents have the values of an entry in a unique index, and one of them, under a key of their own.
 *
 *     claim = number of documents: four bytes, document: 16 bytes or, when it is not known, none
 *
 * The entries alone would tell as much, but a transaction that scans them and finds none has read nothing, so two of them could both create the same value. A claim
 * is read and written under one key, which makes the second of them a conflict; and it costs one get in the place of a scan.
 *
 * Merges may make the number larger than one. When the document that is named leaves then, no other is looked for: peers decide how often that happens, and a scan
 * costs the more the more a write has changed.
 */
interface Claim {
  readonly count: number
  readonly holder: string | undefined
}

/** That a document has what another has already, which is named when it is known. */
export interface TakenTwice {
  readonly other: string | undefined
}

const COUNT_BYTES = 4

/** Claims the values of an entry, which is put already, for a document. @throws NOT_UNIQUE when another has them, for a local write */
export async function takeClaim(
  view: WriteView,
  index: MaintainedIndex,
  entry: Uint8Array,
  docId: string,
  origin: Origin,
): Promise<TakenTwice | undefined> {
  const key = keys.indexClaim(entry)
  const claim = decodeClaim(await view.get(key))
  if (claim !== undefined && origin === 'local') throw notUnique(index, entry, docId, claim.holder ?? (await findOther(view, entry, docId)))
  view.put(key, encodeClaim({ count: (claim?.count ?? 0) + 1, holder: claim?.holder ?? docId }))
  return claim === undefined ? undefined : { other: claim.holder }
}

/** Gives up the claim of a document whose entry goes. */
export async function releaseClaim(view: WriteView, entry: Uint8Array, docId: string): Promise<void> {
  const key = keys.indexClaim(entry)
  const claim = decodeClaim(await view.get(key))
  if (claim === undefined || claim.count <= 1) view.delete(key)
  else view.put(key, encodeClaim({ count: claim.count - 1, holder: claim.holder === docId ? undefined : claim.holder }))
}

async function findOther(view: View, entry: Uint8Array, docId: string): Promise<string> {
  const entries = await view.scan(prefixRange(entryPrefix(entry)), { limit: 2 })
  return entries.map(({ key }) => entryDocId(key)).find((other) => other !== docId) ?? docId
}

/** The keys of the claims that a document in this state has or wants. */
export function claimsOf(collection: CollectionVersion, docId: string, record: DocumentRecord): readonly Uint8Array[] {
  return maintainedIndexes(collection)
    .filter(({ description }) => description.unique)
    .flatMap(({ layout }) => {
      const found = entriesOfDocument(layout, docId, record)
      const claimed = found.kind === 'whole' ? found.entries.filter(({ isShared }) => !isShared) : []
      return claimed.map(({ key }) => keys.indexClaim(key))
    })
}

function encodeClaim({ count, holder }: Claim): Uint8Array {
  const bytes = new Uint8Array(COUNT_BYTES)
  new DataView(bytes.buffer).setUint32(0, count)
  return holder === undefined ? bytes : concatBytes(bytes, docIdToBytes(parseDocId(holder)))
}

function decodeClaim(bytes: Uint8Array | undefined): Claim | undefined {
  if (bytes === undefined) return undefined
  const holder = bytes.subarray(COUNT_BYTES)
  if (bytes.length < COUNT_BYTES) throw new DatabaseError('CORRUPT_DATA', 'a claim of a unique index is corrupt', { what: 'claim' })
  const count = new DataView(bytes.buffer, bytes.byteOffset, COUNT_BYTES).getUint32(0)
  return { count, holder: holder.length === 0 ? undefined : docIdFromBytes(holder) }
}

function notUnique({ collection, description, layout }: MaintainedIndex, entry: Uint8Array, docId: string, other: string): DatabaseError {
  const values = readEntry(layout, entry).parts.map(({ path, value, isCut }, index) => {
    const name = [layout.parts[index]?.field, ...path].join('.')
    return `${name}: ${isCut ? 'a long text' : typeof value === 'string' ? value : quote(value)}`
  })
  const message =
    `can not index a doc's field(s) that violates unique index. DocID: ${docId}, ${values.join(', ')}; ` +
    `document "${other}" of "${collection.name}" has the same: change one of the two, or drop the index "${description.name}"`
  return new DatabaseError('NOT_UNIQUE', message, { collection: collection.name, index: description.name, docID: docId, other })
}

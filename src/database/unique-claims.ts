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
import type { WriteView } from './view.ts'

/**
 * Which document holds the values of an entry in a unique index, under a key of their own.
 *
 *     claim = document: 16 bytes, whether others have the same values: byte
 *
 * The entries alone would tell as much, but a transaction that scans them and finds none has read nothing, so two of them could both create the same value. A claim
 * is read and written under one key, which makes the second of them a conflict; and it costs one get in the place of a scan.
 *
 * As long as any document has an entry, one of these documents has the claim. Merges may bring more; then the claim says so, and goes over to another
 * of them when its holder leaves.
 */
interface Claim {
  readonly holder: string
  readonly isDisputed: boolean
}

const DOC_ID_BYTES = 16

/** Claims the values of an entry for a document. @returns the holder, when it is another @throws NOT_UNIQUE then, for a local write */
export async function takeClaim(
  view: WriteView,
  index: MaintainedIndex,
  entry: Uint8Array,
  docId: string,
  origin: Origin,
): Promise<string | undefined> {
  const key = keys.indexClaim(entry)
  const claim = decodeClaim(await view.get(key))
  if (claim?.holder === docId) return undefined
  if (claim === undefined) {
    view.put(key, encodeClaim({ holder: docId, isDisputed: false }))
    return undefined
  }
  if (origin === 'local') throw notUnique(index, entry, docId, claim.holder)
  // Written also when it says so already: a transaction that is about to hand the claim on has to see that there is one more.
  view.put(key, encodeClaim({ holder: claim.holder, isDisputed: true }))
  return claim.holder
}

/** Gives up the claim of a document whose entry is deleted already. */
export async function releaseClaim(view: WriteView, entry: Uint8Array, docId: string): Promise<void> {
  const key = keys.indexClaim(entry)
  const claim = decodeClaim(await view.get(key))
  if (claim?.holder !== docId) return
  const left = claim.isDisputed ? await view.scan(prefixRange(entryPrefix(entry)), { limit: 2 }) : []
  const [next] = left
  if (next === undefined) view.delete(key)
  else view.put(key, encodeClaim({ holder: entryDocId(next.key), isDisputed: left.length > 1 }))
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

function encodeClaim({ holder, isDisputed }: Claim): Uint8Array {
  return concatBytes(docIdToBytes(parseDocId(holder)), Uint8Array.of(Number(isDisputed)))
}

function decodeClaim(bytes: Uint8Array | undefined): Claim | undefined {
  if (bytes === undefined) return undefined
  if (bytes.length !== DOC_ID_BYTES + 1) throw new DatabaseError('CORRUPT_DATA', 'a claim of a unique index is corrupt', { what: 'claim' })
  return { holder: docIdFromBytes(bytes.subarray(0, DOC_ID_BYTES)), isDisputed: bytes[DOC_ID_BYTES] === 1 }
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

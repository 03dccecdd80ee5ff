import type { KeyRange } from '../storage/store.ts'
import { concatBytes, prefixRange } from '../util/bytes.ts'
import { ByteCursor } from './byte-cursor.ts'
import { roomOfPart, type IndexLayout, type IndexPart, type PartEnd, type PartRange, type PartValue } from './index-layout.ts'
import { partBytes, placeBytes, placePath, readPart, turned, type ReadPart } from './index-part.ts'
import { keys } from './keys.ts'

/**
 * Keys of index entries: `20 collection index parts document`, in the order of the values of their parts, then of the document IDs. The bytes of a part that
 * descends are turned over. Each part has the same share of the room that a key has; a text or a path beyond it is cut and ends in a digest.
 */

/**
 * The keys of entries whose first parts equal `equal` and whose next part lies within `next`. Values are of the scalars of their fields; an end of another rank
 * (such as Infinity for all JSON numbers) is compared as JSON compares. Where a value had to be cut, the range also holds all others that are cut at the same place.
 */
export function entryRange(layout: IndexLayout, equal: readonly PartValue[], next?: PartRange): KeyRange {
  const room = roomOfPart(layout)
  const exact = equal.map((value, index) => {
    const part = partAt(layout, index)
    const { bytes } = partBytes(part, placePath(part, value.path, room), value.through, value.value, room)
    return part.descending ? turned(bytes) : bytes
  })
  const prefix = concatBytes(keys.indexEntries(layout.collectionId, layout.id), ...exact)
  return next === undefined ? prefixRange(prefix) : rangeOfPart(partAt(layout, equal.length), prefix, next, room)
}

/** Takes the key of an entry apart. @throws CORRUPT_DATA */
export function readEntry(layout: IndexLayout, key: Uint8Array): { readonly docId: string; readonly parts: readonly ReadPart[] } {
  const written = keys.indexPartsOf(key)
  const reversed = layout.parts.some(({ descending }) => descending) ? turned(written) : written
  let offset = 0
  const parts = layout.parts.map((part) => {
    const cursor = new ByteCursor(part.descending ? reversed : written, 'index entry', offset)
    const read = readPart(cursor, part)
    offset = cursor.offset
    return read
  })
  return { docId: entryDocId(key), parts }
}

/** The key without its document: entries of one combination of values share it. */
export function entryPrefix(key: Uint8Array): Uint8Array {
  return keys.indexEntryPrefix(key)
}

/** The document of an entry. */
export function entryDocId(key: Uint8Array): string {
  return keys.indexedDocId(key)
}

/** An end of a range of bytes: at all keys that begin with these, or beyond them. */
interface Bound {
  readonly bytes: Uint8Array
  readonly inclusive: boolean
}

function rangeOfPart(part: IndexPart, prefix: Uint8Array, { path, through, from, to }: PartRange, room: number): KeyRange {
  const place = placePath(part, path, room)
  const open: Bound = { bytes: placeBytes(place, through), inclusive: true }
  const bound = (end: PartEnd | undefined): Bound => {
    if (end === undefined) return open
    const { shared, isCut } = partBytes(part, place, through, end.value, room)
    return { bytes: shared, inclusive: end.inclusive || isCut }
  }
  const [first, last] = part.descending ? [bound(to), bound(from)] : [bound(from), bound(to)]
  return { from: keyAt(part, prefix, first, 'first'), to: keyAt(part, prefix, last, 'last') }
}

/** The first key inside a bound that begins a range, or the first one outside a bound that ends it. */
function keyAt({ descending }: IndexPart, prefix: Uint8Array, { bytes, inclusive }: Bound, side: 'first' | 'last'): Uint8Array {
  const key = concatBytes(prefix, descending ? turned(bytes) : bytes)
  // No prefix is without an end: the first byte is not the largest.
  return inclusive === (side === 'first') ? key : (prefixRange(key).to ?? key)
}

/** @throws RangeError when the index has fewer parts: a mistake of the program. */
function partAt({ id, parts }: IndexLayout, index: number): IndexPart {
  const part = parts[index]
  if (part === undefined) throw new RangeError(`index ${id} has ${parts.length} parts, and part ${index} is asked for`)
  return part
}

import { entryDocId, readEntry } from '../../document/index-key.ts'
import type { ReadPart } from '../../document/index-part.ts'
import { compareScalars } from '../../document/value.ts'
import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { compareText } from '../../util/bytes.ts'
import type { Execution } from '../plan/execution.ts'
import type { IndexAccess } from './choose-index.ts'

/** A document an index leads to. The order of an index that had to cut a value is not exact: then the rows have to be ordered by themselves. */
export interface Found {
  readonly docId: string
  readonly isExact: boolean
}

/**
 * The documents of the entries that can belong to one that passes, each once, in the order of the index. Where that is the requested order, documents that are
 * equal in it come in the order of their IDs. `counted` is told of each entry that is looked at.
 */
export async function* readIndex(
  collection: CollectionVersion,
  access: IndexAccess,
  { source, signal, pacer }: Execution,
  counted: () => void,
): AsyncGenerator<Found> {
  const { index, layout, ranges, ordered } = access
  const seen = new Set<string>()
  // Parts beyond the ordered ones, and walking backwards, bring equals in another order than that of their IDs.
  const sortsEquals = ordered !== undefined && (ordered.reverse || ordered.end < layout.parts.length)
  let equals: { readonly parts: readonly ReadPart[]; readonly docIds: string[] } | undefined
  let isExact = true
  const options = { ranges, reverse: ordered?.reverse === true, ...(signal === undefined ? {} : { signal }) }
  for await (const keys of source.indexEntries(collection, index, options)) {
    for (const key of keys) {
      if (pacer.isDue()) await pacer.rest()
      counted()
      const { parts } = readEntry(layout, key)
      if (!access.test(parts)) continue
      const docId = entryDocId(key)
      if (seen.has(docId)) continue
      seen.add(docId)
      if (ordered === undefined) {
        yield { docId, isExact }
        continue
      }
      const own = parts.slice(ordered.first, ordered.end)
      isExact &&= own.every(({ isCut }) => !isCut)
      if (!sortsEquals) {
        yield { docId, isExact }
      } else if (equals !== undefined && areEqual(access, equals.parts, own)) {
        equals.docIds.push(docId)
      } else {
        yield* inOrder(equals?.docIds ?? [], isExact)
        equals = { parts: own, docIds: [docId] }
      }
    }
  }
  yield* inOrder(equals?.docIds ?? [], isExact)
}

function* inOrder(docIds: readonly string[], isExact: boolean): Generator<Found> {
  for (const docId of docIds.toSorted(compareText)) yield { docId, isExact }
}

function areEqual({ layout, ordered }: IndexAccess, a: readonly ReadPart[], b: readonly ReadPart[]): boolean {
  const first = ordered?.first ?? 0
  return a.every(({ value }, position) => {
    const part = layout.parts[first + position]
    if (part === undefined)
      throw new DatabaseError('CORRUPT_DATA', `an entry of index ${layout.id} has too many parts`, { what: 'index entry' })
    return compareScalars(part.kind.scalar, value, b[position]?.value ?? null) === 0
  })
}

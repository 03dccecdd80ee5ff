import { keys } from '../../document/keys.ts'
import { decodeRecord } from '../../document/record-codec.ts'
import { isShown } from '../../query/row.ts'
import type { SourceDocument } from '../../query/source.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { Pacer } from '../../util/pacer.ts'
import { pagesOf } from '../pages.ts'
import type { View } from '../view.ts'

/** Records that are in memory together: some may be large. */
const LARGEST_PAGE = 256

/** Decoding a record, and hashing or printing its content, take as long as some rows of a query. */
export const ROWS_PER_DOCUMENT = 4

/** The documents of a collection that are there for a reader, in the order of their IDs. Rests in between. */
export async function* shownDocuments(view: View, { collectionId }: CollectionVersion, pacer: Pacer): AsyncGenerator<SourceDocument> {
  for await (const page of pagesOf(view, keys.documentsOf(collectionId), { largest: LARGEST_PAGE })) {
    for (const { key, value } of page) {
      if (pacer.isDue(ROWS_PER_DOCUMENT)) await pacer.rest()
      const record = decodeRecord(value)
      if (isShown(record, false)) yield { docId: keys.docIdOf(key), record }
    }
  }
}

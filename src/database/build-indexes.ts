import { keys } from '../document/keys.ts'
import { decodeRecord } from '../document/record-codec.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import { decodeText, encodeText, prefixRange } from '../util/bytes.ts'
import { forEachPaced, mapPaced, WORTH_A_LOOK, type Pacer } from '../util/pacer.ts'
import { replaceEntries, type Origin } from './index-entries.ts'
import { maintainedIndexes, type MaintainedIndex } from './maintained-indexes.ts'
import { pagesOf } from './pages.ts'
import { claimsOf } from './unique-claims.ts'
import type { WriteView } from './view.ts'

/** Documents whose claims are read together, and which are decoded in one go. */
const DOCUMENTS_IN_PAGE = 500

/** The first member of what is stored about a built index; another number is another form of entries. */
const FORM = 1

/**
 * Makes the indexes in the store those of a version that is active now, or becomes so: what it does not describe is deleted, what it describes otherwise than what is
 * there is built. With `isStale` everything is, since the documents may have changed unseen.
 */
export async function syncIndexes(view: WriteView, collection: CollectionVersion, pacer: Pacer, isStale = false): Promise<void> {
  const wanted = new Map(maintainedIndexes(collection).map((index) => [index.layout.id, index]))
  for (const { key, value } of await view.scan(keys.builtIndexesOf(collection.collectionId))) {
    const id = keys.builtIndexId(key)
    const index = wanted.get(id)
    if (!isStale && index !== undefined && formOf(index) === decodeText(value)) wanted.delete(id)
    else await removeIndex(view, collection.collectionId, id, pacer)
  }
  for (const index of wanted.values()) await buildIndex(view, index, 'merge', pacer)
}

/**
 * Puts the entries of all documents into an index that has none.
 * @throws NOT_UNIQUE or INVALID_DOCUMENT when a document does not go into it, unless it is built of what is `merge`d anyway; what the pacer throws
 */
export async function buildIndex(view: WriteView, index: MaintainedIndex, origin: Origin, pacer: Pacer): Promise<void> {
  const { collectionId, id } = index.layout
  const alone = { ...index.collection, indexes: [index.description] }
  for await (const page of pagesOf(view, keys.documentsOf(collectionId), { largest: DOCUMENTS_IN_PAGE })) {
    if (pacer.isDue(WORTH_A_LOOK)) await pacer.rest()
    const documents = await mapPaced(page, pacer, ({ key, value }) => ({ docId: keys.docIdOf(key), record: decodeRecord(value) }))
    await view.prefetch(documents.flatMap(({ docId, record }) => claimsOf(alone, docId, record)))
    for (const { docId, record } of documents) {
      if (pacer.isDue()) await pacer.rest()
      await replaceEntries(view, index, docId, undefined, record, origin)
    }
  }
  view.put(keys.builtIndex(collectionId, id), encodeText(formOf(index)))
}

/** Deletes everything there is of an index. */
export async function removeIndex(view: WriteView, collectionId: string, id: number, pacer: Pacer): Promise<void> {
  const ranges = [
    prefixRange(keys.indexEntries(collectionId, id)),
    keys.indexClaimsOf(collectionId, id),
    keys.indexOverflowsOf(collectionId, id),
  ]
  for (const range of ranges) {
    for await (const page of pagesOf(view, range)) {
      if (pacer.isDue(WORTH_A_LOOK)) await pacer.rest()
      await forEachPaced(page, pacer, ({ key }) => view.delete(key))
    }
  }
  view.delete(keys.builtIndex(collectionId, id))
}

/** Everything that decides on the entries of an index, as text. */
function formOf({ description, layout }: MaintainedIndex): string {
  const parts = layout.parts.map(({ field, kind, descending }) => [field, kind.name, descending])
  return JSON.stringify([FORM, description.unique, parts])
}

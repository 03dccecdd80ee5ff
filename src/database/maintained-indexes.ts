import { indexLayout, type IndexLayout } from '../document/index-layout.ts'
import type { CollectionVersion, IndexDescription } from '../schema/collection-version.ts'

/** An index whose entries are kept, with the collection it belongs to. */
export interface MaintainedIndex {
  readonly collection: CollectionVersion
  readonly description: IndexDescription
  readonly layout: IndexLayout
}

/** Every write of a document asks, and a version never changes. */
const known = new WeakMap<CollectionVersion, readonly MaintainedIndex[]>()

/** The indexes of a version that can be kept: those over fields it has values in. */
export function maintainedIndexes(collection: CollectionVersion): readonly MaintainedIndex[] {
  let indexes = known.get(collection)
  if (indexes === undefined) known.set(collection, (indexes = findIndexes(collection)))
  return indexes
}

function findIndexes(collection: CollectionVersion): readonly MaintainedIndex[] {
  return collection.indexes.flatMap((description) => {
    const layout = indexLayout(collection, description)
    return layout === undefined ? [] : [{ collection, description, layout }]
  })
}

import { entryDocId, entryPrefix } from '../document/index-key.ts'
import { keys } from '../document/keys.ts'
import type { CollectionVersion, IndexDescription } from '../schema/collection-version.ts'
import { describeIndex, namedIndex } from '../schema/index-descriptions.ts'
import { throwIfAborted } from '../errors.ts'
import { equalBytes, prefixRange } from '../util/bytes.ts'
import { WORTH_A_LOOK, type Pacer } from '../util/pacer.ts'
import { buildIndex, removeIndex } from './build-indexes.ts'
import { storeTypes, type Catalog } from './catalog.ts'
import type { IndexApi, IndexViolation } from './database.ts'
import { maintainedIndexes, type MaintainedIndex } from './maintained-indexes.ts'
import type { Session } from './session.ts'
import { pagesOf } from './pages.ts'
import type { View, WriteView } from './view.ts'

export function indexApi(session: Session): IndexApi {
  function list(collection: string): Promise<readonly IndexDescription[]>
  function list(): Promise<Readonly<Record<string, readonly IndexDescription[]>>>
  async function list(collection?: string): Promise<readonly IndexDescription[] | Readonly<Record<string, readonly IndexDescription[]>>> {
    const catalog = session.catalog()
    if (collection !== undefined) return catalog.named(collection).indexes
    return Object.fromEntries(catalog.active().map(({ name, indexes }) => [name, indexes]))
  }

  return {
    create: (collection, request, options = {}) =>
      session.changeSchema({
        name: `create of an index of ${collection}`,
        body: async (view, catalog) => {
          throwIfAborted(options.signal, 'creating an index')
          const before = catalog.named(collection)
          const index = describeIndex(before, catalog.versions, request, catalog.dialect)
          const after = withIndexes(before, [...before.indexes, index])
          const [added] = maintainedIndexes(withIndexes(before, [index]))
          if (added !== undefined) await buildIndex(view, added, 'local', session.pacer(`building index ${index.name}`, options.signal))
          return { catalog: storeVersion(view, catalog, after), result: index }
        },
      }),
    drop: (collection, name, options = {}) =>
      session.changeSchema({
        name: `drop of an index of ${collection}`,
        body: async (view, catalog) => {
          const before = catalog.named(collection)
          const index = namedIndex(before, name)
          await removeIndex(view, before.collectionId, index.id, session.pacer('deleting an index', options.signal))
          const after = withIndexes(
            before,
            before.indexes.filter((other) => other !== index),
          )
          return { catalog: storeVersion(view, catalog, after), result: undefined }
        },
      }),
    list,
    violations: (collection, options = {}) =>
      session.read(async (view, catalog) => {
        const collections = collection === undefined ? catalog.active() : [catalog.named(collection)]
        const indexes = collections.flatMap(maintainedIndexes).filter(({ description }) => description.unique)
        const violations: IndexViolation[] = []
        for (const index of indexes) {
          const pacer = session.pacer(`listing violations of index ${index.description.name}`, options.signal)
          for (const violation of await violationsOf(view, index, pacer)) violations.push(violation)
        }
        return violations
      }),
  }
}

function withIndexes(collection: CollectionVersion, indexes: readonly IndexDescription[]): CollectionVersion {
  return Object.freeze({ ...collection, indexes })
}

function storeVersion(view: WriteView, catalog: Catalog, changed: CollectionVersion): Catalog {
  storeTypes(view, [changed])
  return catalog.with(catalog.versions.map((version) => (version.versionId === changed.versionId ? changed : version)))
}

/** Documents with the same values stand beside each other. What several may share has no claim. */
async function violationsOf(
  view: View,
  { collection, description, layout }: MaintainedIndex,
  pacer: Pacer,
): Promise<readonly IndexViolation[]> {
  const violations: IndexViolation[] = []
  let first: Uint8Array | undefined
  let docIDs: string[] = []
  const finish = async (): Promise<void> => {
    if (first === undefined || docIDs.length < 2) return
    if ((await view.get(keys.indexClaim(first))) !== undefined)
      violations.push({ collection: collection.name, index: description.name, docIDs })
  }
  for await (const page of pagesOf(view, prefixRange(keys.indexEntries(layout.collectionId, layout.id)))) {
    if (pacer.isDue(WORTH_A_LOOK)) await pacer.rest()
    for (const { key } of page) {
      if (pacer.isDue()) await pacer.rest()
      if (first === undefined || !equalBytes(entryPrefix(key), entryPrefix(first))) {
        await finish()
        first = key
        docIDs = []
      }
      docIDs.push(entryDocId(key))
    }
  }
  await finish()
  return violations
}

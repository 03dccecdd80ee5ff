import { addTypes, createCatalog, missingTypes, storeTypes } from './catalog.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { CollectionsApi, SchemaApi } from './database.ts'
import type { Session } from './session.ts'

export function schemaApi(session: Session): SchemaApi {
  return { add: (sdl) => addSchema(session, sdl, 'refuse') }
}

export function collectionsApi(session: Session): CollectionsApi {
  return {
    describe: async (filter = {}) =>
      session
        .catalog()
        .versions.filter(
          (version) =>
            (filter.includeInactive === true || version.isActive) &&
            (filter.name ?? version.name) === version.name &&
            (filter.versionID ?? version.versionId) === version.versionId &&
            (filter.collectionID ?? version.collectionId) === version.collectionId,
        ),
  }
}

/** Adds the types of an SDL text as collections; with `known: 'skip'` those that are there already are passed over. */
export function addSchema(session: Session, sdl: string, known: 'refuse' | 'skip'): Promise<readonly CollectionVersion[]> {
  return session.changeSchema({
    name: 'schema.add',
    body: async (view, catalog) => {
      const added = known === 'skip' ? missingTypes(catalog, sdl) : addTypes(catalog, sdl)
      storeTypes(view, added)
      return { catalog: added.length === 0 ? catalog : createCatalog([...catalog.versions, ...added]), result: added }
    },
  })
}

import { syncIndexes } from './build-indexes.ts'
import { addTypes, missingTypes, storeTypes, type Catalog } from './catalog.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { DialectName } from '../schema/dialect-name.ts'
import { patchCollections } from '../schema/patch-collections.ts'
import { patchSchema } from '../schema/patch-schema.ts'
import { describeSchemas } from '../schema/schema-json.ts'
import { setActiveVersion } from '../schema/set-active.ts'
import { compareText } from '../util/bytes.ts'
import type { Pacer } from '../util/pacer.ts'
import type { CollectionsApi, SchemaApi } from './database.ts'
import { mergeLeftAside } from './left-aside.ts'
import type { Session } from './session.ts'
import type { WriteView } from './view.ts'

export function schemaApi(session: Session): SchemaApi {
  return {
    add: (sdl) => addSchema(session, sdl, 'refuse'),
    describe: async (filter) => describeSchemas(session.catalog().versions, filter),
    patch: (patch, { setActive = true } = {}) =>
      changeVersions(session, 'schema.patch', (versions) => patchSchema(versions, patch, { setActive })),
    setActive: async (versionID) => {
      await changeVersions(session, 'schema.setActive', (versions) => setActiveVersion(versions, versionID))
    },
  }
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
        )
        .toSorted((a, b) => compareText(a.versionId, b.versionId)),
    patch: (patch) => changeVersions(session, 'collections.patch', (versions) => patchCollections(versions, patch)),
  }
}

/** Adds the types of an SDL text as collections; with `known: 'skip'` those that are there already are passed over. */
export function addSchema(
  session: Session,
  sdl: string,
  known: 'refuse' | 'skip',
  dialect?: DialectName,
): Promise<readonly CollectionVersion[]> {
  return session.changeSchema({
    name: 'schema.add',
    body: async (view, catalog) => {
      const added = known === 'skip' ? missingTypes(catalog, sdl, dialect) : addTypes(catalog, sdl)
      storeTypes(view, added)
      const next = added.length === 0 ? catalog : catalog.with([...catalog.versions, ...added])
      await syncActive(view, catalog, next, session.pacer('schema.add'))
      return { catalog: next, result: added }
    },
  })
}

/**
 * Stores what `change` makes of the versions. A version that becomes active first merges what others left aside; when that is too much for one write, it is done in
 * several, and the last of them activates it.
 */
async function changeVersions(
  session: Session,
  name: string,
  change: (versions: readonly CollectionVersion[]) => readonly CollectionVersion[],
): Promise<readonly CollectionVersion[]> {
  for (;;) {
    const done = await session.changeSchema<readonly CollectionVersion[] | undefined>({
      name,
      body: async (view, catalog) => {
        const changed = change(catalog.versions)
        const versions = withChanges(catalog.versions, changed)
        for (const version of changed.filter(({ isActive }) => isActive)) {
          if (!(await mergeLeftAside(view, catalog.byId(version.collectionId), version, versions))) return { catalog, result: undefined }
        }
        storeTypes(view, changed)
        const next = changed.length === 0 ? catalog : catalog.with(versions)
        await syncActive(view, catalog, next, session.pacer(name))
        return { catalog: next, result: changed }
      },
    })
    if (done !== undefined) return done
  }
}

/** Makes the indexes those of the versions that become active. Where none was active, nobody kept the entries. */
async function syncActive(view: WriteView, before: Catalog, after: Catalog, pacer: Pacer): Promise<void> {
  for (const version of after.active()) {
    const previous = before.byId(version.collectionId)
    if (previous !== version) await syncIndexes(view, version, pacer, previous === undefined)
  }
}

function withChanges(versions: readonly CollectionVersion[], changed: readonly CollectionVersion[]): readonly CollectionVersion[] {
  return [...new Map([...versions, ...changed].map((version) => [version.versionId, version])).values()]
}

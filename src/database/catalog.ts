import { keys } from '../document/keys.ts'
import { DatabaseError } from '../errors.ts'
import { createQueryEngine, type EngineSettings, type QueryEngine } from '../query/engine.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { DialectName } from '../schema/dialect-name.ts'
import { decodeCollection, encodeCollection } from '../schema/description-codec.ts'
import { parseSdl } from '../schema/sdl.ts'
import { didYouMean } from '../util/did-you-mean.ts'
import type { View, WriteView } from './view.ts'

/** The collections of an open database, and the query engine made for them. Both change together. */
export interface Catalog {
  readonly versions: readonly CollectionVersion[]
  /** In which requests and schema texts are spelled. */
  readonly dialect: DialectName
  /** Made when it is first asked for: opening a database and its collection API need none. */
  engine(): QueryEngine
  /** @throws NOT_FOUND when no active collection has this name. */
  named(name: string): CollectionVersion
  byId(collectionId: string): CollectionVersion | undefined
  /** Active collections that hold documents. */
  active(): readonly CollectionVersion[]
  /** A catalog of other versions that works the same way. */
  with(versions: readonly CollectionVersion[]): Catalog
}

/** A catalog of these versions; `settings` are those of its query engine. */
export function createCatalog(versions: readonly CollectionVersion[], settings: EngineSettings = {}): Catalog {
  const active = versions.filter((version) => version.isActive && !version.isEmbeddedOnly)
  const byName = new Map(active.map((version) => [version.name, version]))
  const byId = new Map(active.map((version) => [version.collectionId, version]))
  let engine: QueryEngine | undefined
  return {
    versions,
    dialect: settings.dialect ?? '0.19',
    engine: () => (engine ??= createQueryEngine(versions, settings)),
    named: (name) => {
      const version = byName.get(name)
      if (version === undefined) {
        throw new DatabaseError('NOT_FOUND', `no collection "${name}"${didYouMean(name, byName.keys())}; add its type with schema.add`, {
          what: 'collection',
          id: name,
        })
      }
      return version
    },
    byId: (collectionId) => byId.get(collectionId),
    active: () => active,
    with: (others) => createCatalog(others, settings),
  }
}

/** Reads all collection versions of a store. */
export async function loadCatalog(view: View, settings: EngineSettings = {}): Promise<Catalog> {
  const entries = await view.scan(keys.allCollections())
  return createCatalog(
    entries.map((entry) => decodeCollection(entry.value)),
    settings,
  )
}

/** The types of an SDL text as new collections, all or none. @throws INVALID_SCHEMA, ALREADY_EXISTS */
export function addTypes(catalog: Catalog, sdl: string): readonly CollectionVersion[] {
  return parseSdl(sdl, catalog.versions, { dialect: catalog.dialect })
}

export function storeTypes(view: WriteView, versions: readonly CollectionVersion[]): void {
  for (const version of versions) view.put(keys.collectionVersion(version.collectionId, version.versionId), encodeCollection(version))
}

/**
 * The types of an SDL text that are not in the catalog yet. For applications that state their schema at each
 * start.
 *
 * @throws ALREADY_EXISTS when a type of the text has another shape than the collection of that name.
 */
export function missingTypes(catalog: Catalog, sdl: string, dialect: DialectName = catalog.dialect): readonly CollectionVersion[] {
  const stated = parseSdl(sdl, [], { dialect })
  return stated.filter((version) => {
    const existing = catalog.versions.find((candidate) => candidate.name === version.name)
    if (existing === undefined) return true
    if (existing.collectionId === version.collectionId) return false
    throw new DatabaseError(
      'ALREADY_EXISTS',
      `the type "${version.name}" differs from the collection that is stored under this name; give the new type another name, or use another database`,
      { what: 'collection', id: version.name },
    )
  })
}

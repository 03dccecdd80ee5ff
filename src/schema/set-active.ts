import type { CollectionVersion } from './collection-version.ts'
import { knownVersion } from './schema-json.ts'

/**
 * Makes a version the one that is written and queried, in the place of the others of its collection. Gives the versions that change by it, none when it is active
 * already.
 *
 * @throws NOT_FOUND when no version has this ID.
 */
export function setActiveVersion(versions: readonly CollectionVersion[], versionId: string): readonly CollectionVersion[] {
  knownVersion(versions, versionId)
  return activateVersions(versions, [versionId])
}

/** The same for several versions, one a collection. */
export function activateVersions(versions: readonly CollectionVersion[], versionIds: readonly string[]): readonly CollectionVersion[] {
  const collections = versions.filter(({ versionId }) => versionIds.includes(versionId)).map(({ collectionId }) => collectionId)
  return versions
    .filter(({ collectionId, versionId, isActive }) => collections.includes(collectionId) && isActive !== versionIds.includes(versionId))
    .map((version) => Object.freeze({ ...version, isActive: !version.isActive }))
}

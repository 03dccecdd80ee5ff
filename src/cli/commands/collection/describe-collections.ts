import type { Requests } from '../../../database/database.ts'
import { collectionToJson, type CollectionDescription } from '../../../schema/collection-json.ts'
import type { CollectionVersion } from '../../../schema/collection-version.ts'

/** Collection versions in DefraDB's form, which names the targets of relations by ID: so it needs to know of all versions. */
export async function describeCollections(
  requests: Pick<Requests, 'collections'>,
  versions: readonly CollectionVersion[],
): Promise<readonly CollectionDescription[]> {
  const all = await requests.collections.describe({ includeInactive: true })
  return versions.map((version) => collectionToJson(version, all))
}

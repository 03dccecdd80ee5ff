import { DatabaseError, isFailure } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import type { Catalog } from '../catalog.ts'

/** The collection of this name. @throws NOT_FOUND in the words of DefraDB, for whoever looks for them in its log */
export function backupCollection(catalog: Catalog, name: string): CollectionVersion {
  try {
    return catalog.named(name)
  } catch (error) {
    if (!isFailure(error, 'NOT_FOUND')) throw error
    throw new DatabaseError('NOT_FOUND', `failed to get collection: key not found. Name: ${name}; ${error.message}`, error.details)
  }
}

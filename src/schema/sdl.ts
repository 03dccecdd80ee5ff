import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from './collection-version.ts'

/**
 * The collections of one SDL text, in the order of the text: all of them or none. Related types stand in one text, because they are hashed together.
 *
 * @throws INVALID_SCHEMA with type, field and position; ALREADY_EXISTS when `existing` or the text has an active collection of the same name.
 */
export function parseSdl(_sdl: string, _existing: readonly CollectionVersion[]): readonly CollectionVersion[] {
  throw new DatabaseError('UNSUPPORTED', 'schemas cannot be read yet', { feature: 'schemas' })
}

import type { CollectionVersion } from '../../src/schema/collection-version.ts'
import { knownValueKind } from '../../src/schema/kinds.ts'

/** A collection with these fields, by the names of their kinds. Its ID is the hash of nothing. */
export function aCollection(kinds: Readonly<Record<string, string>>): CollectionVersion {
  const id = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
  return {
    name: 'Vectors',
    collectionId: id,
    versionId: id,
    isActive: true,
    isBranchable: false,
    isMaterialized: true,
    isEmbeddedOnly: false,
    fields: Object.entries(kinds).map(([name, kind]) => ({ name, kind: knownValueKind(kind), crdt: 'lww' })),
    schemaFields: [],
    indexes: [],
  }
}

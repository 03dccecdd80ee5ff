import { DatabaseError } from '../../errors.ts'
import type { CollectionVersion } from '../../schema/collection-version.ts'
import { mapPaced } from '../../util/pacer.ts'
import type { QueryCollections } from '../collections.ts'
import { allOf } from '../filter/condition.ts'
import type { GroupKey } from '../nodes/node.ts'
import type { Row } from '../row.ts'
import { readRelated } from './read-rows.ts'

// Maps every byte to one character, so that equal texts are equal bytes.
const LATIN_1 = 'latin1'

/** Compiles `groupBy`. Documents belong together when the stored bytes of all these fields are equal; a relation goes by the ID of the other document. */
export function planGroupKeys(collections: QueryCollections, collection: CollectionVersion, names: readonly string[]): readonly GroupKey[] {
  return names.map((name) => planGroupKey(collections, collection, name))
}

function planGroupKey(collections: QueryCollections, collection: CollectionVersion, name: string): GroupKey {
  if (name === '_docID') return { isOfRow: true, read: (rows) => rows.map(({ docId }) => docId) }
  if (name === '_deleted') return { isOfRow: true, read: (rows) => rows.map(({ record }) => String(record.status)) }
  const field = collection.fields.find((candidate) => candidate.name === name)
  const relation = field === undefined ? undefined : collections.relation(collection, field)
  if (field === undefined || relation?.list === true || (field.kind.type === 'relation' && relation === undefined)) {
    throw new DatabaseError('INVALID_REQUEST', `documents of "${collection.name}" cannot be grouped by "${name}": it is not one value`, {})
  }
  if (relation?.storedIn === 'target') {
    return {
      read: async (rows, execution) => {
        const related = await readRelated(relation, rows, { collection: relation.target, showDeleted: false, filter: allOf([]) }, execution)
        return related.map(([row]) => row?.docId ?? '')
      },
    }
  }
  const stored = relation?.idField ?? name
  const decoder = new TextDecoder(LATIN_1)
  const read = ({ record }: Row): string => decoder.decode(record.fields.get(stored)?.data ?? NULL)
  return { isOfRow: true, read: (rows, { pacer }) => mapPaced(rows, pacer, read) }
}

/** Null in CBOR: what a field without a value is grouped as. */
const NULL = Uint8Array.of(0xf6)

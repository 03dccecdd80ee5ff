import type { FieldValues } from '../document/field-values.ts'
import { DatabaseError } from '../errors.ts'
import { documentNames } from '../query/dialect/document-names.ts'
import type { QuerySource } from '../query/source.ts'
import type { CollectionVersion, FieldDescription } from '../schema/collection-version.ts'
import { quote } from '../util/quote.ts'
import type { Catalog } from './catalog.ts'

/**
 * Refuses to link a document to one that another has already, where a relation is of one to one. Merges are not asked: two nodes that do not know of each other
 * can each link another document, and then both links are there.
 *
 * Looks the links up in the collection, which takes an index on the relation, or else a look at every document that is there.
 *
 * `writes` are the documents with what is written to them; what they linked before does not count.
 *
 * @throws INVALID_DOCUMENT
 */
export async function checkOneToOne(
  catalog: Catalog,
  collection: CollectionVersion,
  writes: readonly { readonly docId: string; readonly values: FieldValues }[],
  source: QuerySource,
): Promise<void> {
  const relations = collection.fields.filter((field) => isOneToOne(catalog, collection, field))
  for (const { name } of relations) {
    const idField = `${name}_id`
    const linked = writes.map(({ values }) => values.get(idField) ?? null).filter((id) => id !== null)
    if (linked.length === 0) continue
    const seen = new Set<unknown>()
    for (const id of linked) {
      if (seen.has(id)) throw alreadyLinked(collection, name, id)
      seen.add(id)
    }
    // The filter is read in the words of the database's dialect.
    const filter = { [documentNames(catalog.dialect, collection).shown(idField)]: { _in: linked } }
    const others = await catalog.engine().find(collection, filter, source, { isUnlimited: true })
    const written = new Set(writes.map(({ docId }) => docId))
    const other = others.find((docId) => !written.has(docId))
    if (other !== undefined) throw alreadyLinked(collection, name, linked.length === 1 ? linked[0] : undefined, other)
  }
}

/** Whether a field stores the ID of a document that can be linked by one only. */
function isOneToOne(catalog: Catalog, collection: CollectionVersion, { name, kind, relationName, isPrimary }: FieldDescription): boolean {
  if (kind.type !== 'relation' || kind.list || isPrimary !== true) return false
  const target = catalog.active().find((candidate) => candidate.name === kind.collection)
  return (
    target?.fields.some((other) => {
      const isItself = target.collectionId === collection.collectionId && other.name === name
      return !isItself && other.kind.type === 'relation' && !other.kind.list && other.relationName === relationName
    }) === true
  )
}

function alreadyLinked(collection: CollectionVersion, field: string, target: unknown, by?: string): DatabaseError<'INVALID_DOCUMENT'> {
  const who = by === undefined ? 'two documents of this write link it' : `${collection.name} ${quote(by)} links it`
  const what = target === undefined ? '' : ` ${quote(target)}`
  const message = `target document is already linked to another document: "${field}"${what} of "${collection.name}" is a relation of one to one, and ${who}`
  return new DatabaseError('INVALID_DOCUMENT', message, { collection: collection.name, field, value: target })
}

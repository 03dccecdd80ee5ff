import type { CollectionVersion, FieldDescription } from '../schema/collection-version.ts'
import type { RelationKind } from '../schema/kinds.ts'
import { QUERY_LIMITS, type QueryLimits } from './limits.ts'

/** A relation as seen from one of its sides. */
export interface Relation {
  /** The field this is: `author`. */
  readonly name: string
  readonly target: CollectionVersion
  /** Many documents on the other side. */
  readonly list: boolean
  /** Where the ID of the other document is stored: in `field` of this side's documents, or of the target's. */
  readonly storedIn: 'this' | 'target'
  readonly idField: string
}

/** The collections a query can name, and how they relate. */
export interface QueryCollections {
  readonly all: readonly CollectionVersion[]
  /** How much one request may ask of them. */
  readonly limits: QueryLimits
  named(name: string): CollectionVersion | undefined
  /** The relation a field is, or the one whose `_id` field it is; `undefined` for a value of the document's own. */
  relation(collection: CollectionVersion, field: FieldDescription): Relation | undefined
}

/** The active collections among all versions. Embedded types are left out: there are no documents of them. */
export function queryCollections(versions: readonly CollectionVersion[], limits: QueryLimits = QUERY_LIMITS): QueryCollections {
  const all = versions.filter(({ isActive, isEmbeddedOnly }) => isActive && !isEmbeddedOnly)
  const byName = new Map(all.map((collection) => [collection.name, collection]))
  return {
    all,
    limits,
    named: (name) => byName.get(name),
    relation: (collection, field) => {
      const side = relationField(collection, field)
      const target = side === undefined ? undefined : byName.get(side.kind.collection)
      if (side === undefined || target === undefined) return undefined
      const shared = { name: side.name, target, list: side.kind.list }
      if (side.isPrimary === true) return { ...shared, storedIn: 'this', idField: `${side.name}_id` }
      const other = target.fields.find((candidate) => isOtherSide(candidate, side, collection))
      return other === undefined ? undefined : { ...shared, storedIn: 'target', idField: `${other.name}_id` }
    },
  }
}

type RelationField = FieldDescription & { readonly kind: RelationKind }

function relationField(collection: CollectionVersion, field: FieldDescription): RelationField | undefined {
  if (field.relationName === undefined) return undefined
  return collection.fields.find(
    (candidate): candidate is RelationField =>
      candidate.kind.type === 'relation' && (candidate.name === field.name || `${candidate.name}_id` === field.name),
  )
}

function isOtherSide(candidate: FieldDescription, side: FieldDescription, collection: CollectionVersion): boolean {
  return (
    candidate.kind.type === 'relation' &&
    candidate.kind.collection === collection.name &&
    candidate.relationName === side.relationName &&
    candidate.isPrimary === true
  )
}

import type { CrdtType } from '../crdt/kinds.ts'
import type { FieldKind } from './kinds.ts'
import type { DocumentValue } from './document-value.ts'

/**
 * One version of a collection: what a type in SDL becomes. Frozen once made; a change makes a new version.
 *
 * Two IDs matter. `collectionId` (the "schema root") never changes over the versions of a collection; it is part of every document ID and names the topics
 * of the network. `versionId` names exactly this version and is written into every block made under it. For the first version both are equal.
 */
export interface CollectionVersion {
  readonly name: string
  readonly collectionId: string
  readonly versionId: string
  /** The version this one was patched from; absent for a first version. */
  readonly previousVersionId?: string
  /** One version of a collection is active: the one that is written and queried. */
  readonly isActive: boolean
  /** The collection keeps a commit DAG of its own besides those of its documents. */
  readonly isBranchable: boolean
  readonly isMaterialized: boolean
  /** Only ever part of another document or of a view: there is no collection to write to. */
  readonly isEmbeddedOnly: boolean
  /** `_docID` first, then by name bytewise. Both sides of a relation are here, and `x_id` beside every single relation `x`. */
  readonly fields: readonly FieldDescription[]
  /** The global part of the description in hash order, relations in their stored form: what a later version is hashed from. */
  readonly schemaFields: readonly SchemaField[]
  readonly indexes: readonly IndexDescription[]
}

export interface FieldDescription {
  readonly name: string
  readonly kind: FieldKind
  readonly crdt: CrdtType
  /** Set on both fields of a relation (`author` and `author_id`). */
  readonly relationName?: string
  /** This side of the relation stores the other document's ID. */
  readonly isPrimary?: boolean
  readonly defaultValue?: DocumentValue
  /** `@constraints(size)`: the length a list must have. */
  readonly size?: number
  /** `@embedding`: the vector of this field is made from other fields. */
  readonly embedding?: EmbeddingDescription
}

export interface EmbeddingDescription {
  readonly provider: string
  readonly model: string
  /** Where the provider answers, when it is not its usual address. */
  readonly url?: string
  readonly template?: string
  /** The fields whose values are embedded. */
  readonly fields: readonly string[]
}

/** A field as it stands in the hashed JSON. */
export interface SchemaField {
  readonly name: string
  readonly kind: number | NamedKind | CollectionKind | SelfKind
  readonly typ: number
}

/** Inside the hash of a first version: the target by name. */
export interface NamedKind {
  readonly Name: string
  readonly Array: boolean
}

/** The stored form afterwards: the target by its collection ID. */
export interface CollectionKind {
  readonly Array: boolean
  readonly Root: string
}

/** The stored form of a relation inside one circular set. */
export interface SelfKind {
  readonly RelativeID: string
  readonly Array: boolean
}

export interface IndexDescription {
  readonly name: string
  readonly id: number
  readonly fields: readonly { readonly name: string; readonly descending: boolean }[]
  readonly unique: boolean
}

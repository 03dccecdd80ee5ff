import type { PlainFilter } from './filters.testkit.ts'

/** A request as a tree: what the oracle makes up, writes as GraphQL, and reads again when it evaluates. */
export interface PlainRequest {
  readonly roots: readonly PlainField[]
}

export type PlainField = ValueField | SelectField | AggregateField | SimilarityField | FragmentField

/** One value: a field of the document, `_docID`, `_deleted`, `__typename`, the ID of a related document. */
export interface ValueField {
  readonly kind: 'value'
  readonly key: string
  readonly name: string
}

/** Documents: those of a collection at the root, related ones, or those of a group. */
export interface SelectField {
  readonly kind: 'select'
  readonly key: string
  readonly name: string
  /** The type of the documents. */
  readonly on: string
  readonly arguments: SelectArguments
  /** The arguments are written as variables. */
  readonly asVariables: boolean
  readonly fields: readonly PlainField[]
}

/** A number over lists, related documents, groups, or whole collections; over several of them it takes all their values together. */
export interface AggregateField {
  readonly kind: 'aggregate'
  readonly key: string
  readonly name: AggregateName
  readonly sources: readonly AggregateSource[]
}

export type AggregateName = '_count' | '_sum' | '_avg' | '_min' | '_max'

export interface AggregateSource {
  /** What it is over: a list, a relation, `_group`, `_version`, at the root a collection. */
  readonly name: string
  /** For documents: the value of each, or the name of an aggregate that is selected on them. */
  readonly field?: string
  readonly filter?: PlainFilter | null
  /** A direction for the elements of a list, else keys as in a select. */
  readonly order?: Direction | readonly PlainOrder[]
  readonly limit?: number
  readonly offset?: number
}

export interface SimilarityField {
  readonly kind: 'similarity'
  readonly key: string
  readonly field: string
  readonly vector: readonly number[]
}

/** Fields that are written in a fragment; what they mean is the same. */
export interface FragmentField {
  readonly kind: 'fragment'
  readonly on: string
  /** Absent for an inline fragment. */
  readonly name?: string
  readonly fields: readonly PlainField[]
}

export interface SelectArguments {
  readonly docID?: readonly string[]
  readonly filter?: PlainFilter | null
  readonly groupBy?: readonly string[]
  readonly order?: readonly PlainOrder[]
  readonly limit?: number
  readonly offset?: number
  readonly showDeleted?: boolean
}

export type Direction = 'ASC' | 'DESC'

/** `{ age: 'ASC' }`, for a related document `{ author: { age: 'ASC' } }`, for what is selected `{ _alias: { total: 'ASC' } }`. */
export interface PlainOrder {
  readonly [name: string]: Direction | PlainOrder
}

/** A field, wherever it is written. */
export type UnfoldedField = Exclude<PlainField, FragmentField>

/** The fields of a selection, those of its fragments in their places. */
export function unfold(fields: readonly PlainField[]): readonly UnfoldedField[] {
  return fields.flatMap((field) => (field.kind === 'fragment' ? unfold(field.fields) : [field]))
}

import type { IndexDescription } from './collection-version.ts'

export interface CollectionIndexDescription {
  readonly Name: string
  readonly ID: number
  readonly Fields: readonly { readonly Name: string; readonly Descending: boolean }[]
  readonly Unique: boolean
}

/** An index as the reference's API has it. */
export function indexToJson({ name, id, unique, fields }: IndexDescription): CollectionIndexDescription {
  return { Name: name, ID: id, Fields: fields.map((field) => ({ Name: field.name, Descending: field.descending })), Unique: unique }
}

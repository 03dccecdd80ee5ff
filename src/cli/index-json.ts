import type { IndexDescription } from '../schema/collection-version.ts'

/** An index in the form that DefraDB's commands print. */
export function indexToJson({ name, id, fields, unique }: IndexDescription): Readonly<Record<string, unknown>> {
  return {
    Name: name,
    ID: id,
    Fields: fields.map((field) => ({ Name: field.name, Descending: field.descending })),
    Unique: unique,
  }
}

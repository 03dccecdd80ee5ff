import { compareText } from '../../util/bytes.ts'

/** Fields of a type by name bytewise, so that a schema prints the same however it was made. */
export function sortedFields<Field>(fields: Readonly<Record<string, Field>>): Record<string, Field> {
  return Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => compareText(a, b)))
}

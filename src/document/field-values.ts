import type { DocumentValue } from '../schema/document-value.ts'

/** Values by field name, each already of its field's kind. A relation `x` stands under `x_id`. */
export type FieldValues = ReadonlyMap<string, DocumentValue>

import type { ErrorDetails } from '../errors.ts'

/** What a caller may pass beside the text of a GraphQL request. */
export interface RequestOptions {
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
  readonly signal?: AbortSignal
}

/** A GraphQL result. Partial failures stand in `errors` with their paths; `data` is null when nothing could be answered. */
export interface RequestResult {
  readonly data: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly RequestError[]
}

export interface RequestError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly locations?: readonly { readonly line: number; readonly column: number }[]
  /** `code` is that of the `DatabaseError` behind it; LIMIT_EXCEEDED comes with its details. */
  readonly extensions?: { readonly code: string } & Partial<ErrorDetails['LIMIT_EXCEEDED']>
}

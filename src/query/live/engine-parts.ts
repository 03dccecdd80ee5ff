import type { QueryCollections } from '../collections.ts'
import type { Execution } from '../plan/execution.ts'
import type { Language } from '../request/language.ts'
import type { QuerySource } from '../source.ts'

/** What requests that run for long have of their engine. */
export interface EngineParts {
  readonly collections: QueryCollections
  /** Makes the schema when it is first asked for. */
  speak(): Language
  /** An execution that begins now, has spent nothing, and ends when the signal fires. */
  begin(source: QuerySource, signal?: AbortSignal): Execution
}

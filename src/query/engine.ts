import type { DocumentRecord } from '../document/record.ts'
import { DatabaseError } from '../errors.ts'
import type { CollectionVersion } from '../schema/collection-version.ts'
import type { RequestOptions, RequestResult } from './result.ts'
import type { QuerySource } from './source.ts'

/** GraphQL over one set of collections. Made anew when the set changes; holds no state of requests. */
export interface QueryEngine {
  /** Runs one operation against `source`. Resolves with `errors` for whatever is wrong with the request; never rejects. */
  execute(request: string, source: QuerySource, options?: RequestOptions): Promise<RequestResult>
  /**
   * Whether the operation that `execute` would run reads or writes, so that the database can choose its source. A request that cannot be parsed counts as a query: `execute`
   * then says what is wrong with it.
   */
  operationKind(request: string, options?: RequestOptions): 'query' | 'mutation' | 'subscription'
  /** The predicate of a filter in the form GraphQL has it (`{ age: { _gt: 3 } }`). @throws INVALID_REQUEST */
  compileFilter(collection: CollectionVersion, filter: unknown): (record: DocumentRecord, docId: string) => boolean
}

/** The query engine of these collections; inactive versions and embedded types are not queried. */
export function createQueryEngine(_collections: readonly CollectionVersion[]): QueryEngine {
  throw new DatabaseError('UNSUPPORTED', 'queries cannot be run yet', { feature: 'queries' })
}

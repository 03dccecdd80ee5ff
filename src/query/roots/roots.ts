import { DatabaseError } from '../../errors.ts'
import type { QueryCollections } from '../collections.ts'
import type { RequestField } from '../request/request-field.ts'
import { aggregateRoot } from './aggregate.ts'
import { commitsRoot, latestCommitsRoot } from './commits.ts'
import { documentsRoot } from './documents.ts'
import { mutationRoot } from './mutations.ts'
import type { Root, RootPlanner } from './root.ts'

/** What can stand at the root of a request. The first that knows the field takes it. */
const ROOTS: readonly RootPlanner[] = [documentsRoot, aggregateRoot, commitsRoot, latestCommitsRoot, mutationRoot]

/** Plans a root field. @throws INVALID_REQUEST */
export function planRoot(field: RequestField, collections: QueryCollections): Root {
  for (const plan of ROOTS) {
    const root = plan(field, collections)
    if (root !== undefined) return root
  }
  throw new DatabaseError('UNSUPPORTED', `"${field.name}" cannot be answered`, { feature: field.name })
}

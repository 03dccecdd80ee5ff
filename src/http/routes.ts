import type { Route } from './route.ts'
import { backupRoutes } from './routes/backup.ts'
import { documentRoutes } from './routes/documents.ts'
import { graphqlRoutes } from './routes/graphql.ts'
import { indexRoutes } from './routes/indexes.ts'
import { nodeRoutes } from './routes/node.ts'
import { peerRoutes } from './routes/peers.ts'
import { schemaRoutes } from './routes/schema.ts'
import { transactionRoutes } from './routes/transactions.ts'

/** Everything that can be asked. Where two paths fit, the first one counts. */
export const ROUTES: readonly Route[] = [
  ...graphqlRoutes,
  ...schemaRoutes,
  ...indexRoutes,
  ...documentRoutes,
  ...transactionRoutes,
  ...backupRoutes,
  ...peerRoutes,
  ...nodeRoutes,
]

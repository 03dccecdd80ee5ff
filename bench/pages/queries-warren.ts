import { openDatabase } from '../../src/index.browser.ts'
import { queriedWarren } from '../contestants/queried-warren.ts'
import { RELATED_SCHEMA } from '../people-orders.ts'
import { createQueriesPage } from './queries-page.ts'

globalThis.queriesPage = createQueriesPage({
  WarrenDB: queriedWarren((name) => openDatabase({ name, schema: RELATED_SCHEMA, p2p: false, durability: 'relaxed' })),
})

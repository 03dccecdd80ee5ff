import { indexedIdb } from '../contestants/indexed-idb.ts'
import { createQueriesPage } from './queries-page.ts'

globalThis.queriesPage = createQueriesPage({ 'raw idb': indexedIdb })

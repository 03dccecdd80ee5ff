import { createQueriesPage } from '../pages/queries-page.ts'
import type { QueryContestant } from '../query-contestant.ts'

globalThis.queriesPage = createQueriesPage({
  Dexie: loaded(async () => (await import('./dexie.ts')).dexie),
  RxDB: loaded(async () => (await import('./rxdb.ts')).rxdb),
  PouchDB: loaded(async () => (await import('./pouchdb.ts')).pouchdb),
  TinyBase: loaded(async () => (await import('./tinybase.ts')).tinybase),
  Yjs: loaded(async () => (await import('./yjs.ts')).yjs),
})

/** A page loads only the peer that it measures: RxDB brings another Dexie, and the two do not bear each other. */
function loaded(load: () => Promise<QueryContestant>): QueryContestant {
  return { open: async (name) => (await load()).open(name) }
}

import type { Expected } from '../people-orders.ts'
import type { OpenQueryContestant, QueryContestant } from '../query-contestant.ts'
import { fillDatabase, runQueryRound } from '../query-workload.ts'
import type { QueriesPage } from './api.ts'
import { deleteDatabases } from './delete-databases.ts'
import { watchLongTasks } from './long-tasks.ts'

/** Offers the query workload over these contestants to the harness. */
export function createQueriesPage(contestants: Readonly<Record<string, QueryContestant>>): QueriesPage {
  const tasks = watchLongTasks()
  let filled: { readonly database: OpenQueryContestant; readonly expected: Expected } | undefined

  return {
    fill: async (name, databaseName, n) => {
      const contestant = contestants[name]
      if (contestant === undefined) throw new Error(`this page has no contestant "${name}"`)
      const database = await contestant.open(databaseName)
      filled = { database, expected: await fillDatabase(database, n) }
    },
    round: async (options) => {
      if (filled === undefined) throw new Error('nothing has been filled yet')
      return runQueryRound(filled.database, filled.expected, options, tasks)
    },
    end: async () => {
      await filled?.database.close()
      filled = undefined
      await deleteDatabases()
    },
  }
}

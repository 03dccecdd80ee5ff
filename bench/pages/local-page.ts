import type { Contestant, OpenContestant } from '../contestant.ts'
import { people } from '../documents.ts'
import { runLocalWorkload, type TaskWatch } from '../local-workload.ts'
import type { LocalPage } from './api.ts'
import { deleteDatabases } from './delete-databases.ts'

/** Offers the local workload over these contestants to the harness. */
export function createLocalPage(contestants: Readonly<Record<string, Contestant>>): LocalPage {
  let filled: OpenContestant | undefined

  function named(name: string): Contestant {
    const contestant = contestants[name]
    if (contestant === undefined) throw new Error(`this page has no contestant "${name}"`)
    return contestant
  }

  return {
    run: (contestant, database, options) => runLocalWorkload(named(contestant), database, options, taskWatch()),
    fill: async (contestant, database, n) => {
      filled = await named(contestant).open(database)
      await filled.createMany(people(0, n))
      const count = await filled.count()
      if (count !== n) throw new Error(`${count} documents are there where ${n} were written`)
    },
    close: async () => filled?.close(),
    clear: deleteDatabases,
  }
}

function taskWatch(): TaskWatch {
  let longest = 0
  const observer = new PerformanceObserver((list) => note(list.getEntries()))
  const note = (entries: PerformanceEntryList): void => {
    for (const { duration } of entries) longest = Math.max(longest, duration)
  }
  return {
    start: () => {
      longest = 0
      observer.observe({ type: 'longtask' })
    },
    longest: async () => {
      // A task is reported after its end, and this very one may be long.
      await new Promise((resolve) => setTimeout(resolve, 100))
      note(observer.takeRecords())
      observer.disconnect()
      return longest
    },
  }
}

import { sortPaced } from '../../util/sort-paced.ts'
import type { Execution } from '../plan/execution.ts'
import { readRows } from '../plan/read-rows.ts'
import { showGroups } from '../plan/run-select.ts'
import type { Root } from '../roots/root.ts'
import { createKeptSource } from './kept-source.ts'
import { SAME, STALE, type LiveRoot } from './live-root.ts'

/**
 * Any root: it is run again when something that it read has changed, and over the documents it read, where it needs no others. So the update of one of many documents
 * reads nothing from the storage, whatever relations are selected. With loose bounds, what an index has given comes from the storage again: the documents that are kept
 * are in another order.
 */
export function runAgainRoot(root: Root, isLoose: boolean): LiveRoot {
  const kept = createKeptSource()
  return {
    load: async (execution) => ({
      value: await run(root, { ...execution, source: kept.over(execution.source), isInIdOrder: !isLoose }),
      isWhole: false,
    }),
    apply: async (changes, execution) => {
      if (!kept.apply(changes)) return SAME
      if (isLoose && kept.hasReadIndex()) return STALE
      const { source, misses } = kept.alone()
      try {
        const value = await run(root, { ...execution, source, isInIdOrder: !isLoose })
        return misses() ? STALE : { kind: 'changed', value, isWhole: false }
      } catch (error) {
        if (misses()) return STALE
        throw error
      }
    },
    reads: kept.reads,
  }
}

/** Runs a root; documents come in the order of their IDs where the request states no order, however the source gives them. */
async function run(root: Root, execution: Execution): Promise<unknown> {
  const { parts } = root
  if (parts?.kind !== 'select') return root.run(execution)
  const { plan } = parts
  // Those that a limit or offset alone leaves are the first that the source gives.
  const { order, offset, limit } = plan.ordering ?? { order: [], offset: 0, limit: undefined }
  if (order.length > 0 || offset > 0 || limit !== undefined) return root.run(execution)
  const rows = await readRows(plan, execution)
  const sorted = await sortPaced(rows, (a, b) => (a.docId < b.docId ? -1 : 1), execution.pacer)
  const [shown = []] = await showGroups(plan, [sorted], execution)
  return shown
}

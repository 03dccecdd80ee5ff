import { mapPaced } from '../../util/pacer.ts'
import { holdsFailure } from '../plan/collect-failures.ts'
import type { Execution } from '../plan/execution.ts'
import { showGroups, type Shown } from '../plan/run-select.ts'
import type { Ordering, SelectPlan } from '../plan/select-plan.ts'
import { keepRows, type KeptRows } from './kept-rows.ts'
import { SAME, STALE, type LiveRoot, type RootValue } from './live-root.ts'

/** A document as it is shown, and whether everything of it could be read. */
interface ShownCell {
  readonly shown: Shown
  readonly isWhole: boolean
}

/** A select whose documents are kept in order: a change costs finding its place, and what is shown of other documents is used again. */
export function orderedRoot(plan: SelectPlan, ordering: Ordering): LiveRoot {
  const unstaged = { ...plan, stages: [] }
  const rows = keepRows<ShownCell>(plan, ordering, async (missing, execution) => {
    const [documents = []] = await showGroups(unstaged, [missing], execution)
    return mapPaced(documents, execution.pacer, (shown) => ({ shown, isWhole: !holdsFailure(shown) }))
  })
  return rootOf([rows], async (execution) => {
    const cells = await rows.cells(execution)
    return { value: cells.map(({ shown }) => shown), isWhole: cells.every(({ isWhole }) => isWhole) }
  })
}

/** A select that groups, or filters by what it computes: its stages run again, over documents that are kept. */
export function stagedRoot(plan: SelectPlan): LiveRoot {
  const rows = keepRows<never>(plan, { order: [], offset: 0, limit: undefined }, async () => [])
  return rootOf([rows], async (execution) => {
    const [shown = []] = await showGroups(plan, [rows.shown()], execution)
    return { value: shown, isWhole: false }
  })
}

/** A root whose value is made of kept rows. */
export function rootOf(sources: readonly KeptRows<unknown>[], make: (execution: Execution) => Promise<RootValue>): LiveRoot {
  async function makeAndTrim(execution: Execution): Promise<RootValue> {
    const made = await make(execution)
    for (const rows of sources) rows.trim()
    return made
  }
  return {
    load: async (execution) => {
      for (const rows of sources) await rows.load(execution)
      return makeAndTrim(execution)
    },
    apply: async (changes, execution) => {
      const applied: ('same' | 'changed' | 'stale')[] = []
      for (const rows of sources) applied.push(await rows.apply(changes, execution))
      if (applied.includes('stale')) return STALE
      return applied.includes('changed') ? { kind: 'changed', ...(await makeAndTrim(execution)) } : SAME
    },
    reads: (collectionId) => sources.some((rows) => rows.collectionId === collectionId),
  }
}

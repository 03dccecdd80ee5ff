import type { Root } from '../roots/root.ts'
import { createKeptSource } from './kept-source.ts'
import { SAME, STALE, type LiveRoot } from './live-root.ts'

/**
 * Any root: it is run again when something that it read has changed, and over the documents it read, where it needs no others. So the update of one of many documents
 * reads nothing from the storage, whatever relations are selected. Documents come in the order of their IDs where none is stated, in a run from the storage and in one over
 * what is kept alike.
 */
export function runAgainRoot(root: Root): LiveRoot {
  const kept = createKeptSource()
  return {
    load: async (execution) => ({
      value: await root.run({ ...execution, isById: true, source: kept.over(execution.source) }),
      isWhole: false,
    }),
    apply: async (changes, execution) => {
      if (!kept.apply(changes)) return SAME
      const { source, misses } = kept.alone()
      try {
        const value = await root.run({ ...execution, isById: true, source })
        return misses() ? STALE : { kind: 'changed', value, isWhole: false }
      } catch (error) {
        if (misses()) return STALE
        throw error
      }
    },
    reads: kept.reads,
  }
}

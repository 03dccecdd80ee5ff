import type { Aggregate } from '../aggregates/aggregate.ts'
import type { DocumentSource } from '../columns/aggregate.ts'
import type { DocumentValue } from '../../schema/document-value.ts'
import { keepRows } from './kept-rows.ts'
import type { LiveRoot } from './live-root.ts'
import { rootOf } from './select-root.ts'

/**
 * An aggregate over whole collections, of the values of documents that are kept. They are added up again in their order, since the sum of floats depends on it;
 * that is work of microseconds, and reads nothing.
 */
export function keptAggregateRoot(aggregate: Aggregate, sources: readonly DocumentSource[]): LiveRoot {
  const kept = sources.map(({ plan, values }) =>
    keepRows<{ readonly value: DocumentValue }>(
      plan,
      plan.ordering ?? { order: [], offset: 0, limit: undefined },
      async (rows, execution) => {
        const [found = []] = await values([rows], execution)
        return found.map((value) => ({ value }))
      },
    ),
  )
  return rootOf(kept, async (execution) => {
    const all: DocumentValue[] = []
    for (const rows of kept) for (const { value } of await rows.cells(execution)) all.push(value)
    return { value: aggregate.reduce(all), isWhole: true }
  })
}

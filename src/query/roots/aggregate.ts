import type { DocumentValue } from '../../schema/document-value.ts'
import { AGGREGATES } from '../aggregates/aggregates.ts'
import { planDocuments, targetMissing } from '../columns/aggregate.ts'
import { explainSelect, sourcesOf } from '../explain/explain-select.ts'
import { node } from '../explain/graph.ts'
import { isPlainObject } from '../filter/value-condition.ts'
import { planSelect } from '../plan/plan-select.ts'
import { readSelected } from '../plan/run-select.ts'
import type { RootPlanner } from './root.ts'

/** `_count(Users: { … })` and the other aggregates: over the documents of one collection, or of several together. */
export const aggregateRoot: RootPlanner = (field, collections) => {
  const aggregate = AGGREGATES.find(({ name }) => name === field.name)
  if (aggregate === undefined) return undefined
  const scope = { planSelect: planSelect.bind(undefined, collections) }
  const sources = Object.entries(field.arguments).flatMap(([name, selector]) => {
    const target = collections.named(name)
    return target === undefined || !isPlainObject(selector) ? [] : [planDocuments(aggregate, target, selector, [], field, scope)]
  })
  if (sources.length === 0) throw targetMissing(aggregate)
  return {
    run: async (execution) => {
      const all: DocumentValue[] = []
      for (const { plan, values } of sources) {
        const groups = await readSelected(plan, execution)
        for (const found of await values(groups, execution)) for (const value of found) all.push(value)
      }
      return aggregate.reduce(all)
    },
    explain: (mode) => ({
      topLevelNode: [
        ...sources.map(({ plan }) => explainSelect(plan, mode)),
        // One row comes out of it.
        node(aggregate.node, mode, { attributes: { sources: sourcesOf(field) }, counters: () => ({ iterations: 1 }) }),
      ],
    }),
    parts: { kind: 'aggregate', aggregate, sources },
  }
}

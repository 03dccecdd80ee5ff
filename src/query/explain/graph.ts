import type { WorkLog } from '../plan/work.ts'

/** A part of a plan graph: nodes by name, each with what it says of itself and the nodes it takes its rows from. */
export type Graph = Readonly<Record<string, unknown>>

/** What a graph shows beside the nodes: nothing, their attributes, or what each has done. */
export type ExplainMode = { readonly type: 'debug' } | { readonly type: 'simple' } | { readonly type: 'execute'; readonly work: WorkLog }

/** What a node says of itself. */
export interface NodeFacts {
  readonly attributes?: Graph
  /** What it has done, once it has run. */
  counters?(work: WorkLog): Graph
}

/** One node around those it takes its rows from. */
export function node(name: string, mode: ExplainMode, { attributes = {}, counters }: NodeFacts, inner: Graph = {}): Graph {
  switch (mode.type) {
    case 'debug':
      return { [name]: inner }
    case 'simple':
      return { [name]: { ...attributes, ...inner } }
    case 'execute':
      return { [name]: { ...counters?.(mode.work), ...inner } }
  }
}

/** How often a step was asked for a row, the last time in vain: once more than it had for each run. */
export function iterationsOf(part: object, work: WorkLog): Graph {
  const { rows, runs } = work.noted(part) ?? { rows: 0, runs: 0 }
  return { iterations: rows + runs }
}

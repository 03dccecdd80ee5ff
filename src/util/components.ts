import type { Pacer } from './pacer.ts'

/**
 * The strongly connected components of a graph, each after those that it leads to (Tarjan 1972). What `targetsOf` gives belongs to the graph too. It calls itself not
 * once, so a chain may be as long as memory.
 */
export async function components<Node>(
  nodes: Iterable<Node>,
  targetsOf: (node: Node) => Iterable<Node>,
  pacer: Pacer,
): Promise<readonly (readonly Node[])[]> {
  const found: (readonly Node[])[] = []
  const states = new Map<Node, State>()
  const open: Node[] = []

  function enter(node: Node): Visit<Node> {
    const state = { index: states.size, lowest: states.size, isOpen: true }
    states.set(node, state)
    open.push(node)
    return { node, state, targets: targetsOf(node)[Symbol.iterator]() }
  }

  for (const root of nodes) {
    if (states.has(root)) continue
    const path = [enter(root)]
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      if (pacer.isDue()) await pacer.rest()
      const { node, state, targets } = visit
      const next = targets.next()
      if (next.done !== true) {
        const target = states.get(next.value)
        if (target === undefined) path.push(enter(next.value))
        else if (target.isOpen) state.lowest = Math.min(state.lowest, target.index)
        continue
      }
      path.pop()
      const parent = path.at(-1)?.state
      if (parent !== undefined) parent.lowest = Math.min(parent.lowest, state.lowest)
      if (state.lowest === state.index) found.push(close(node))
    }
  }
  return found

  function close(first: Node): readonly Node[] {
    const component = open.splice(open.lastIndexOf(first))
    for (const node of component) {
      const state = states.get(node)
      if (state !== undefined) state.isOpen = false
    }
    return component
  }
}

interface State {
  readonly index: number
  lowest: number
  isOpen: boolean
}

interface Visit<Node> {
  readonly node: Node
  readonly state: State
  readonly targets: Iterator<Node>
}

import { describe, expect, it } from 'vitest'

import { components } from './components.ts'
import { createPacer } from './pacer.ts'

/** The components of a graph that is given as its edges. */
async function componentsOf(edges: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const found = await components(Object.keys(edges), (node) => edges[node] ?? '', createPacer())
  return found.map((component) => component.toSorted().join(''))
}

describe('components', () => {
  it('come after what they lead to', async () => {
    expect(await componentsOf({ a: 'b', b: 'cd', c: 'd', d: '' })).toEqual(['d', 'c', 'b', 'a'])
  })

  it('hold what leads around to itself', async () => {
    expect(await componentsOf({ a: 'b', b: 'c', c: 'a' })).toEqual(['abc'])
    expect(await componentsOf({ a: 'ab', b: 'cd', c: 'b', d: 'd' })).toEqual(['d', 'bc', 'a'])
  })

  it('join circles that share a node', async () => {
    expect(await componentsOf({ a: 'b', b: 'ac', c: 'd', d: 'be' })).toEqual(['e', 'abcd'])
  })

  it('have the nodes that are only led to', async () => {
    expect(await componentsOf({ a: 'xy' })).toEqual(['x', 'y', 'a'])
  })

  it('are found along a chain that is longer than the stack', async () => {
    const found = await components([0], (node) => (node < 200_000 ? [node + 1] : []), createPacer())
    expect(found.length).toBe(200_001)
    expect(found[0]).toEqual([200_000])
  })
})

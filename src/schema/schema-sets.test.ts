import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { schemaSets, type RelatedSchema } from './schema-sets.ts'

const setNames = (schemas: readonly RelatedSchema[]): readonly (readonly string[])[] =>
  schemaSets(schemas).map((set) => set.map(({ name }) => name))

describe('schemaSets', () => {
  it('keeps schemas without relations apart', () => {
    expect(
      setNames([
        { name: 'B', targets: [] },
        { name: 'A', targets: [] },
      ]),
    ).toEqual([['A'], ['B']])
  })

  it('keeps a schema that refers to itself alone', () => {
    expect(setNames([{ name: 'Tree', targets: ['Tree'] }])).toEqual([['Tree']])
  })

  it('puts a circle together, by name', () => {
    expect(
      setNames([
        { name: 'C', targets: ['A'] },
        { name: 'A', targets: ['B'] },
        { name: 'B', targets: ['C'] },
      ]),
    ).toEqual([['A', 'B', 'C']])
  })

  it('leaves out of a circle what only leads to it', () => {
    expect(
      setNames([
        { name: 'A', targets: ['B'] },
        { name: 'B', targets: ['A'] },
        { name: 'Z', targets: ['Leaf'] },
        { name: 'Leaf', targets: [] },
      ]),
    ).toEqual([['A', 'B'], ['Leaf'], ['Z']])
  })

  it('splits off its circle what a later schema outside of it refers to', () => {
    expect(
      setNames([
        { name: 'A', targets: ['B'] },
        { name: 'B', targets: ['A'] },
        { name: 'Z', targets: ['A'] },
      ]),
    ).toEqual([['A'], ['B'], ['Z']])
  })

  it('drops, with a relation to a schema that is gone, all relations before it', () => {
    expect(
      setNames([
        { name: 'A', targets: ['B', 'Leaf'] },
        { name: 'B', targets: ['A'] },
        { name: 'Leaf', targets: [] },
      ]),
    ).toEqual([['A'], ['B'], ['Leaf']])
    expect(
      setNames([
        { name: 'A', targets: ['Leaf', 'B'] },
        { name: 'B', targets: ['A'] },
        { name: 'Leaf', targets: [] },
      ]),
    ).toEqual([['A', 'B'], ['Leaf']])
  })

  it('puts every schema into one set, whatever the order they come in', () => {
    const names = ['A', 'B', 'C', 'D', 'E']
    const schemas = fc.tuple(
      ...names.map((name) => fc.array(fc.constantFrom(...names), { maxLength: 3 }).map((targets) => ({ name, targets }))),
    )
    fc.assert(
      fc.property(schemas, fc.integer({ min: 0, max: 4 }), (list, turn) => {
        const sets = setNames(list)
        expect(sets.flat().toSorted()).toEqual(names)
        expect(setNames([...list.slice(turn), ...list.slice(0, turn)])).toEqual(sets)
      }),
    )
  })
})

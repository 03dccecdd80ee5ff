import { describe, expect, it } from 'vitest'

import { AGGREGATES } from '../aggregates/aggregates.ts'
import { LIST_OPERATORS, OPERATORS as ENGINE_OPERATORS } from '../operators/operators.ts'
import { AGGREGATE_NAMES } from './aggregates.testkit.ts'
import { constructsOf } from './constructs.testkit.ts'
import { isAnswered } from './evaluate.testkit.ts'
import { answersOf, buildWorld, caseOf, type Write } from './oracle-case.testkit.ts'
import { changed, changedIds } from './random-change.testkit.ts'
import { OPERATORS } from './random-filter.testkit.ts'
import { shapeToSdl, type Shape } from './shape.testkit.ts'
import type { World } from './world.testkit.ts'

/** The run is always the same, so that what it must have in it does not depend on luck. */
const SEED = 1
const CASES = 130

const SCALARS = ['Boolean', 'Int', 'Float64', 'Float32', 'String', 'DateTime', 'Blob', 'JSON'] as const
const LISTED = ['Boolean', 'Int', 'Float64', 'String'] as const
const LISTS = [...LISTED.flatMap((scalar) => [`[${scalar}]`, `[${scalar}!]`]), '[Float32]']
const SIDES = ['the one side', 'the many side', 'the primary side', 'the secondary side', 'a side without another']
const FROM_BOTH = SIDES.flatMap((side) => [side, `${side} to its own type`])
const SINGLE_SIDES = FROM_BOTH.filter((side) => !side.startsWith('the many'))
const OPERATORS_OF = (scalar: keyof typeof OPERATORS): readonly string[] => Object.values(OPERATORS[scalar]).flat()

/** The language, in the words of `constructsOf`. */
const LANGUAGE: readonly string[] = [
  ...[...SCALARS, 'ID' as const].flatMap((scalar) => OPERATORS_OF(scalar).map((name) => `${name} on ${scalar}`)),
  ...[...LISTED, 'Float32' as const, 'JSON' as const].flatMap((scalar) =>
    OPERATORS_OF(scalar).map((name) => `${name} on element of ${scalar}`),
  ),
  ...[...LISTS, 'JSON'].flatMap((kind) => ['_any', '_all', '_none'].map((name) => `${name} on ${kind}`)),
  ...[...SCALARS, ...LISTS, 'ID'].map((kind) => `null on ${kind}`),
  ...['_eq', '_ne', '_gt', '_ge', '_lt', '_le', '_like', '_nlike', '_ilike', '_nilike'].map((name) => `${name}: null`),
  ...['_and', '_or', '_not'].flatMap((name) => [name, `${name}: null`, `${name} on JSON`]),
  ...['_and', '_or'].flatMap((name) => LISTED.map((scalar) => `${name} on element of ${scalar}`)),
  '_alias',
  'path in JSON',
  'filter on a relation of a relation',
  ...FROM_BOTH.flatMap((side) => [`select ${side}`, `filter on ${side}`, `filter on ${side} that is null`]),
  ...SINGLE_SIDES.map((side) => `filter on the ID of ${side}`),
  'order ASC',
  'order DESC',
  'order by several keys',
  'order by an alias',
  'order by a member of an alias',
  'order by a relation',
  'order by a relation of a relation',
  ...['filter', 'order', 'limit', 'offset', 'docID', 'groupBy'].flatMap((name) =>
    ['root', 'group', 'relation'].map((place) => `${name} in a ${place}`),
  ),
  'showDeleted in a root',
  ...[...SCALARS, ...LISTS, 'ID', 'whether deleted', 'a relation', 'the ID of a relation', 'nothing', 'several fields'].map(
    (key) => `groupBy ${key}`,
  ),
  ...AGGREGATE_NAMES.flatMap((name) => ['the root', 'a relation', 'a list', '_group'].map((place) => `${name} over ${place}`)),
  '_count over _version',
  ...['filter', 'order', 'limit', 'offset'].flatMap((name) =>
    ['the root', 'a relation', 'a list', '_group'].map((place) => `${name} of an aggregate over ${place}`),
  ),
  ...AGGREGATE_NAMES.flatMap((name) => ['_group', 'a relation'].map((place) => `aggregate of ${name} over ${place}`)),
  '_similarity',
  'several sources in one aggregate',
  'several roots',
  'variables',
  'named fragment',
  'inline fragment',
  'alias of a value',
  ...[...SCALARS, 'ID', '_deleted', '__typename'].map((kind) => `select ${kind}`),
]

describe('what the oracle makes up', () => {
  it('knows every operator and aggregate that the engine has', () => {
    for (const scalar of [...SCALARS, 'ID' as const]) {
      const engines = ENGINE_OPERATORS.filter(({ scalars }) => scalars.includes(scalar)).map(({ name }) => name)
      expect(OPERATORS_OF(scalar).toSorted()).toEqual(engines.toSorted())
    }
    expect(LIST_OPERATORS.map(({ name }) => name).toSorted()).toEqual(['_all', '_any', '_none'])
    expect([...AGGREGATE_NAMES].toSorted()).toEqual(AGGREGATES.map(({ name }) => name).toSorted())
  })

  it('has everything of the language in it, and answers that are not empty', async () => {
    const used = new Set<string>()
    let requests = 0
    let answered = 0
    for (let number = 0; number < CASES; number++) {
      const given = caseOf(SEED + number)
      const { world } = await buildWorld(given, async (shape) => noDatabase(shape))
      for (const { request, expected } of answersOf(given, world)) {
        for (const construct of constructsOf(world.shape, request)) used.add(construct)
        requests++
        if (isAnswered(expected)) answered++
      }
    }
    expect(LANGUAGE.filter((construct) => !used.has(construct))).toEqual([])
    expect(requests).toBeGreaterThan(2_000)
    expect(answered / requests).toBeGreaterThan(1 / 3)
  })

  it('has documents that were changed and deleted, and indexes of every kind', async () => {
    const writes = new Set<string>()
    const schemas: string[] = []
    for (let number = 0; number < CASES; number++) {
      const { world, written } = await buildWorld(caseOf(SEED + number), async (shape) => noDatabase(shape))
      for (const { kind } of written) writes.add(kind)
      schemas.push(shapeToSdl(world.shape, { indexed: true }))
    }
    expect([...writes].toSorted()).toEqual(['create', 'delete', 'deleteMany', 'update', 'updateMany'])
    const directives = [
      /: Int @index\s/,
      /: JSON.* @index/,
      /: \[\w+!?\].* @index/,
      /: (?:Ant|Bee|Cat) @relation.* @index/,
      /@index\(direction: DESC\)/,
      /@index\(unique: true\)/,
      /includes: \[\{[^}]*\}, \{[^}]*\}\]/,
      /includes: \[\{[^}]*\}, \{[^}]*\}, \{[^}]*\}\]/,
      /unique: true, includes/,
    ]
    expect(directives.filter((directive) => !schemas.some((sdl) => directive.test(sdl)))).toEqual([])
  })
})

/** Stands for a database: gives each new document the next ID, and believes the evaluator. */
function noDatabase(shape: Shape): Write {
  let last = 0
  let world: World = { shape, documents: new Map() }
  return async (change) => {
    const docIds =
      change.kind === 'create' ? [`bae-${String(++last).padStart(8, '0')}-0000-5000-8000-000000000000`] : changedIds(world, change)
    world = changed(world, change, docIds)
    return docIds
  }
}

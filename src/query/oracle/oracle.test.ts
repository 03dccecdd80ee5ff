import { describe, expect, it } from 'vitest'

import { isFailure } from '../../errors.ts'
import { randomOf, testSeed } from '../../util/seed.testkit.ts'
import { queryTest, type QueryTest } from '../source.testkit.ts'
import { choicesOf } from './choices.testkit.ts'
import { passes } from './filters.testkit.ts'
import { buildWorld, caseOf, casesToPlay, playCases, writeTo, type Answering } from './oracle-case.testkit.ts'
import { randomFilter } from './random-filter.testkit.ts'
import { requestToText } from './request-text.testkit.ts'
import { shapeToSdl, type Shape } from './shape.testkit.ts'
import { documentsOf, type World } from './world.testkit.ts'

describe('the engine, over documents in memory', () => {
  it('answers any request as the evaluator does', async () => {
    const runs = casesToPlay(40)
    expect(await playCases(runs, async (shape) => [answering(openMemory(shape))])).toBeGreaterThanOrEqual(runs * 20)
  }, 3_600_000)

  it('reads no more documents than a limit without an order needs', async () => {
    const seed = testSeed()
    for (let run = 0; run < 60; run++) {
      const { test, world } = await filled(seed + run)
      const random = randomOf(seed + run)
      const limit = random.below(5)
      const [first] = world.shape.types
      if (first === undefined) continue
      // Without relations, so that no other documents are read.
      const type = { ...first, relations: [], indexes: [] }
      const filter = randomFilter(choicesOf(Array.from({ length: 20 }, () => random.below(1_000))), world, type, 1)
      const all = documentsOf(world, type.name)
      const passed = all.flatMap((document, position) => (passes(world, type, document, filter) ? [position] : []))
      const { text } = requestToText({
        roots: [
          {
            kind: 'select',
            key: 'found',
            name: type.name,
            on: type.name,
            arguments: { filter, limit },
            asVariables: false,
            fields: [{ kind: 'value', key: '_docID', name: '_docID' }],
          },
        ],
      })
      test.source.documentsRead = 0
      await test.data(text)
      const last = passed[limit - 1] ?? all.length - 1
      expect(test.source.documentsRead, `${text}with WARREN_SEED=${seed}`).toBeLessThanOrEqual(limit === 0 ? 0 : batchesTo(last) * BATCH)
    }
  })
})

/** Documents that the source in memory reads at once. */
const BATCH = 3

function batchesTo(position: number): number {
  return Math.floor(position / BATCH) + 1
}

function openMemory(shape: Shape): QueryTest {
  return queryTest(shapeToSdl(shape, { indexed: false }))
}

async function filled(seed: number): Promise<{ readonly test: QueryTest; readonly world: World }> {
  const tests: QueryTest[] = []
  const { world } = await buildWorld(caseOf(seed), async (shape) => {
    const test = openMemory(shape)
    tests.push(test)
    return (change) => writeTo([answering(test)], change)
  })
  const [test] = tests
  if (test === undefined) throw new Error('no world was opened')
  return { test, world }
}

function answering(test: QueryTest): Answering {
  return {
    name: 'in memory',
    create: async (type, values) => {
      try {
        return (await test.create(type, values))[0]
      } catch (error) {
        if (isFailure(error, 'ALREADY_EXISTS')) return undefined
        throw error
      }
    },
    update: async (type, docId, values) => {
      const request = `mutation ($docID: [ID!], $input: ${type}MutationInputArg) { update_${type}(docID: $docID, input: $input) { _docID } }`
      await test.data(request, { variables: { docID: [docId], input: values } })
    },
    delete: async (type, docId) => {
      await test.data(`mutation { delete_${type}(docID: ["${docId}"]) { _docID } }`)
    },
    updateMany: async (type, filter, values) => {
      const request = `mutation ($filter: ${type}FilterArg, $input: ${type}MutationInputArg) { written: update_${type}(filter: $filter, input: $input) { _docID } }`
      return writtenIds(await test.data(request, { variables: { filter, input: values } }))
    },
    deleteMany: async (type, filter) => {
      const request = `mutation ($filter: ${type}FilterArg) { written: delete_${type}(filter: $filter) { _docID } }`
      return writtenIds(await test.data(request, { variables: { filter } }))
    },
    execute: ({ text, variables }) => test.run(text, { variables }),
    close: async () => {},
  }
}

function writtenIds({ written }: Readonly<Record<string, unknown>>): readonly string[] {
  return (written as readonly { readonly _docID: string }[]).map(({ _docID }) => _docID)
}

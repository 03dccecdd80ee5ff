import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { DocumentValue } from '../schema/document-value.ts'
import { evaluate, type PlainDocument, type PlainFilter, type PlainQuery } from './oracle.testkit.ts'
import { queryTest } from './source.testkit.ts'

const SDL = 'type Doc { s: String i: Int f: Float b: Boolean d: DateTime is: [Int] ss: [String!] }'

// Few values, so that documents meet each other and the filters; among them what is easily confused.
const texts = fc.constantFrom('', 'a', 'ab', 'aB', 'b%', '%', 'é', '\u{1f600}', '\uffee', 'a.c', 'abc', 'a%c', '%b', 'cab')
const ints = fc.constantFrom(-1, 0, 1, 2, 9007199254740991, 9007199254740993n, -9223372036854775808n)
const floats = fc.constantFrom(-1.5, 0, 0.1, 1, 2, 1e300)
const times = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2026-01-01T01:00:00+01:00',
  '2025-12-31T23:59:59.5-00:30',
  '2026-01-01T00:00:00.001Z',
)
const values = { s: texts, i: ints, f: floats, b: fc.boolean(), d: times }
const orNull = (value: fc.Arbitrary<DocumentValue>): fc.Arbitrary<DocumentValue> => fc.option(value, { nil: null, freq: 4 })

const documents = fc.array(
  fc.record(
    {
      ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, orNull(value)])),
      is: orNull(fc.array(orNull(ints), { maxLength: 3 })),
      ss: orNull(fc.array(texts, { maxLength: 3 })),
    },
    { requiredKeys: [] },
  ),
  { maxLength: 12 },
)

const compared = ['_gt', '_ge', '_lt', '_le']
const operatorsOf = (value: fc.Arbitrary<DocumentValue>, names: readonly string[], listed = orNull(value)): fc.Arbitrary<PlainFilter> => {
  const one = fc.tuple(fc.constantFrom('_eq', '_ne', ...names), orNull(value))
  const many = fc.tuple(fc.constantFrom('_in', '_nin'), fc.array(listed, { maxLength: 3 }))
  return fc.array(fc.oneof(one, many), { maxLength: 2 }).map((entries) => Object.fromEntries(entries))
}
const patterns = ['_like', '_nlike', '_ilike', '_nilike']
const onTexts = operatorsOf(texts, patterns)
const onInts = operatorsOf(ints, compared)
const onList = (element: fc.Arbitrary<PlainFilter>): fc.Arbitrary<PlainFilter> =>
  fc.tuple(fc.constantFrom('_any', '_all', '_none'), element).map(([name, condition]) => ({ [name]: condition }))

const filters: fc.Arbitrary<PlainFilter> = fc.letrec<{ filter: PlainFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc
      .record(
        {
          s: onTexts,
          i: onInts,
          f: operatorsOf(floats, compared),
          b: operatorsOf(fc.boolean(), []),
          d: operatorsOf(times, compared),
          is: onList(onInts),
          // A list without nulls is not asked for them.
          ss: onList(operatorsOf(texts, patterns, texts)),
        },
        { requiredKeys: [] },
      )
      .map((fields): PlainFilter => fields),
    fc.array(tie('filter'), { maxLength: 3 }).map((parts): PlainFilter => ({ _and: parts })),
    fc.array(tie('filter'), { maxLength: 3 }).map((parts): PlainFilter => ({ _or: parts })),
    tie('filter').map((part): PlainFilter => ({ _not: part })),
  ),
})).filter

const queries: fc.Arbitrary<PlainQuery> = fc.record(
  {
    filter: filters,
    order: fc.array(
      fc
        .tuple(fc.constantFrom('s', 'i', 'f', 'b', 'd'), fc.constantFrom<'ASC' | 'DESC'>('ASC', 'DESC'))
        .map(([name, direction]) => ({ [name]: direction })),
      { maxLength: 3 },
    ),
    limit: fc.integer({ min: 0, max: 5 }),
    offset: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: [] },
)

const REQUEST = `query ($filter: DocFilterArg, $order: [DocOrderArg], $limit: Int, $offset: Int) {
  Doc(filter: $filter, order: $order, limit: $limit, offset: $offset) { _docID s i f b d is ss }
}`

describe('queries, compared with a slow and obvious evaluator', () => {
  it('select the same documents in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.array(queries, { minLength: 1, maxLength: 8 }), async (given, asked) => {
        const test = queryTest(SDL)
        const plain = await createAll(test, given)
        for (const query of asked) {
          const data = await test.data(REQUEST, { variables: { ...query } })
          expect(data).toEqual({ Doc: evaluate(plain, query) })
        }
      }),
      { numRuns: 150 },
    )
  })

  it('read no more documents than a limit without an order needs', async () => {
    await fc.assert(
      fc.asyncProperty(documents, filters, fc.integer({ min: 0, max: 4 }), async (given, filter, limit) => {
        const test = queryTest(SDL)
        const plain = await createAll(test, given)
        test.source.documentsRead = 0
        await test.data(REQUEST, { variables: { filter, limit } })
        const needed = plain.findIndex(({ _docID }) => _docID === evaluate(plain, { filter, limit })[limit - 1]?._docID)
        const batch = 3
        const all = Math.ceil(plain.length / batch) * batch
        expect(test.source.documentsRead).toBeLessThanOrEqual(limit === 0 ? 0 : needed < 0 ? all : (Math.floor(needed / batch) + 1) * batch)
      }),
      { numRuns: 60 },
    )
  })
})

/** The documents as the oracle sees them, by their IDs. Equal ones are one document. */
async function createAll(test: ReturnType<typeof queryTest>, given: readonly object[]): Promise<readonly PlainDocument[]> {
  const plain = new Map<string, PlainDocument>()
  for (const document of given) {
    const { errors, data } = await test.run(
      'mutation ($input: [DocMutationInputArg!]) { create_Doc(input: $input) { _docID s i f b d is ss } }',
      {
        variables: { input: [document] },
      },
    )
    const [created] = (data?.['create_Doc'] ?? []) as readonly PlainDocument[]
    if (created !== undefined) plain.set(created._docID, created)
    else if (errors?.[0]?.extensions?.code !== 'ALREADY_EXISTS') throw new Error(JSON.stringify(errors))
  }
  return [...plain.values()].toSorted((a, b) => (a._docID < b._docID ? -1 : 1))
}

import { describe, expect, it } from 'vitest'

import { queryCollections } from '../collections.ts'
import { createExecution, type Execution } from '../plan/execution.ts'
import { planSelect } from '../plan/plan-select.ts'
import type { SelectPlan } from '../plan/select-plan.ts'
import { queryTest, type QueryTest } from '../source.testkit.ts'
import { keepRows, type KeptRows } from './kept-rows.ts'
import { refusing } from './kept-source.ts'
import type { StoredChanges } from './stored-changes.ts'

describe('kept rows', () => {
  it('make what is shown of new and changed documents alone', async () => {
    const { test, rows, unread, made } = await someRows({ filter: { n: { _gt: 0 } }, order: [{ n: 'DESC' }] }, 100)
    expect(await rows.cells(unread)).toEqual(['3', '2', '1'])
    expect(made).toEqual([3, 2, 1])
    expect(await rows.apply(await changeOf(test, { n: 2 }, { m: 'other' }), unread)).toBe('changed')
    expect(await rows.apply(await changeOf(test, { n: 0 }, { m: 'other' }), unread)).toBe('same')
    expect(await rows.apply(await changeOf(test, { n: 1 }, { n: 9 }), unread)).toBe('changed')
    expect(await rows.cells(unread)).toEqual(['9', '3', '2'])
    expect(made).toEqual([3, 2, 1, 9, 2])
    expect(await rows.apply(await changeOf(test, { n: 3 }, { n: -1 }), unread)).toBe('changed')
    expect(await rows.cells(unread)).toEqual(['9', '2'])
  })

  it('are let go when they are too many, and then have to be loaded for a change that may matter', async () => {
    const { test, rows, unread } = await someRows({}, 3)
    expect((await rows.cells(unread)).length).toBe(4)
    rows.trim()
    expect(await rows.apply({ documents: new Map([['another', new Map()]]), histories: new Set() }, unread)).toBe('same')
    const changes = await changeOf(test, { n: 2 }, { n: 5 })
    expect(await rows.apply(changes, unread)).toBe('stale')
    await rows.load({ ...unread, source: test.source })
    expect((await rows.cells(unread)).toSorted()).toEqual(['0', '1', '3', '5'])
  })

  it('have to be loaded again after a load that failed', async () => {
    const { test, rows, unread } = await someRows({}, 100)
    await expect(rows.load(unread)).rejects.toThrow('nothing to read')
    expect(await rows.apply(await changeOf(test, { n: 2 }, { n: 5 }), unread)).toBe('stale')
  })
})

interface SomeRows {
  readonly test: QueryTest
  readonly rows: KeptRows<string>
  readonly unread: Execution
  /** What cells were made of, in order. */
  readonly made: number[]
}

/** The rows of a select with these arguments over documents with n from 0 to 3. */
async function someRows(given: Readonly<Record<string, unknown>>, mostKept: number): Promise<SomeRows> {
  const test = queryTest('type Doc { n: Int m: String }')
  await test.create('Doc', ...[0, 1, 2, 3].map((n) => ({ n })))
  const collections = queryCollections(test.collections)
  const field = { key: 'n', name: 'n', on: 'Doc', arguments: {}, fields: [], nodes: [] }
  const plan: SelectPlan = planSelect(collections, test.collection('Doc'), { ...field, name: 'Doc', arguments: given, fields: [field] })
  const unread = createExecution(refusing('nothing to read'), collections)
  const made: number[] = []
  const makeCells: Parameters<typeof keepRows<string>>[2] = async (missing, execution) => {
    const numbers = (await plan.columns[0]?.read(missing, execution)) ?? []
    made.push(...numbers.map(Number))
    return numbers.map(String)
  }
  const rows = keepRows(plan, plan.ordering ?? { order: [], offset: 0, limit: undefined }, makeCells, mostKept)
  await rows.load({ ...unread, source: test.source })
  return { test, rows, unread, made }
}

/** Updates the documents that a filter names, and tells what has changed. */
async function changeOf({ run, source, collection }: QueryTest, { n }: { readonly n: number }, input: object): Promise<StoredChanges> {
  const request = 'mutation ($n: Int, $input: DocMutationInputArg) { update_Doc(filter: {n: {_eq: $n}}, input: $input) { _docID } }'
  const { data } = await run(request, { variables: { n, input } })
  const ids = ((data?.['update_Doc'] ?? []) as readonly { readonly _docID: string }[]).map(({ _docID }) => _docID)
  const changed = new Map()
  for await (const batch of source.documents(collection('Doc'), { docIds: ids, showDeleted: true })) {
    for (const { docId, record } of batch) changed.set(docId, record)
  }
  expect(changed.size).toBe(1)
  return { documents: new Map([[collection('Doc').collectionId, changed]]), histories: new Set() }
}

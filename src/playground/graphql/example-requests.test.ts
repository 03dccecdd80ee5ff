import { expect, test } from 'vitest'

import { openDatabase } from '../../index.node.ts'
import { exampleRequests } from './example-requests.ts'

test.each([
  'type Note { title: String @index body: String done: Boolean votes: Int @crdt(type: pncounter) written: DateTime }',
  'type Point { x: Float y: Float tags: [String!] }',
  'type Blank { at: DateTime }',
])('every example runs: %s', async (schema) => {
  await using db = await openDatabase({ storage: 'memory', p2p: false, schema })
  const [collection] = await db.collections.describe()
  if (collection === undefined) throw new RangeError('no collection')
  const examples = exampleRequests(collection).filter(({ name }) => name !== 'Subscribe')
  for (const { name, request, variables } of examples) {
    const { errors } = await db.execute(request, variables === '' ? {} : { variables: JSON.parse(variables) as Record<string, unknown> })
    expect([name, errors]).toEqual([name, undefined])
  }
})

test('what Create makes is what Find, Update and Delete find', async () => {
  await using db = await openDatabase({ storage: 'memory', p2p: false, schema: 'type Note { title: String done: Boolean }' })
  const [collection] = await db.collections.describe()
  const examples = collection === undefined ? [] : exampleRequests(collection)
  const counts: number[] = []
  for (const name of ['Create', 'Find', 'Update', 'Delete', 'All']) {
    const { request = '', variables = '' } = examples.find((example) => example.name === name) ?? {}
    const { data } = await db.execute(request, variables === '' ? {} : { variables: JSON.parse(variables) as Record<string, unknown> })
    counts.push(...Object.values(data ?? {}).map((rows) => (Array.isArray(rows) ? rows.length : -1)))
  }
  expect(counts).toEqual([1, 1, 1, 1, 0])
})

test('Subscribe shows what Create makes', async () => {
  await using db = await openDatabase({ storage: 'memory', p2p: false, schema: 'type Note { title: String }' })
  const [collection] = await db.collections.describe()
  const examples = collection === undefined ? [] : exampleRequests(collection)
  const [subscribe, create] = ['Subscribe', 'Create'].map((name) => examples.find((example) => example.name === name)?.request ?? '')
  const results = db.subscribe(subscribe ?? '')[Symbol.asyncIterator]()
  const first = results.next()
  await db.execute(create ?? '')
  expect(await first).toMatchObject({ value: { data: { Note: [{ title: 'written in GraphQL' }] } } })
  await results.return?.()
})

test.each([
  ['type Note { at: DateTime @index title: String @index }', 'Note_title_ASC'],
  ['type Point @index(includes: [{ field: "y" }, { field: "x" }]) { x: Int y: Int }', 'Point_y_ASC'],
])('Explain has a plan with an index: %s', async (schema, index) => {
  await using db = await openDatabase({ storage: 'memory', p2p: false, schema })
  const [collection] = await db.collections.describe()
  const examples = collection === undefined ? [] : exampleRequests(collection)
  const { data } = await db.execute(examples.find(({ name }) => name === 'Explain')?.request ?? '')
  expect(JSON.stringify(data)).toContain(`"index":"${index}"`)
})

test.each(['type Note { title: String }', 'type Note { tags: [String!] @index at: DateTime @index }'])(
  'Explain needs an index on something to look for: %s',
  async (schema) => {
    await using db = await openDatabase({ storage: 'memory', p2p: false, schema })
    const [collection] = await db.collections.describe()
    const names = collection === undefined ? [] : exampleRequests(collection).map(({ name }) => name)
    expect(names).toContain('All')
    expect(names).not.toContain('Explain')
  },
)

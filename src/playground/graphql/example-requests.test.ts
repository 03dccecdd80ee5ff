import { expect, test } from 'vitest'

import { openDatabase } from '../../index.node.ts'
import { exampleRequests } from './example-requests.ts'

test.each([
  'type Note { title: String body: String done: Boolean votes: Int @crdt(type: pncounter) written: DateTime }',
  'type Point { x: Float y: Float tags: [String!] }',
  'type Blank { at: DateTime }',
])('every example runs: %s', async (schema) => {
  await using db = await openDatabase({ storage: 'memory', p2p: false, schema })
  const [collection] = await db.collections.describe()
  if (collection === undefined) throw new RangeError('no collection')
  for (const { name, request, variables } of exampleRequests(collection)) {
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

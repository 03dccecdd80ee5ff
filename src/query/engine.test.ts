import { describe, expect, it } from 'vitest'

import { createQueryEngine } from './engine.ts'
import { queryTest, type QueryTest } from './source.testkit.ts'

const SDL =
  'type Users { name: String age: Int height: Float born: DateTime raw: Blob tree: JSON tags: [String!] scores: [Int] active: Boolean }'

async function people(): Promise<QueryTest> {
  const test = queryTest(SDL)
  await test.create(
    'Users',
    { name: 'John', age: 21, height: 1.82, active: true, tags: ['a', 'b'], scores: [1, null, 3] },
    { name: 'Bob', age: 32, height: 1.7, active: false },
    { name: 'Alice', age: 40, tree: { city: 'Bern', rooms: [1, 2] } },
    { name: 'Carlo', age: null, born: '2017-07-23T03:46:56-05:00', raw: '00fe' },
  )
  return test
}

const namesIn = (data: Readonly<Record<string, unknown>>, key = 'Users'): readonly unknown[] => {
  const rows = data[key]
  return Array.isArray(rows) ? rows.map((row: { readonly name: unknown }) => row.name) : []
}

describe('selecting documents', () => {
  it('shows the selected fields in the order of the request, and nothing else', async () => {
    const test = await people()
    const { Users } = await test.data('{ Users(filter: {name: {_eq: "John"}}) { tags age name scores } }')
    expect(JSON.stringify(Users)).toBe('[{"tags":["a","b"],"age":21,"name":"John","scores":[1,null,3]}]')
  })

  it('shows null where a document has no value', async () => {
    const test = await people()
    expect(await test.data('{ Users(filter: {name: {_eq: "Bob"}}) { born tree tags } }')).toEqual({
      Users: [{ born: null, tree: null, tags: null }],
    })
  })

  it('orders by document ID where nothing else is asked', async () => {
    const test = await people()
    const { Users } = await test.data('{ Users { _docID } }')
    const ids = (Users as readonly { readonly _docID: string }[]).map(({ _docID }) => _docID)
    expect(ids).toHaveLength(4)
    expect(ids).toEqual(ids.toSorted())
  })

  it('renames by alias, at the root and below', async () => {
    const test = await people()
    const data = await test.data(
      '{ first: Users(filter: {age: {_eq: 21}}) { who: name } second: Users(filter: {age: {_eq: 32}}) { name again: name } }',
    )
    expect(data).toEqual({ first: [{ who: 'John' }], second: [{ name: 'Bob', again: 'Bob' }] })
  })

  it('resolves fragments, inline and named, and fields that are named twice', async () => {
    const test = await people()
    const request = `
      { Users(filter: {age: {_eq: 21}}) { ...Who ... on Users { age } name ... { height } } ...Rest }
      fragment Who on Users { name active }
      fragment Rest on Query { Users(filter: {age: {_eq: 21}}) { raw } }`
    expect(await test.data(request)).toEqual({ Users: [{ name: 'John', active: true, age: 21, height: 1.82, raw: null }] })
  })

  it('leaves out what @skip and @include say', async () => {
    const test = await people()
    const request =
      'query ($no: Boolean!) { Users(limit: 1, order: {name: ASC}) { name @skip(if: true) age @include(if: $no) height } Users2: Users @skip(if: true) { name } }'
    expect(await test.data(request, { variables: { no: false } })).toEqual({ Users: [{ height: null }] })
  })

  it('runs the named one of several operations', async () => {
    const test = await people()
    const request = 'query A { Users(limit: 1) { __typename } } query B { Users(filter: {age: {_gt: 35}}) { name } }'
    expect(await test.data(request, { operationName: 'B' })).toEqual({ Users: [{ name: 'Alice' }] })
    expect((await test.run(request)).errors?.[0]?.message).toBe('Must provide operation name if query contains multiple operations.')
    expect((await test.run(request, { operationName: 'C' })).errors?.[0]?.message).toBe(
      'Unknown operation named "C". The request has "A", "B".',
    )
  })

  it('answers __typename at every level', async () => {
    const test = await people()
    const data = await test.data('{ __typename Users(limit: 1) { __typename _version { __typename links { __typename } } } }')
    expect(data).toMatchObject({ __typename: 'Query', Users: [{ __typename: 'Users', _version: [{ __typename: 'Commit' }] }] })
  })
})

describe('docID', () => {
  it('reads only these documents, each once', async () => {
    const test = await people()
    const [john, bob] = await test.create('Users', { name: 'J2' }, { name: 'B2' })
    test.source.documentsRead = 0
    const data = await test.data('query ($ids: [ID!]) { Users(docID: $ids) { name } }', {
      variables: { ids: [john, bob, john, 'bae-unknown'] },
    })
    expect(namesIn(data).toSorted()).toEqual(['B2', 'J2'])
    expect(test.source.documentsRead).toBe(2)
  })

  it('takes a single ID without its list, and null for all', async () => {
    const test = await people()
    const [id] = await test.create('Users', { name: 'One' })
    expect(namesIn(await test.data(`{ Users(docID: "${id}") { name } }`))).toEqual(['One'])
    expect(namesIn(await test.data('{ Users(docID: null) { name } }'))).toHaveLength(5)
    expect(namesIn(await test.data('{ Users(docID: []) { name } }'))).toEqual([])
  })

  it('is also what a filter on _docID reads', async () => {
    const test = await people()
    const [id, other] = await test.create('Users', { name: 'One' }, { name: 'Two' })
    test.source.documentsRead = 0
    expect(namesIn(await test.data(`{ Users(filter: {_docID: {_eq: "${id}"}, name: {_ne: null}}) { name } }`))).toEqual(['One'])
    expect(namesIn(await test.data(`{ Users(docID: ["${id}", "${other}"], filter: {_docID: {_in: ["${id}"]}}) { name } }`))).toEqual([
      'One',
    ])
    expect(test.source.documentsRead).toBe(2)
    expect(
      namesIn(await test.data(`{ Users(filter: {_or: [{_docID: {_eq: "${id}"}}, {name: {_eq: "Bob"}}]}) { name } }`)).toSorted(),
    ).toEqual(['Bob', 'One'])
  })
})

describe('order, limit and offset', () => {
  it('sorts by one key and then the next, nulls first', async () => {
    const test = await people()
    await test.create('Users', { name: 'Zoe', age: 32 })
    expect(namesIn(await test.data('{ Users(order: [{age: DESC}, {name: DESC}]) { name } }'))).toEqual([
      'Alice',
      'Zoe',
      'Bob',
      'John',
      'Carlo',
    ])
    expect(namesIn(await test.data('{ Users(order: {age: ASC}) { name } }'))[0]).toBe('Carlo')
  })

  it('sorts by a selected field under its alias', async () => {
    const test = await people()
    expect(namesIn(await test.data('{ Users(order: {_alias: {years: DESC}}, limit: 2) { name years: age } }'))).toEqual(['Alice', 'Bob'])
  })

  it('cuts after sorting', async () => {
    const test = await people()
    expect(namesIn(await test.data('{ Users(order: {name: ASC}, offset: 1, limit: 2) { name } }'))).toEqual(['Bob', 'Carlo'])
    expect(namesIn(await test.data('{ Users(order: {name: ASC}, offset: 3) { name } }'))).toEqual(['John'])
    expect(namesIn(await test.data('{ Users(limit: 0) { name } }'))).toEqual([])
    expect(namesIn(await test.data('{ Users(limit: null, offset: null, order: null, filter: null) { name } }'))).toHaveLength(4)
  })

  it('stops reading once a limit without an order is met', async () => {
    const test = queryTest('type Note { n: Int }')
    await test.create('Note', ...Array.from({ length: 30 }, (_, n) => ({ n })))
    await test.data('{ Note(limit: 2, offset: 1) { n } }')
    expect(test.source.documentsRead).toBe(3)
  })

  it('says what is wrong with an order or a count', async () => {
    const test = await people()
    const messageOf = async (request: string): Promise<string | undefined> => (await test.run(request)).errors?.[0]?.message
    expect(await messageOf('{ Users(order: {age: ASC, name: DESC}) { name } }')).toMatch(
      'each order argument can only define one field; write a list: [{ age: ASC }, { name: DESC }]',
    )
    expect(await messageOf('{ Users(order: {age: UP}) { name } }')).toMatch('Argument "order" has invalid value {age: UP}')
    expect(await messageOf('{ Users(order: {_alias: {years: ASC}}) { name } }')).toMatch('nothing is selected under the name "years"')
    expect(await messageOf('{ Users(limit: -1) { name } }')).toMatch('"limit" counts from 0 and cannot be -1')
  })
})

describe('variables', () => {
  it('fill in filters, whole or in part, with their defaults', async () => {
    const test = await people()
    const request = 'query ($age: Int = 35) { Users(filter: {age: {_gt: $age}}) { name } }'
    expect(namesIn(await test.data(request))).toEqual(['Alice'])
    expect(namesIn(await test.data(request, { variables: { age: 20 } }))).toHaveLength(3)
    const whole = 'query ($filter: UsersFilterArg!, $order: [UsersOrderArg]) { Users(filter: $filter, order: $order) { name } }'
    const variables = { filter: { age: { _lt: 35 } }, order: [{ name: 'DESC' }] }
    expect(namesIn(await test.data(whole, { variables }))).toEqual(['John', 'Bob'])
  })

  it('are checked by their types', async () => {
    const test = await people()
    const request = 'query ($age: Int!) { Users(filter: {age: {_gt: $age}}) { name } }'
    expect((await test.run(request)).errors).toMatchObject([
      { message: 'Variable "$age" of required type "Int!" was not provided.', extensions: { code: 'INVALID_REQUEST' } },
    ])
    expect((await test.run(request, { variables: { age: 1.5 } })).errors?.[0]?.message).toMatch(
      'Int takes a whole number from -2^63 to 2^63 - 1, not 1.5',
    )
  })
})

describe('whole numbers of 64 bits', () => {
  it('go in as literals and variables, and come out exactly', async () => {
    const test = queryTest('type N { n: Int }')
    await test.data('mutation { create_N(input: [{n: 9223372036854775807}, {n: 9007199254740993}]) { n } }')
    await test.data('mutation ($n: Int) { create_N(input: {n: $n}) { n } }', { variables: { n: -9223372036854775808n } })
    expect(await test.data('{ N(order: {n: ASC}) { n } }')).toEqual({
      N: [{ n: -9223372036854775808n }, { n: 9007199254740993n }, { n: 9223372036854775807n }],
    })
    expect(await test.data('{ N(filter: {n: {_eq: 9007199254740993}}) { n } }')).toEqual({ N: [{ n: 9007199254740993n }] })
    expect(await test.data('{ N(filter: {n: {_gt: 9223372036854775806}}) { n } }')).toEqual({ N: [{ n: 9223372036854775807n }] })
  })

  it('are refused beyond', async () => {
    const test = queryTest('type N { n: Int }')
    const { errors } = await test.run('mutation { create_N(input: {n: 9223372036854775808}) { n } }')
    expect(errors?.[0]?.message).toMatch('Int takes a whole number from -2^63 to 2^63 - 1, not 9223372036854775808')
  })
})

describe('mutations', () => {
  it('create documents and select them', async () => {
    const test = queryTest('type Users { name: String score: Int @default(int: 100) }')
    const data = await test.data('mutation { create_Users(input: [{name: "A"}, {name: "B", score: null}]) { name score _docID } }')
    expect(data['create_Users']).toHaveLength(2)
    expect(data['create_Users']).toContainEqual({ name: 'A', score: 100, _docID: expect.stringMatching(/^bae-/) })
    expect(data['create_Users']).toContainEqual({ name: 'B', score: null, _docID: expect.stringMatching(/^bae-/) })
    expect(await test.data('mutation { create_Users(input: null) { name } }')).toEqual({ create_Users: [] })
  })

  it('update what the filter, the IDs or nothing names, and show it as it is now', async () => {
    const test = await people()
    const data = await test.data('mutation { update_Users(filter: {age: {_lt: 35}}, input: {age: 50}) { name age } }')
    expect((data['update_Users'] as readonly object[]).toSorted()).toHaveLength(2)
    expect(data['update_Users']).toContainEqual({ name: 'John', age: 50 })
    expect(namesIn(await test.data('{ Users(filter: {age: {_eq: 50}}) { name } }')).toSorted()).toEqual(['Bob', 'John'])
    const all = await test.data('mutation { update_Users(input: {active: null}) { active } }')
    expect(all['update_Users']).toEqual([{ active: null }, { active: null }, { active: null }, { active: null }])
  })

  it('delete what they name, and show it as deleted', async () => {
    const test = await people()
    expect(await test.data('mutation { delete_Users(filter: {name: {_eq: "Bob"}}) { name _deleted } }')).toEqual({
      delete_Users: [{ name: 'Bob', _deleted: true }],
    })
    expect(await test.data('mutation { delete_Users(filter: {name: {_eq: "Bob"}}) { name } }')).toEqual({ delete_Users: [] })
    expect(namesIn(await test.data('{ Users { name } }'))).toHaveLength(3)
    const shown = await test.data('{ Users(showDeleted: true, filter: {name: {_eq: "Bob"}}) { name _deleted } }')
    expect(shown).toEqual({ Users: [{ name: 'Bob', _deleted: true }] })
  })

  it('upsert one document: update it where it is, create it where it is not', async () => {
    const test = queryTest('type Users { name: String age: Int }')
    const request =
      'mutation ($name: String, $age: Int) { upsert_Users(filter: {name: {_eq: $name}}, create: {name: $name, age: 1}, update: {age: $age}) { name age } }'
    expect(await test.data(request, { variables: { name: 'A', age: 5 } })).toEqual({ upsert_Users: [{ name: 'A', age: 1 }] })
    expect(await test.data(request, { variables: { name: 'A', age: 5 } })).toEqual({ upsert_Users: [{ name: 'A', age: 5 }] })
    await test.create('Users', { name: 'A', age: 9 })
    expect((await test.run(request, { variables: { name: 'A', age: 5 } })).errors?.[0]?.message).toMatch(
      'cannot upsert multiple matching documents',
    )
  })

  it('upsert only with a filter and both inputs', async () => {
    const test = queryTest('type Users { name: String }')
    const upsert = async (given: string): Promise<string | undefined> =>
      (await test.run(`mutation { upsert_Users(${given}) { name } }`)).errors?.[0]?.message
    expect(await upsert('filter: {}, create: null, update: {}')).toMatch('Argument "create" has invalid value <nil>')
    expect(await upsert('filter: null, create: {}, update: {}')).toMatch('Argument "filter" has invalid value <nil>')
  })

  it('see what those before them in the request wrote', async () => {
    const test = queryTest('type Users { name: String }')
    const data = await test.data(
      'mutation { create_Users(input: {name: "A"}) { name } update_Users(filter: {name: {_eq: "A"}}, input: {name: "B"}) { name } }',
    )
    expect(data['update_Users']).toEqual([{ name: 'B' }])
  })

  it('stop at the first that fails', async () => {
    const test = queryTest('type Users { name: String }')
    await test.create('Users', { name: 'A' })
    const result = await test.run('mutation { create_Users(input: {name: "A"}) { name } delete_Users { name } }')
    expect(result).toMatchObject({
      data: { create_Users: null, delete_Users: null },
      errors: [{ path: ['create_Users'], extensions: { code: 'ALREADY_EXISTS' } }],
    })
    expect(namesIn(await test.data('{ Users { name } }'))).toEqual(['A'])
  })

  it('refuse what they cannot do rather than do less', async () => {
    const test = queryTest('type Users { name: String }')
    expect((await test.run('mutation { create_Users(encrypt: true, input: {name: "A"}) { name } }')).errors?.[0]?.extensions?.code).toBe(
      'UNSUPPORTED',
    )
    expect(await test.data('mutation { create_Users(encrypt: null, input: {name: "A"}) { name } }')).toEqual({
      create_Users: [{ name: 'A' }],
    })
  })

  it('do not run with an empty selection', async () => {
    const test = await people()
    expect((await test.run('mutation { delete_Users { } }')).errors?.[0]?.message).toMatch('Unexpected empty IN {}')
    expect(namesIn(await test.data('{ Users { name } }'))).toHaveLength(4)
  })
})

describe('_version', () => {
  it('shows the commit a document consists of, and reads it only where the record does not tell', async () => {
    const test = queryTest('type Users { name: String age: Int }')
    const [id] = await test.create('Users', { name: 'A', age: 1 })
    await test.data('mutation { update_Users(input: {age: 2}) { name } }')
    const { Users } = await test.data('{ Users { _version { cid height docID fieldName } } }')
    expect(Users).toEqual([{ _version: [{ cid: expect.stringMatching(/^bafyrei/), height: 2, docID: id, fieldName: '_C' }] }])
    expect(test.source.commitReads).toBe(0)
    const full = await test.data('{ Users { _version { schemaVersionId delta links { cid name } _count(field: links) } } }')
    expect(full).toEqual({
      Users: [
        {
          _version: [
            {
              schemaVersionId: test.collection('Users').versionId,
              delta: null,
              links: [
                { cid: expect.stringMatching(/^bafyrei/), name: '_head' },
                { cid: expect.stringMatching(/^bafyrei/), name: 'age' },
              ],
              _count: 2,
            },
          ],
        },
      ],
    })
  })
})

describe('errors', () => {
  it('of the text have their place', async () => {
    const test = await people()
    expect(await test.run('{ Users { name }')).toEqual({
      data: null,
      errors: [
        {
          message: 'Syntax Error: Expected Name, found <EOF>.',
          locations: [{ line: 1, column: 17 }],
          extensions: { code: 'INVALID_REQUEST' },
        },
      ],
    })
    expect((await test.run('{\n Users { heigt } }')).errors).toEqual([
      {
        message: 'Cannot query field "heigt" on type "Users". Did you mean "height"?',
        locations: [{ line: 2, column: 10 }],
        extensions: { code: 'INVALID_REQUEST' },
      },
    ])
  })

  it('of one root field leave the others their answers', async () => {
    const test = await people()
    expect(await test.run('{ bad: Users(limit: -1) { name } good: Users(filter: {age: {_eq: 21}}) { name } }')).toEqual({
      data: { bad: null, good: [{ name: 'John' }] },
      errors: [
        {
          message: '"limit" counts from 0 and cannot be -1',
          path: ['bad'],
          locations: [{ line: 1, column: 3 }],
          extensions: { code: 'INVALID_REQUEST' },
        },
      ],
    })
  })

  it('of one stored value cost that value, with its path', async () => {
    const test = queryTest('type Users { name: String age: Int }')
    const [id] = await test.create('Users', { name: 'A', age: 1 })
    test.source.replace(test.collection('Users'), id ?? '', (record) => {
      const age = record.fields.get('age')
      return age === undefined ? record : { ...record, fields: new Map([...record.fields, ['age', { ...age, data: Uint8Array.of(0xff) }]]) }
    })
    expect(await test.run('{ all: Users { name years: age } }')).toEqual({
      data: { all: [{ name: 'A', years: null }] },
      errors: [
        {
          message: expect.any(String),
          path: ['all', 0, 'years'],
          locations: [{ line: 1, column: 21 }],
          extensions: { code: 'CORRUPT_DATA' },
        },
      ],
    })
  })

  it('are given for nonsense of any shape, and the promise never rejects', async () => {
    const test = await people()
    for (const request of [
      '',
      '}',
      '{',
      'query',
      '{ Users',
      '"""',
      '\u0000',
      '{'.repeat(20_000),
      '{ a '.repeat(20_000),
      `{ Users(filter: ${'{_not: '.repeat(20_000)}`,
      '{ ...A } fragment A on Query { ...A }',
    ]) {
      const result = await test.run(request)
      expect(result.data).toBeNull()
      expect(result.errors?.length).toBeGreaterThan(0)
    }
  })

  it('tell of an abort', async () => {
    const test = await people()
    const aborted = await test.run('{ Users { name } }', { signal: AbortSignal.abort() })
    expect(aborted).toMatchObject({ data: null, errors: [{ extensions: { code: 'ABORTED' } }] })
  })

  it('end a query that is aborted while it reads', async () => {
    const test = queryTest('type Note { n: Int }')
    await test.create('Note', ...Array.from({ length: 9 }, (_, n) => ({ n })))
    const controller = new AbortController()
    const documents = test.source.documents.bind(test.source)
    const engine = createQueryEngine(test.collections)
    const source = {
      ...test.source,
      documents: async function* (...given: Parameters<typeof documents>) {
        for await (const batch of documents(...given)) {
          yield batch
          controller.abort()
        }
      },
    }
    const result = await engine.execute('{ Note { n } }', source, { signal: controller.signal })
    expect(result).toEqual({ data: null, errors: [{ message: 'the request was aborted', extensions: { code: 'ABORTED' } }] })
    expect(test.source.documentsRead).toBeLessThan(9)
  })
})

describe('operationKind', () => {
  it('tells reads from writes, and takes what cannot be parsed for a read', () => {
    const { engine } = queryTest('type Users { name: String }')
    expect(engine.operationKind('{ Users { name } }')).toBe('query')
    expect(engine.operationKind('mutation { delete_Users { name } }')).toBe('mutation')
    expect(engine.operationKind('query A { Users { name } } mutation B { delete_Users { name } }', { operationName: 'B' })).toBe('mutation')
    expect(engine.operationKind('mutation {')).toBe('query')
    expect(engine.operationKind('query A { Users { name } } query B { Users { name } }')).toBe('query')
  })
})

describe('find', () => {
  it('gives the IDs of what a filter finds, as an object or as text', async () => {
    const test = await people()
    const users = test.collection('Users')
    const ids = await test.engine.find(users, { age: { _gt: 30 } }, test.source)
    expect(ids).toHaveLength(2)
    expect(ids).toEqual(ids.toSorted())
    expect(await test.engine.find(users, '{age: {_gt: 30}}', test.source)).toEqual(ids)
    expect(await test.engine.find(users, {}, test.source)).toHaveLength(4)
  })

  it('rejects with what is wrong', async () => {
    const test = await people()
    const users = test.collection('Users')
    await expect(test.engine.find(users, '{age: ', test.source)).rejects.toThrow('filter of "Users": "{age: " is no GraphQL value')
    await expect(test.engine.find(users, { nam: null }, test.source)).rejects.toThrow('there is no field "nam"')
    await expect(test.engine.find(users, {}, test.source, { signal: AbortSignal.abort() })).rejects.toThrow()
  })
})

describe('compileFilter', () => {
  it('gives a predicate on records', async () => {
    const test = await people()
    const users = test.collection('Users')
    const isMatch = test.engine.compileFilter(users, { age: { _gt: 30 }, _not: { name: { _like: 'B%' } } })
    const found: string[] = []
    for await (const batch of test.source.documents(users, { showDeleted: false })) {
      for (const { docId, record } of batch) if (isMatch(record, docId)) found.push(docId)
    }
    expect(found).toHaveLength(1)
  })

  it.each([
    [{ nam: { _eq: 'x' } }, 'there is no field "nam" (did you mean "name"?)'],
    [{ name: { _gt: 'x' } }, '"name" (String) has no operator "_gt"'],
    [{ name: 'x' }, '"name" takes operators such as { _eq: "x" }, not "x"'],
    [{ age: { _eq: 'x' } }, 'cannot compare "_eq" with "x": that is no Int'],
    [{ age: { _in: 3 } }, '"age" takes a list behind "_in", not 3'],
    [{ name: { _like: 3 } }, '"name" takes a text behind "_like", not 3'],
    [3, 'a filter of "Users" is an object such as { field: { _eq: … } }, not 3'],
    [{ _alias: { x: { _eq: 1 } } }, 'nothing is selected under the name "x"'],
  ])('refuses %j', async (filter, message) => {
    const test = await people()
    expect(() => test.engine.compileFilter(test.collection('Users'), filter)).toThrow(message)
  })
})

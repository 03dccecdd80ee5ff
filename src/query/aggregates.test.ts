import { describe, expect, it } from 'vitest'

import { queryTest, type QueryTest } from './source.testkit.ts'

async function people(): Promise<QueryTest> {
  const test = queryTest('type Users { name: String age: Int height: Float team: String scores: [Int] vector: [Float32!] }')
  await test.create(
    'Users',
    { name: 'John', age: 32, height: 1.82, team: 'a', scores: [3, null, 1, 2], vector: [2, 4, 1] },
    { name: 'John', age: 38, height: 1.61, team: 'b', scores: [], vector: [1, 0, 0] },
    { name: 'Carlo', age: 55, team: 'a', scores: null },
    { name: 'Alice', age: 19, height: 2, team: 'a' },
    { name: 'Alice', team: 'b' },
  )
  return test
}

describe('aggregates of a collection', () => {
  it('work on all documents, or on those a filter leaves', async () => {
    const test = await people()
    expect(
      await test.data(
        '{ _count(Users: {}) _sum(Users: {field: age}) _avg(Users: {field: age}) _min(Users: {field: age}) _max(Users: {field: height}) }',
      ),
    ).toEqual({
      _count: 5,
      _sum: 144,
      _avg: 36,
      _min: 19,
      _max: 2,
    })
    expect(
      await test.data('{ _count(Users: {filter: {team: {_eq: "a"}}}) young: _sum(Users: {field: age, filter: {age: {_lt: 40}}}) }'),
    ).toEqual({ _count: 3, young: 89 })
  })

  it('work on what order, offset and limit leave', async () => {
    const test = await people()
    expect(
      await test.data('{ _sum(Users: {field: age, order: {age: DESC}, offset: 1, limit: 2}) _count(Users: {limit: 2, offset: 4}) }'),
    ).toEqual({ _sum: 70, _count: 1 })
  })

  it('add up floats in the order of document IDs, whatever index finds them', async () => {
    const weights = [-1e16, 0.1, 0.2, 0.7, 2.5, 1e16]
    const sums: unknown[] = []
    for (const index of ['', '@index', '@index(direction: DESC)']) {
      const test = queryTest(`type Box { weight: Float ${index} shelf: Shelf } type Shelf { boxes: [Box] }`)
      const [shelf] = await test.create('Shelf', {})
      await test.create('Box', ...weights.map((weight) => ({ weight, shelf })))
      const filter = 'filter: {weight: {_gt: -1e17}}'
      sums.push(await test.data(`{ _sum(Box: {field: weight, ${filter}}) Shelf { _avg(boxes: {field: weight, ${filter}}) } }`))
    }
    expect(sums).toEqual([sums[0], sums[0], sums[0]])
  })

  it('of nothing are 0 for sums and means, null for the smallest and largest', async () => {
    const test = queryTest('type Users { age: Int }')
    expect(
      await test.data(
        '{ _count(Users: {}) _sum(Users: {field: age}) _avg(Users: {field: age}) _min(Users: {field: age}) _max(Users: {field: age}) }',
      ),
    ).toEqual({
      _count: 0,
      _sum: 0,
      _avg: 0,
      _min: null,
      _max: null,
    })
  })

  it('take several collections together', async () => {
    const test = queryTest('type A { n: Int } type B { n: Float }')
    await test.create('A', { n: 1 }, { n: 2 })
    await test.create('B', { n: 0.5 })
    expect(await test.data('{ _count(A: {}, B: {}) _sum(A: {field: n}, B: {field: n}) }')).toEqual({ _count: 3, _sum: 3.5 })
  })

  it('are exact for whole numbers of 64 bits', async () => {
    const test = queryTest('type N { n: Int f: Float }')
    await test.create('N', { n: 9007199254740993n, f: 1e300 }, { n: 2, f: 1e300 })
    expect(await test.data('{ _sum(N: {field: n}) _max(N: {field: n}) f: _sum(N: {field: f}) }')).toEqual({
      _sum: 9007199254740995n,
      _max: 9007199254740993n,
      f: 2e300,
    })
  })

  it('stay exact where large whole numbers cancel out', async () => {
    const test = queryTest('type N { n: Int }')
    await test.create('N', { n: 9007199254740993n }, { n: -9007199254740991 })
    expect(await test.data('{ _sum(N: {field: n}) _avg(N: {field: n}) }')).toEqual({ _sum: 2, _avg: 1 })
  })

  it('are compared with numbers also when they are beyond 2^53', async () => {
    const test = queryTest('type N { n: Int ns: [Int!] }')
    await test.create('N', { n: 1, ns: [9007199254740993n, 1] })
    expect(
      await test.data('{ N(filter: {_alias: {sum: {_gt: 9000000000000000, _lt: 9100000000000000}}}) { n sum: _sum(ns: {}) } }'),
    ).toEqual({
      N: [{ n: 1, sum: 9007199254740994n }],
    })
  })

  it('need something to work on', async () => {
    const test = await people()
    expect((await test.run('{ _count }')).errors?.[0]?.message).toMatch('aggregate must be provided with a property to aggregate')
    expect((await test.run('{ _sum(Users: {}) }')).errors?.[0]?.message).toBe(
      'Argument "Users" has invalid value {}.\nIn field "field": Expected "UsersNumericFieldsArg!", found null.',
    )
    expect((await test.run('{ _sum(Users: {field: name}) }')).errors?.[0]?.message).toMatch(
      'Value "name" does not exist in "UsersNumericFieldsArg" enum',
    )
  })
})

describe('aggregates of a document', () => {
  it('work on its lists, filtered, ordered and cut', async () => {
    const test = await people()
    const request = `{ Users(filter: {age: {_eq: 32}}) {
      _count(scores: {}) some: _count(scores: {filter: {_gt: 1}}) _sum(scores: {}) _avg(scores: {}) _max(scores: {order: ASC, limit: 2}) _min(scores: {filter: {_or: [{_eq: 3}, {_eq: 2}]}})
      versions: _count(_version: {}) } }`
    expect(await test.data(request)).toEqual({ Users: [{ _count: 4, some: 2, _sum: 6, _avg: 2, _max: 1, _min: 2, versions: 1 }] })
    expect(await test.data('{ Users(filter: {age: {_eq: 55}}) { _count(scores: {}) _sum(scores: {}) } }')).toEqual({
      Users: [{ _count: 0, _sum: 0 }],
    })
  })

  it('work on its relations', async () => {
    const test = queryTest('type Book { rating: Float author: Author } type Author { name: String published: [Book] }')
    const [ann] = await test.create('Author', { name: 'Ann' }, { name: 'Ben' })
    await test.create('Book', { rating: 4.9, author: ann }, { rating: 4.5, author: ann }, { rating: 1 })
    const request = `{ Author(order: {_alias: {total: DESC}}, filter: {_alias: {books: {_ge: 0}}}) {
      name books: _count(published: {}) total: _sum(published: {field: rating}) best: _max(published: {field: rating, filter: {rating: {_lt: 4.6}}}) _avg(published: {field: rating, order: {rating: ASC}, limit: 1}) } }`
    expect(await test.data(request)).toEqual({
      Author: [
        { name: 'Ann', books: 2, total: 9.4, best: 4.5, _avg: 4.5 },
        { name: 'Ben', books: 0, total: 0, best: null, _avg: 0 },
      ],
    })
    expect(await test.data('{ Author(filter: {_alias: {books: {_gt: 0}}}) { name books: _count(published: {}) } }')).toEqual({
      Author: [{ name: 'Ann', books: 2 }],
    })
  })

  it('compare vectors by their dot product', async () => {
    const test = await people()
    const { Users } = await test.data(
      '{ Users(filter: {_alias: {near: {_gt: 0}}}, order: {_alias: {near: DESC}}) { age near: _similarity(vector: {vector: [1, 2, 0]}) } }',
    )
    expect(Users).toEqual([
      { age: 32, near: 10 },
      { age: 38, near: 1 },
    ])
    const { errors } = await test.run('{ Users(filter: {age: {_eq: 32}}) { _similarity(vector: {vector: [1]}) } }')
    expect(errors).toMatchObject([
      { message: 'source and vector must be of the same length. Source: 3, Vector: 1', path: ['Users', 0, '_similarity'] },
    ])
    expect((await test.run('{ Users { _similarity(scores: {vector: [1]}) } }')).errors?.[0]?.message).toMatch(
      'Unknown argument "scores" on field "_similarity" of type "Users".',
    )
  })
})

describe('groupBy', () => {
  const sorted = (groups: unknown): unknown =>
    (groups as readonly { readonly name: string }[]).toSorted((a, b) => (a.name < b.name ? -1 : 1))

  it('makes one row of documents with equal values', async () => {
    const test = await people()
    const { Users } = await test.data(
      '{ Users(groupBy: [name]) { name __typename _count(_group: {}) _group(order: {age: DESC}) { age } } }',
    )
    expect(sorted(Users)).toEqual([
      { name: 'Alice', __typename: 'Users', _count: 2, _group: [{ age: 19 }, { age: null }] },
      { name: 'Carlo', __typename: 'Users', _count: 1, _group: [{ age: 55 }] },
      { name: 'John', __typename: 'Users', _count: 2, _group: [{ age: 38 }, { age: 32 }] },
    ])
  })

  it('groups by several fields, nulls together', async () => {
    const test = queryTest('type T { a: String b: String n: Int }')
    await test.create('T', { a: 'x', n: 1 }, { a: 'x', b: null, n: 2 }, { a: 'x', b: '', n: 3 }, { a: null, b: 'x', n: 4 })
    const { T } = await test.data('{ T(groupBy: [a, b], order: [{a: ASC}, {b: ASC}]) { a b _count(_group: {}) } }')
    expect(T).toEqual([
      { a: null, b: 'x', _count: 1 },
      { a: 'x', b: null, _count: 2 },
      { a: 'x', b: '', _count: 1 },
    ])
  })

  it('filters before grouping, cuts after, and selects within a group like anywhere', async () => {
    const test = await people()
    const request =
      '{ Users(groupBy: [name], filter: {age: {_gt: 20}}, order: {name: DESC}, limit: 1) { name one: _group(limit: 1, order: {age: ASC}) { age } tall: _group(filter: {height: {_gt: 1.7}}) { age } } }'
    expect(await test.data(request)).toEqual({ Users: [{ name: 'John', one: [{ age: 32 }], tall: [{ age: 32 }] }] })
  })

  it('aggregates groups, and filters and orders by it', async () => {
    const test = await people()
    const request =
      '{ Users(groupBy: [name], filter: {_alias: {oldest: {_gt: 20}}}, order: {_alias: {oldest: DESC}}) { name oldest: _max(_group: {field: age}) _avg(_group: {field: age, filter: {team: {_eq: "a"}}}) } }'
    expect(await test.data(request)).toEqual({
      Users: [
        { name: 'Carlo', oldest: 55, _avg: 55 },
        { name: 'John', oldest: 38, _avg: 32 },
      ],
    })
  })

  it('nests, and aggregates the aggregates inside', async () => {
    const test = await people()
    const request = `{ Users(groupBy: [name], filter: {age: {_ne: null}}, order: {name: ASC}) { name _sum(_group: {field: _avg}) _avg(_group: {field: _count})
      _group(groupBy: [team], order: {team: ASC}) { team _avg(_group: {field: age}) _count(_group: {}) _group { age } } } }`
    expect(await test.data(request)).toEqual({
      Users: [
        { name: 'Alice', _sum: 19, _avg: 1, _group: [{ team: 'a', _avg: 19, _count: 1, _group: [{ age: 19 }] }] },
        { name: 'Carlo', _sum: 55, _avg: 1, _group: [{ team: 'a', _avg: 55, _count: 1, _group: [{ age: 55 }] }] },
        {
          name: 'John',
          _sum: 70,
          _avg: 1,
          _group: [
            { team: 'a', _avg: 32, _count: 1, _group: [{ age: 32 }] },
            { team: 'b', _avg: 38, _count: 1, _group: [{ age: 38 }] },
          ],
        },
      ],
    })
  })

  it('groups by a relation, from both sides', async () => {
    const test = queryTest('type Pass { user: User @primary n: Int } type User { name: String pass: Pass }')
    const [ann] = await test.create('User', { name: 'Ann' }, { name: 'Ben' })
    await test.create('Pass', { user: ann, n: 1 })
    expect(await test.data('{ Pass(groupBy: [user]) { user_id user { name } _group { n } } }')).toEqual({
      Pass: [{ user_id: ann, user: { name: 'Ann' }, _group: [{ n: 1 }] }],
    })
    const { User } = await test.data('{ User(groupBy: [pass_id]) { pass_id _count(_group: {}) } }')
    expect(User).toHaveLength(2)
  })

  it('refuses what a group has no single value of', async () => {
    const test = await people()
    const messageOf = async (request: string): Promise<string | undefined> => (await test.run(request)).errors?.[0]?.message
    expect(await messageOf('{ Users(groupBy: [name]) { name age } }')).toMatch(
      'cannot select a non-group-by field at group-level. Field: age',
    )
    expect(await messageOf('{ Users { name _group { age } } }')).toMatch('_group may only be referenced when within a groupBy request')
    expect(await messageOf('{ Users(groupBy: [name]) { name _group { _count(_group: {}) } } }')).toMatch(
      '_group may only be referenced when within a groupBy request',
    )
    expect(await messageOf('{ Users(groupBy: [name]) { name _sum } }')).toMatch('aggregate must be provided with a property to aggregate')
    expect(await messageOf('{ Users(groupBy: [name]) { name _sum(_group: {field: _avg}) } }')).toMatch('select it there as well')
    expect(await messageOf('{ Users(groupBy: [_group]) { __typename } }')).toMatch('cannot be grouped by "_group"')
  })
})

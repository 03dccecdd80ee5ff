import { describe, expect, it } from 'vitest'

import { queryTest, type QueryTest } from '../source.testkit.ts'

const SDL = 'type Author { name: String age: Int @index books: [Book] } type Book { title: String pages: Int author: Author }'

async function library(): Promise<QueryTest> {
  const test = queryTest(SDL)
  const [ada = '', bob = ''] = await test.create('Author', { name: 'Ada', age: 30 }, { name: 'Bob', age: 40 })
  await test.create(
    'Book',
    { title: 'a', pages: 1, author: ada },
    { title: 'b', pages: 2, author: ada },
    { title: 'c', pages: 3, author: bob },
  )
  return test
}

async function explained(request: string, type = 'simple'): Promise<unknown> {
  const { explain } = await (await library()).data(request.replace('@explain', `@explain(type: ${type})`))
  return explain
}

describe('@explain', () => {
  it('shows what is done to the rows, from the last step to the first', async () => {
    const graph = await explained(
      'query @explain { Author(groupBy: [name], limit: 2, offset: 1, order: { name: DESC }) { name _count(_group: {}) } }',
    )
    expect(graph).toEqual({
      operationNode: [
        {
          selectTopNode: {
            limitNode: {
              limit: 2,
              offset: 1,
              orderNode: {
                orderings: [{ fields: ['name'], direction: 'DESC' }],
                countNode: {
                  sources: [{ fieldName: '_group', filter: null }],
                  groupNode: {
                    groupByFields: ['name'],
                    childSelects: [],
                    selectNode: {
                      docID: null,
                      filter: null,
                      scanNode: expect.objectContaining({ collectionName: 'Author', filter: null }),
                    },
                  },
                },
              },
            },
          },
        },
      ],
    })
  })

  it('names the index that is used, and leaves out the order that it gives', async () => {
    const graph = await explained('query @explain { Author(filter: { age: { _gt: 3 } }, order: { age: DESC }) { name } }')
    const scanNode = expect.objectContaining({ index: 'Author_age_ASC', filter: { age: { _gt: 3 } } })
    expect(graph).toEqual({ operationNode: [{ selectTopNode: { selectNode: { docID: null, filter: null, scanNode } } }] })
  })

  it('tells a filter on related documents from one on the documents themselves', async () => {
    const graph = await explained(
      'query @explain { Book(filter: { pages: { _gt: 1 }, author: { name: { _eq: "Ada" } } }) { title } }',
      'simple',
    )
    const join = { joinType: 'typeJoinOne', direction: 'primary', subTypeName: 'author' }
    expect(graph).toMatchObject({
      operationNode: [
        {
          selectTopNode: {
            selectNode: {
              filter: { author: { name: { _eq: 'Ada' } } },
              typeIndexJoin: { ...join, root: { scanNode: { collectionName: 'Book', filter: { pages: { _gt: 1 } } } } },
            },
          },
        },
      ],
    })
  })

  it('counts, when the operation runs', async () => {
    const graph = await explained('query @explain { Author(filter: { age: { _gt: 35 } }) { name books { title } } }', 'execute')
    expect(graph).toEqual({
      executionSuccess: true,
      sizeOfResult: 1,
      planExecutions: 2,
      operationNode: [
        {
          selectTopNode: {
            selectNode: {
              iterations: 2,
              filterMatches: 1,
              typeIndexJoin: {
                iterations: 2,
                scanNode: { iterations: 2, docFetches: 1, fieldFetches: 2, indexFetches: 1 },
                subTypeScanNode: { iterations: 4, docFetches: 3, fieldFetches: 9, indexFetches: 0 },
              },
            },
          },
        },
      ],
    })
  })

  it('runs mutations when it executes, and only then', async () => {
    const test = await library()
    const mutation = (type: string): string =>
      `mutation @explain(type: ${type}) { update_Author(filter: { age: { _eq: 30 } }, input: { age: 31 }) { name } }`
    expect(await test.data(mutation('debug'))).toEqual({
      explain: { operationNode: [{ updateNode: { selectTopNode: { selectNode: { scanNode: {} } } } }] },
    })
    expect(await test.data('{ Author(order: { age: ASC }) { age } }')).toEqual({ Author: [{ age: 30 }, { age: 40 }] })
    expect(await test.data(mutation('execute'))).toMatchObject({
      explain: { operationNode: [{ updateNode: { iterations: 2, updates: 1 } }] },
    })
    expect(await test.data('{ Author(order: { age: ASC }) { age } }')).toEqual({ Author: [{ age: 31 }, { age: 40 }] })
  })

  it('reports what failed, and where', async () => {
    const test = await library()
    const { data, errors } = await test.run('query @explain(type: execute) { Author(cid: "nonsense") { name } }')
    expect(data).toMatchObject({
      explain: { executionSuccess: false, sizeOfResult: 0, executionErrors: [expect.stringContaining('nonsense')] },
    })
    expect(errors).toMatchObject([{ path: ['Author'] }])
  })

  it('takes its type from a variable, and refuses another', async () => {
    const test = await library()
    const request = 'query ($type: ExplainType) @explain(type: $type) { Author { name } }'
    expect(await test.data(request, { variables: { type: 'debug' } })).toEqual({
      explain: { operationNode: [{ selectTopNode: { selectNode: { scanNode: {} } } }] },
    })
    expect((await test.run(request, { variables: { type: 'all' } })).errors?.[0]?.message).toMatch(/"all"/)
  })
})

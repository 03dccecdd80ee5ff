import { z } from 'zod'

import type { IndexRequest } from '../../schema/index-descriptions.ts'
import { indexToJson } from '../../schema/index-json.ts'
import { route, type Route } from '../route.ts'
import { index, indexRequest, type IndexRequestJson } from '../shapes.ts'

export const indexRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/collections/indexes',
    tag: 'index',
    summary: 'The indexes of all collections',
    answer: z.record(z.string(), z.array(index)),
    inTransaction: true,
    handle: async ({ requests }) => {
      const all = await requests.indexes.list()
      return Object.fromEntries(Object.entries(all).map(([name, indexes]) => [name, indexes.map(indexToJson)]))
    },
  }),
  route({
    method: 'GET',
    path: '/collections/{name}/indexes',
    tag: 'index',
    summary: 'The indexes of a collection',
    answer: z.array(index),
    inTransaction: true,
    handle: async ({ requests, path }) => (await requests.indexes.list(path('name'))).map(indexToJson),
  }),
  route({
    method: 'POST',
    path: '/collections/{name}/indexes',
    tag: 'index',
    summary: 'Adds an index, with the documents that are there',
    body: indexRequest,
    answer: index,
    inTransaction: true,
    handle: async ({ requests, path, signal }, body) =>
      indexToJson(await requests.indexes.create(path('name'), requestOf(body), { signal })),
  }),
  route({
    method: 'DELETE',
    path: '/collections/{name}/indexes/{index}',
    tag: 'index',
    summary: 'Deletes an index',
    inTransaction: true,
    handle: ({ requests, path, signal }) => requests.indexes.drop(path('name'), path('index'), { signal }),
  }),
  route({
    method: 'GET',
    path: '/indexes/violations',
    tag: 'index',
    summary: 'Documents that have what a unique index keeps to one',
    parameters: [{ name: 'collection', what: 'of this collection alone' }],
    answer: z.array(z.object({ collection: z.string(), index: z.string(), docIDs: z.array(z.string()) })),
    inTransaction: true,
    handle: ({ requests, query, signal }) => requests.indexes.violations(query('collection'), { signal }),
  }),
]

function requestOf({ Name, Fields, Unique }: IndexRequestJson): IndexRequest {
  return {
    ...(Name === undefined || Name === '' ? {} : { name: Name }),
    fields: Fields.map((field) => ({ name: field.Name, descending: field.Descending ?? false })),
    unique: Unique ?? false,
  }
}

import { z } from 'zod'

import { DatabaseError } from '../../errors.ts'
import { parseDocumentJson } from '../../document/json.ts'
import { quote } from '../../util/quote.ts'
import type { Collection } from '../../database/database.ts'
import { eventStream, type StreamEvent } from '../event-stream.ts'
import { flag, route, type Call, type Route } from '../route.ts'
import { changed, type ChangedJson } from '../shapes.ts'

const document = z.record(z.string(), z.unknown())
const filter = z.unknown().describe('a filter as GraphQL has it, as a JSON object or as text')

export const documentRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/collections/{name}',
    tag: 'collection',
    summary: 'Creates one document or many, all or none',
    body: z.union([document, z.array(document)]),
    answer: changed,
    inTransaction: true,
    handle: async (call, given) => {
      const documents = Array.isArray(given) ? given : [given]
      return changedOf(await collectionOf(call).create(documents, { signal: call.signal }))
    },
  }),
  route({
    method: 'GET',
    path: '/collections/{name}',
    tag: 'collection',
    summary: 'The IDs of all documents',
    answer: { kind: 'events', what: '`{ "docID": …, "error": "" }` for each document' },
    inTransaction: true,
    handle: async (call) => eventStream(docIDs(call), call.signal),
  }),
  route({
    method: 'PATCH',
    path: '/collections/{name}',
    tag: 'collection',
    summary: 'Updates the documents that match a filter',
    body: z.object({
      filter,
      updater: z.union([z.string(), document]).describe('the new values, as JSON text or as it is'),
    }),
    answer: changed,
    inTransaction: true,
    handle: async (call, body) => {
      const updater = typeof body.updater === 'string' ? parseDocumentJson(body.updater) : body.updater
      // What is no object is refused by the collection, which knows how to say it.
      return changedOf(await collectionOf(call).updateMany(filterOf(body.filter), updater as object, { signal: call.signal }))
    },
  }),
  route({
    method: 'DELETE',
    path: '/collections/{name}',
    tag: 'collection',
    summary: 'Deletes the documents that match a filter',
    body: z.object({ filter }),
    answer: changed,
    inTransaction: true,
    handle: async (call, body) => changedOf(await collectionOf(call).deleteMany(filterOf(body.filter), { signal: call.signal })),
  }),
  route({
    method: 'GET',
    path: '/collections/{name}/{docID}',
    tag: 'collection',
    summary: 'One document',
    parameters: [{ name: 'show_deleted', what: 'the document also when it is deleted', type: 'boolean' }],
    answer: document,
    inTransaction: true,
    handle: async (call) => {
      const found = await collectionOf(call).get(call.path('docID'), { showDeleted: flag(call, 'show_deleted'), signal: call.signal })
      return found ?? noDocument(call)
    },
  }),
  route({
    method: 'PATCH',
    path: '/collections/{name}/{docID}',
    tag: 'collection',
    summary: 'Sets the given fields of one document',
    body: document,
    inTransaction: true,
    handle: (call, patch) => collectionOf(call).update(call.path('docID'), patch, { signal: call.signal }),
  }),
  route({
    method: 'DELETE',
    path: '/collections/{name}/{docID}',
    tag: 'collection',
    summary: 'Deletes one document',
    inTransaction: true,
    handle: async (call) => {
      if (!(await collectionOf(call).delete(call.path('docID'), { signal: call.signal }))) noDocument(call)
    },
  }),
]

function collectionOf({ requests, path }: Call): Collection<object> {
  return requests.collection<object>(path('name'))
}

async function* docIDs(call: Call): AsyncGenerator<StreamEvent, void> {
  for await (const docID of collectionOf(call).docIDs({ signal: call.signal })) yield { data: { docID, error: '' } }
}

function changedOf(docIDs: readonly string[]): ChangedJson {
  return { Count: docIDs.length, DocIDs: [...docIDs] }
}

/** A filter as an object, or as GraphQL text. */
function filterOf(filter: unknown): object | string {
  if ((typeof filter === 'object' && filter !== null) || typeof filter === 'string') return filter
  const message = `the filter is ${quote(filter)}; it takes an object such as {"done": {"_eq": true}}`
  throw new DatabaseError('INVALID_ARGUMENT', message, { argument: 'filter', value: filter })
}

function noDocument({ path }: Call): never {
  const message = `no document for the given ID exists: "${path('name')}" has no document ${quote(path('docID'))}, or it was deleted`
  throw new DatabaseError('NOT_FOUND', message, { what: 'document', id: path('docID') })
}
